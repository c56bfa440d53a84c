// Applications that sign people in through this server: what they may ask to be, and how they are shown (RFC 7591).
import { createHash } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { findOAuthClient, type OAuthClient } from '../../storage/oauth-clients.ts'
import { utcTime } from '../steps/answers/present-user.ts'
import { parseUuid } from '../steps/requests/uuid.ts'

/** @throws AuthError 404 feature_disabled */
export function requireOAuthServer({ config }: Ctx): void {
  if (!config.oauth_server_enabled) throw new AuthError(404, 'feature_disabled', 'OAuth server is disabled')
}

/** How a client proves itself at the token endpoint. */
export const authMethods = ['none', 'client_secret_basic', 'client_secret_post']

/** A list as its column holds it. */
export const listOf = (text: string): string[] => (text === '' ? [] : text.split(','))

/** What a secret is compared with. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** The JSON of a client; its secret is shown when it was made just now. */
export function presentClient(client: OAuthClient, secret?: string): Record<string, unknown> {
  return {
    client_id: client.id,
    ...(secret !== undefined && { client_secret: secret }),
    client_type: client.client_type,
    redirect_uris: listOf(client.redirect_uris),
    token_endpoint_auth_method: client.token_endpoint_auth_method,
    grant_types: listOf(client.grant_types),
    response_types: ['code'],
    ...(client.client_name && { client_name: client.client_name }),
    ...(client.client_uri && { client_uri: client.client_uri }),
    ...(client.logo_uri && { logo_uri: client.logo_uri }),
    registration_type: client.registration_type,
    created_at: utcTime(client.created_at),
    updated_at: utcTime(client.updated_at),
  }
}

/** What people are told of a client. */
export const presentApplication = (
  client: Pick<OAuthClient, 'client_name' | 'client_uri' | 'logo_uri'>,
  id: string,
) => ({
  id,
  ...(client.client_name && { name: client.client_name }),
  ...(client.client_uri && { uri: client.client_uri }),
  ...(client.logo_uri && { logo_uri: client.logo_uri }),
})

/**
 * The client that a path names.
 * @throws AuthError 400 validation_failed; 404 oauth_client_not_found
 */
export async function clientOfPath(ctx: Ctx): Promise<OAuthClient> {
  const id = parseUuid(ctx.path_params.client_id ?? '')
  if (id === null) throw invalid('invalid client_id format')
  return (await findOAuthClient(ctx.db, id)) ?? refuseUnknown()
}

/** @throws AuthError 404 oauth_client_not_found, always */
export function refuseUnknown(): never {
  throw new AuthError(404, 'oauth_client_not_found', 'OAuth client not found')
}

const forbiddenSchemes = ['javascript', 'data', 'file', 'vbscript', 'about', 'blob']
const loopbackHosts = ['localhost', '127.0.0.1', '[::1]']

/** Why a redirect address cannot be one, or null (RFC 9700 §2.1; security OAS-05). */
function redirectProblem(uri: string): string | null {
  if (uri === '') return 'redirect URI cannot be empty'
  const [, scheme = '', authority = ''] = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([^/?#]*)/.exec(uri) ?? []
  if (scheme === '' || authority === '') return 'must have scheme and host'
  const name = scheme.toLowerCase()
  if (forbiddenSchemes.includes(name)) return `scheme '${name}' is not allowed for security reasons`
  if (!URL.canParse(uri) || /[\s\\,]/.test(uri)) return 'must be a valid URL'
  const url = new URL(uri)
  if (name === 'http' && !loopbackHosts.includes(url.hostname)) return 'HTTP scheme only allowed for localhost'
  if (uri.includes('#')) return 'fragment not allowed in redirect URI'
  return authority.includes('@') ? 'user information not allowed in redirect URI' : null
}

const maxUris = 10
const maxGrants = 10
const maxName = 1024
const maxUri = 2048
const grants = ['authorization_code', 'refresh_token']

/** Fields of a client that are checked in the same way when it is made and when it is changed. */
export interface ClientFields {
  redirect_uris?: string[] | undefined
  grant_types?: string[] | undefined
  client_name?: string | undefined
  client_uri?: string | undefined
  logo_uri?: string | undefined
}

/** Why fields cannot be a client's, or null. */
export function clientProblem(fields: ClientFields): string | null {
  const { redirect_uris = [], grant_types = [], client_name = '' } = fields
  if (redirect_uris.length > maxUris) return `redirect_uris cannot exceed ${maxUris} items`
  for (const uri of redirect_uris) {
    const problem = redirectProblem(uri)
    if (problem !== null) return `invalid redirect_uri '${uri}': ${problem}`
  }
  if (grant_types.length > maxGrants) return `grant_types cannot exceed ${maxGrants} items`
  if (!grant_types.every((grant) => grants.includes(grant)))
    return "grant_types must only contain 'authorization_code' and/or 'refresh_token'"
  if (client_name.length > maxName) return `client_name cannot exceed ${maxName} characters`
  for (const name of ['client_uri', 'logo_uri'] as const) {
    const uri = fields[name] ?? ''
    if (uri.length > maxUri) return `${name} cannot exceed ${maxUri} characters`
    // People are shown both: a link of another scheme would run in the page that asks them.
    if (uri !== '' && (!/^https?:\/\//i.test(uri) || !URL.canParse(uri))) return `${name} must be a valid URL`
  }
  return null
}
