// What applications may ask of people, in a browser's address or pushed beforehand (RFC 6749 §4.1.1, RFC 7636, RFC 8707).
import type { Ctx } from '../../context.ts'
import { invalid } from '../../errors.ts'
import { readAddress } from '../../read-address.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { text } from '../steps/requests/fields.ts'
import { isOn, listOf } from './oauth-client.ts'

/** The parameters that are read, as fields of a body. */
export const parameterFields = {
  redirect_uri: text,
  response_type: text,
  scope: text,
  state: text,
  nonce: text,
  resource: text,
  code_challenge: text,
  code_challenge_method: text,
  dpop_jkt: text,
  prompt: text,
  max_age: text,
}

/** The parameters of a request for authorization; `''` for those that are not there. */
export type AuthorizationParameters = Record<keyof typeof parameterFields, string>

/** Reads the parameters by a function that gives each. */
export const readParameters = (given: (name: string) => string): AuthorizationParameters =>
  Object.fromEntries(Object.keys(parameterFields).map((name) => [name, given(name)])) as AuthorizationParameters

/** Scopes that applications may ask for. */
export const knownScopes = ['openid', 'profile', 'email', 'phone', 'offline_access']

const maxima = { redirect_uri: 2048, scope: 2048, state: 4096, nonce: 255, resource: 2048 } as const

/** @throws AuthError 400 validation_failed for a parameter that is too long */
export function requireShortParameters(asked: AuthorizationParameters): void {
  for (const [name, most] of Object.entries(maxima))
    if (asked[name as keyof typeof maxima].length > most) throw invalid(`${name} cannot exceed ${most} characters`)
}

/**
 * Looks at the address that a code is to be sent to: one that the client registered, letter by letter (RFC 9700 §2.1).
 * @throws AuthError 400 validation_failed
 */
export function requireOwnRedirect({ redirect_uris }: Pick<OAuthClient, 'redirect_uris'>, redirect_uri: string): void {
  if (!listOf(redirect_uris).includes(redirect_uri)) throw invalid('invalid redirect_uri')
}

/** The scope that is asked for; the configured one where none is. */
export const scopeOf = ({ config }: Ctx, { scope }: Pick<AuthorizationParameters, 'scope'>): string =>
  scope || config.oauth_server_default_scope

/** Why people cannot be asked for this, or null. */
export const parametersProblem = (ctx: Ctx, asked: AuthorizationParameters): string | null =>
  responseProblem(asked.response_type) ??
  scopeProblem(scopeOf(ctx, asked)) ??
  resourceProblem(asked.resource) ??
  challengeProblem(asked.code_challenge, asked.code_challenge_method) ??
  (isOn(ctx, 'dpop') ? keyProblem(asked.dpop_jkt) : null) ??
  (isOn(ctx, 'prompt') ? promptProblem(asked.prompt, asked.max_age) : null)

/** Values of `prompt` (OpenID Connect Core §3.1.2.1); which account, people are asked anyway. */
export const prompts = ['none', 'login', 'consent', 'select_account']

function promptProblem(prompt: string, max_age: string): string | null {
  const words = wordsOf(prompt)
  const unknown = words.find((word) => !prompts.includes(word))
  if (unknown !== undefined) return `unsupported prompt: ${unknown}`
  if (words.includes('none') && words.length > 1) return 'prompt none must stand alone'
  return /^\d{0,9}$/.test(max_age) ? null : 'max_age must be a number of seconds'
}

/** Tells the application which server answers, so that no other can pass for it (RFC 9207). */
export const issuerParameter = (ctx: Ctx): Record<string, string> =>
  isOn(ctx, 'iss') ? { iss: ctx.config.jwt_issuer } : {}

/** A thumbprint by SHA-256 (RFC 9449 §10). */
const keyProblem = (jkt: string): string | null =>
  jkt === '' || /^[A-Za-z0-9_-]{43}$/.test(jkt) ? null : 'dpop_jkt must be the thumbprint of a key'

/** The words of a scope, in their order; one that stands twice is there twice. */
export const wordsOf = (scope: string): string[] =>
  scope.split(' ').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]))

const responseProblem = (type: string): string | null =>
  type === '' || type === 'code' ? null : 'only response_type=code is supported'

/** Why a scope is none that people can be asked for, or null. */
export function scopeProblem(scope: string): string | null {
  if (scope === '') return 'scope parameter is required'
  const words = wordsOf(scope)
  if (words.length === 0) return 'scope parameter cannot be empty'
  const unknown = words.find((word) => !knownScopes.includes(word))
  return unknown === undefined ? null : `unsupported scope: ${unknown}`
}

/** Why an address is none of an API that tokens can be for, or null (RFC 8707 §2). */
export function resourceProblem(resource: string): string | null {
  if (resource === '') return null
  const address = readAddress(resource)
  if (address === null) return 'resource must be a valid URI'
  if (address.scheme === '') return 'resource must be an absolute URI'
  if (address.fragment !== '') return 'resource must not include a fragment component'
  return address.query === '' ? null : 'resource must not include a query component'
}

/** Every client needs PKCE, and only the method that keeps the verifier secret counts (RFC 9700 §2.1.1; OAS-03). */
function challengeProblem(challenge: string, method: string): string | null {
  if (challenge === '' || method === '') return 'PKCE flow requires both code_challenge and code_challenge_method'
  if (method.toLowerCase() === 'plain') return "code_challenge_method must be 'S256'"
  if (method.toLowerCase() !== 's256') return "code_challenge_method must be 'S256' or 'plain'"
  const length = Buffer.byteLength(challenge)
  if (length < 43 || length > 128) return 'code_challenge must be between 43 and 128 characters'
  return null
}
