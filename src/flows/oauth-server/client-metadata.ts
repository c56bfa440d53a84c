// What applications may say of themselves beyond the recorded fields: a row a field, read while its feature is on.
import { z } from 'zod'
import type { OAuthFeature } from '../../config/oauth-keys.ts'
import type { Ctx } from '../../context.ts'
import { isModestKey } from '../../crypto/modest-key.ts'
import type { ClientMetadata, OAuthClient } from '../../storage/oauth-clients.ts'
import { redirectProblem } from './client-fields.ts'
import { isOn } from './oauth-client.ts'

interface Field {
  name: Exclude<keyof ClientMetadata, 'token_endpoint_auth_method'>
  feature: OAuthFeature
  /** Whether only administrators may set it: it opens what others must not open for themselves. */
  by_administrators?: boolean
  /** Why a value cannot be one, as the end of a sentence that begins with the name; null when it can. */
  problem(value: unknown): string | null
}

const notBoolean = (value: unknown) => (typeof value === 'boolean' ? null : 'must be true or false')

const fields: readonly Field[] = [
  { name: 'jwks', feature: 'private_key_jwt', problem: keysProblem },
  { name: 'jwks_uri', feature: 'private_key_jwt', problem: addressProblem },
  { name: 'scope', feature: 'client_credentials', by_administrators: true, problem: scopeProblem },
  { name: 'dpop_bound_access_tokens', feature: 'dpop', problem: notBoolean },
  { name: 'require_pushed_authorization_requests', feature: 'par', problem: notBoolean },
  { name: 'post_logout_redirect_uris', feature: 'logout', problem: redirectsProblem },
  { name: 'backchannel_logout_uri', feature: 'logout', problem: addressProblem },
  { name: 'backchannel_logout_session_required', feature: 'logout', problem: notBoolean },
  { name: 'introspects_all', feature: 'introspection', by_administrators: true, problem: notBoolean },
]

/** The fields in the schema of a body; of which type they must be is looked at while they are read. */
export const metadataFields = {
  jwks: z.unknown().optional(),
  jwks_uri: z.unknown().optional(),
  scope: z.unknown().optional(),
  dpop_bound_access_tokens: z.unknown().optional(),
  require_pushed_authorization_requests: z.unknown().optional(),
  post_logout_redirect_uris: z.unknown().optional(),
  backchannel_logout_uri: z.unknown().optional(),
  backchannel_logout_session_required: z.unknown().optional(),
  introspects_all: z.unknown().optional(),
}

/** Reads the fields that are switched on; gives why one cannot be, or what they say. */
export function readMetadata(
  ctx: Ctx,
  body: { [Name in Field['name']]?: unknown },
  type: OAuthClient['registration_type'],
): { problem: string } | { metadata: ClientMetadata } {
  const read = fields.filter(
    ({ name, feature, by_administrators }) =>
      body[name] !== undefined && isOn(ctx, feature) && !(by_administrators && type === 'dynamic'),
  )
  for (const { name, problem } of read) {
    const found = problem(body[name])
    if (found !== null) return { problem: `${name} ${found}` }
  }
  return { metadata: Object.fromEntries(read.map(({ name }) => [name, body[name]])) }
}

/** Why metadata cannot go with a way in which a client proves itself, or null (RFC 7591 §2). */
export function authProblem(method: string, { jwks, jwks_uri }: ClientMetadata): string | null {
  if (jwks && jwks_uri) return 'jwks and jwks_uri cannot both be there'
  if (method === 'private_key_jwt' && !jwks && !jwks_uri) return 'private_key_jwt needs jwks or jwks_uri'
  return null
}

const maxKeys = 10
const maxKeysText = 32_768
/** Members of a JWK that nobody but its owner may know (RFC 7518 §6). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

function keysProblem(value: unknown): string | null {
  const keys: unknown = Reflect.get(Object(value), 'keys')
  if (!Array.isArray(keys) || keys.length === 0) return 'must be a set of keys (RFC 7517 §5)'
  if (keys.length > maxKeys || JSON.stringify(value).length > maxKeysText) return `cannot hold over ${maxKeys} keys`
  const isKey = (key: unknown) => typeof key === 'object' && key !== null && typeof Reflect.get(key, 'kty') === 'string'
  if (!keys.every(isKey)) return 'must be a set of keys (RFC 7517 §5)'
  if (!keys.every(isModestKey)) return 'cannot hold RSA keys of over 4096 bits'
  const holdsSecret = keys.some((key) => privateMembers.some((name) => Object.hasOwn(key, name)))
  return holdsSecret ? 'must hold public keys only' : null
}

function addressProblem(value: unknown): string | null {
  if (typeof value !== 'string' || !URL.canParse(value)) return 'must be a valid URL'
  const { protocol, username } = new URL(value)
  return protocol === 'https:' && username === '' ? null : 'must be an https address without a user name'
}

function redirectsProblem(value: unknown): string | null {
  if (!Array.isArray(value) || value.length > 10) return 'must be a list of 10 addresses at most'
  for (const uri of value) {
    const problem = typeof uri === 'string' && uri.length <= 2048 ? redirectProblem(uri) : 'must be a text'
    if (problem !== null) return `holds an address that cannot be one: ${problem}`
  }
  return null
}

/** Words of RFC 6749 §3.3. */
function scopeProblem(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 2048) return 'must be a text of 2048 characters at most'
  return /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(value)
    ? null
    : 'must be words with spaces between'
}
