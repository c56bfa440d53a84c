// What a client is called: an id of ours, or the address of a document that describes it (OAuth Client ID Metadata Document).
import { createHash } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { parseUuid } from '../steps/requests/uuid.ts'
import { isOn } from './oauth-client.ts'

/** Characters of such an address at most. */
const longest = 512

/** Whether a name is the address of a document: https, with a path, in its one spelling, and nothing else in it. */
export function isDocumentAddress(ctx: Pick<Ctx, 'config'>, client_id: string): boolean {
  if (!isOn(ctx, 'client_documents') || client_id.length > longest || !URL.canParse(client_id)) return false
  const { protocol, username, password, pathname, search, hash, href } = new URL(client_id)
  return (
    protocol === 'https:' &&
    href === client_id &&
    `${username}${password}${search}${hash}` === '' &&
    pathname !== '/' &&
    !/[?#]/.test(client_id)
  )
}

/** The id under which a client is kept that a document describes: a UUID of version 8 (RFC 9562 §5.8). */
export function idOfDocument(address: string): string {
  const bytes = createHash('sha256').update(`client document ${address}`).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The id under which a client is kept; null for what is no name of a client. */
export const clientIdOf = (ctx: Pick<Ctx, 'config'>, client_id: string): string | null =>
  isDocumentAddress(ctx, client_id) ? idOfDocument(client_id) : parseUuid(client_id)

/** The name of a client as it calls itself. */
export const shownClientId = ({ id, more }: Pick<OAuthClient, 'id' | 'more'>): string => more.client_document ?? id
