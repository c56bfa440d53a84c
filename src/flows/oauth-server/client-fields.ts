// What applications may ask to be, checked in the same way when they are made and when they are changed (RFC 7591 §2).
import type { Ctx } from '../../context.ts'
import { readAddress } from '../../read-address.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { grantsOf } from './token-grants.ts'

const forbiddenSchemes = ['javascript', 'data', 'file', 'vbscript', 'about', 'blob']
const loopbackHosts = ['localhost', '127.0.0.1', '::1']

/** Why a redirect address cannot be one, or null (RFC 9700 §2.1; security OAS-05). */
export function redirectProblem(uri: string): string | null {
  if (uri === '') return 'redirect URI cannot be empty'
  const address = readAddress(uri)
  if (address === null) return 'invalid URL format'
  const { scheme, host, hostname, fragment } = address
  if (scheme === '' || host === '') return 'must have scheme and host'
  if (forbiddenSchemes.includes(scheme)) return `scheme '${scheme}' is not allowed for security reasons`
  if (scheme === 'http' && !loopbackHosts.includes(hostname)) return 'HTTP scheme only allowed for localhost'
  if (fragment !== '') return 'fragment not allowed in redirect URI'
  if (!URL.canParse(uri) || /[\s\\,]/.test(uri)) return 'must be a valid URL'
  return /^[^/]*\/\/[^/?#]*@/.test(uri) ? 'user information not allowed in redirect URI' : null
}

/** The recorded server counts bytes. */
const bytesOf = (text: string): number => Buffer.byteLength(text)

const maxUris = 10
const maxGrants = 10
const maxName = 1024
const maxUri = 2048

/** Fields of a client that are checked in the same way when it is made and when it is changed. */
export interface ClientFields {
  redirect_uris?: string[] | undefined
  grant_types?: string[] | undefined
  client_name?: string | undefined
  client_uri?: string | undefined
  logo_uri?: string | undefined
}

/** Why fields cannot be a client's, or null; who registers itself may not have every grant. */
export function clientProblem(ctx: Ctx, fields: ClientFields, type?: OAuthClient['registration_type']): string | null {
  const { redirect_uris = [], grant_types = [], client_name = '' } = fields
  if (redirect_uris.length > maxUris) return `redirect_uris cannot exceed ${maxUris} items`
  for (const uri of redirect_uris) {
    const problem = redirectProblem(uri)
    if (problem !== null) return `invalid redirect_uri '${uri}': ${problem}`
  }
  if (grant_types.length > maxGrants) return `grant_types cannot exceed ${maxGrants} items`
  const grants = grantsOf(ctx, type)
  if (!grant_types.every((grant) => grants.includes(grant)))
    return `grant_types must only contain ${grants.map((grant) => `'${grant}'`).join(' and/or ')}`
  if (bytesOf(client_name) > maxName) return `client_name cannot exceed ${maxName} characters`
  for (const name of ['client_uri', 'logo_uri'] as const) {
    const uri = fields[name] ?? ''
    if (bytesOf(uri) > maxUri) return `${name} cannot exceed ${maxUri} characters`
    // People are shown both: a link of another scheme would run in the page that asks them.
    if (uri !== '' && (!/^https?:\/\//i.test(uri) || !URL.canParse(uri) || readAddress(uri) === null))
      return `${name} must be a valid URL`
  }
  return null
}
