// Which entries of the audit log a request asks for.
import { isIP } from 'node:net'
import type { Ctx } from '../../context.ts'
import { invalid } from '../../errors.ts'
import type { AuditEntry, AuditPlace, AuditSearch } from '../../storage/audit-log.ts'
import { readText, readTime } from '../steps/requests/query-values.ts'
import { isUuid, parseUuid } from '../steps/requests/uuid.ts'

/** Members of the payload that the scopes of `query` look at. */
const scopes = {
  author: ['actor_username', 'actor_name'],
  action: ['action'],
  type: ['log_type'],
} as const

/**
 * The search of a query.
 * @throws AuthError 400 validation_failed
 */
export function readAuditSearch(ctx: Ctx): AuditSearch {
  const containing = readQuery(ctx.query.get('query') ?? '')
  const user_id = readUser(ctx)
  const action = readText(ctx, 'action')
  if (action !== undefined && !/^[a-z_]+$/.test(action)) throw invalid('action must be the name of one, such as login')
  const ip_address = readText(ctx, 'address')
  if (ip_address !== undefined && isIP(ip_address) === 0) throw invalid('address must be an IP address')
  const created_after = readTime(ctx, 'created_after')
  const created_before = readTime(ctx, 'created_before')
  return {
    ...(containing && { containing }),
    ...(user_id !== undefined && { user_id }),
    ...(action !== undefined && { action }),
    ...(ip_address !== undefined && { ip_address }),
    ...(created_after !== undefined && { created_after }),
    ...(created_before !== undefined && { created_before }),
  }
}

function readUser(ctx: Ctx): string | undefined {
  const text = ctx.query.get('user')
  if (text === null) return undefined
  const id = parseUuid(text)
  if (id === null) throw invalid('user must be a UUID')
  return id
}

function readQuery(query: string): AuditSearch['containing'] | null {
  if (query === '') return null
  const [, scope = '', text = ''] = /^(author|action|type):(.*)$/s.exec(query) ?? []
  if (scope === '' || text.includes('\0') || !text.isWellFormed())
    throw invalid(`Invalid query scope: ${query.slice(0, 255)}`)
  return { members: scopes[scope as keyof typeof scopes], text }
}

/** The place in the list behind which a page begins; undefined at its beginning. @throws AuthError 400 validation_failed */
export function readAuditCursor(text: string): AuditPlace | undefined {
  if (text === '') return undefined
  const [, created_at = '', id = ''] =
    /^(\d{4}-[\d:.T-]{1,32}Z)~(.{36})$/.exec(Buffer.from(text, 'base64url').toString()) ?? []
  if (Number.isNaN(Date.parse(created_at)) || !isUuid(id)) throw invalid('cursor is none of this list')
  return { created_at, id }
}

/** The cursor of the page behind an entry. */
export const auditCursorAfter = ({ created_at, id }: AuditPlace): string =>
  Buffer.from(`${created_at}~${id}`).toString('base64url')

/** An entry as it is shown; `full` with its address. */
export function presentAuditEntry({ id, payload, created_at, ip_address }: AuditEntry, { full }: { full: boolean }) {
  const { ip_address: address, ...recorded } = payload
  return { id, payload: recorded, created_at, ip_address: full ? ip_address || (address ?? '') : ip_address }
}
