// Tokens in the compact form of JWS (RFC 7515 §7.1, RFC 7519): signing them and checking them, with the reference's reasons.

import { isJsonObject } from '../json-values.ts'
import { algorithms } from './algorithms.ts'
import type { KeyRing, VerificationKey } from './keys.ts'
import { isOwn, type SigningKey } from './signing-key.ts'
import { forgetToken, recallToken, rememberToken } from './verified-tokens.ts'

/** What a token says; the members named here have been checked for their type. */
export type Claims = Record<string, unknown> & {
  iss?: string
  sub?: string
  aud?: string | string[]
  /** Seconds since the epoch, as are iat and nbf. */
  exp?: number
  iat?: number
  nbf?: number
  email?: string
  phone?: string
  role?: string
  aal?: string
  session_id?: string
  is_anonymous?: boolean
  client_id?: string
  scope?: string
}

/** Why a token is refused. */
export class JwtError extends Error {
  /** The reference's text, safe to show. */
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.name = 'JwtError'
    this.reason = reason
  }
}

/** Longest token that is looked at, in characters. */
const longestToken = 100_000
/** How many seconds `nbf` may be ahead of this server's clock. */
const notBeforeLeeway = 60

/**
 * Signs claims as they are; in a transaction by `signWithin` instead.
 * @throws AuthError 503 where the key is held by AWS KMS, which does not sign at present
 */
export async function signJwt(claims: Claims, key: SigningKey): Promise<string> {
  const text = signedPart(claims, key)
  return `${text}.${isOwn(key) ? key.sign(text) : await key.signElsewhere(text)}`
}

/**
 * Signs claims without waiting.
 * @throws Error where the key is held by AWS KMS
 */
export function signAtOnce(claims: Claims, key: SigningKey): string {
  if (!isOwn(key)) throw new Error(`the key ${key.kid} is held by AWS KMS, which does not sign at once`)
  const text = signedPart(claims, key)
  return `${text}.${key.sign(text)}`
}

const signedPart = (claims: Claims, { header }: SigningKey): string =>
  `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`

/**
 * The claims of a token, if one of our keys signed it and it is in force at `now_seconds`; they are not to be changed.
 * Who it is for and which session it names is left to the caller.
 * @throws JwtError
 */
export function verifyJwt(token: string, ring: KeyRing, now_seconds: number): Claims {
  const known = recallToken<Claims>(ring, token)
  const claims = known ?? verifySignature(token, ring)
  try {
    checkTimes(claims, now_seconds)
  } catch (error) {
    forgetToken(ring, token)
    throw error
  }
  if (!known) rememberToken(ring, token, claims)
  return claims
}

/** Signature and form alone. */
function verifySignature(token: string, ring: KeyRing): Claims {
  if (token.length > longestToken) throw malformed('token is too long')
  const first = token.indexOf('.')
  const last = token.lastIndexOf('.')
  if (first === last || token.indexOf('.', first + 1) !== last)
    throw malformed('token contains an invalid number of segments')
  const header = decodeObject(token.slice(0, first), 'header')
  const claims = decodeObject(token.slice(first + 1, last), 'claim')
  const alg = checkHeader(header, ring)
  const signature = decode(token.slice(last + 1), 'signature')
  const key = findKey(ring, header.kid, alg)
  if (!key.verify(token.slice(0, last), signature)) throw signatureInvalid(algorithms[key.alg].mismatch)
  checkTypes(claims)
  checkTimeTypes(claims)
  return claims
}

const malformed = (what: string): JwtError => new JwtError(`token is malformed: ${what}`)
const unverifiable = (what: string): JwtError => new JwtError(`token is unverifiable: ${what}`)
const signatureInvalid = (what: string): JwtError => new JwtError(`token signature is invalid: ${what}`)
const claimsInvalid = (what: string): JwtError => new JwtError(`token has invalid claims: ${what}`)

function decode(text: string, part: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  // Node skips what is not base64url; only the one spelling that an encoder makes is let through.
  if (bytes.toString('base64url') === text) return bytes
  const stray = text.search(/[^A-Za-z0-9_-]/)
  const at = stray === -1 ? text.length - 1 : stray
  throw malformed(`could not base64 decode ${part}: illegal base64 data at input byte ${at}`)
}

function decodeObject(text: string, part: string): Record<string, unknown> {
  const json = decode(text, part).toString()
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw malformed(`could not JSON decode ${part}: invalid JSON`)
  }
  if (!isJsonObject(value)) throw malformed(`could not JSON decode ${part}: not an object`)
  return value
}

/** Algorithms that the reference knows by name and this server never uses. */
const refused = new Set(['none', 'HS384', 'HS512', 'RS384', 'ES384', 'PS256', 'PS384', 'PS512'])
/** Types of access tokens (RFC 7519 §5.1, RFC 9068 §2.1); other tokens of the same key must not pass for one (RFC 8725 §3.11). */
const types = /^(application\/)?(at\+)?jwt$/i

function checkHeader({ alg, crit, typ }: Record<string, unknown>, ring: KeyRing): string {
  if (typeof alg !== 'string') throw unverifiable('signing method (alg) is unspecified')
  if (!Object.hasOwn(algorithms, alg) && !refused.has(alg)) throw unverifiable('signing method (alg) is unavailable')
  if (!ring.valid_methods.has(alg)) throw signatureInvalid(`signing method ${alg} is invalid`)
  // No extension is understood, so each that must be understood refuses the token (RFC 7515 §4.1.11).
  if (crit !== undefined) throw unverifiable('critical header parameters (crit) are not supported')
  if (typ !== undefined && (typeof typ !== 'string' || !types.test(typ)))
    throw unverifiable('type (typ) is not that of an access token')
  return alg
}

/** The key is chosen by name, and its algorithm is its own, never the token's choice (RFC 8725 §3.1). */
function findKey(ring: KeyRing, kid: unknown, alg: string): VerificationKey {
  if (kid !== undefined && typeof kid !== 'string') throw unverifiable('error while executing keyfunc: kid is not text')
  const named = ring.by_kid.get(kid ?? '')
  if (named?.alg === alg) return named
  if (named && kid !== undefined) throw signatureInvalid('key is of invalid type')
  if (ring.secret?.alg === alg) return ring.secret
  const shown = kid === undefined ? '<nil>' : kid.slice(0, 100)
  throw unverifiable(`error while executing keyfunc: unrecognized JWT kid ${shown} for algorithm ${alg}`)
}

const claimTypes = {
  iss: 'string',
  sub: 'string',
  email: 'string',
  phone: 'string',
  role: 'string',
  aal: 'string',
  session_id: 'string',
  client_id: 'string',
  scope: 'string',
  is_anonymous: 'boolean',
}

/** Makes the members of Claims what their types say; null counts as absent, as with the reference. */
function checkTypes(claims: Record<string, unknown>): asserts claims is Claims {
  for (const name of [...Object.keys(claimTypes), 'aud']) if (claims[name] === null) delete claims[name]
  for (const [name, type] of Object.entries(claimTypes))
    if (claims[name] !== undefined && typeof claims[name] !== type) throw wrongType(name, type)
  const list: unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud ?? '']
  if (!list.every((item) => typeof item === 'string')) throw wrongType('aud', 'string')
}

const wrongType = (name: string, type: string): JwtError =>
  malformed(`could not JSON decode claim: ${name} is not of type ${type}`)

/** RFC 7519 §4.1.4 and §4.1.5; a time that is no number must not read as "never expires". */
function checkTimeTypes(claims: Claims): void {
  for (const name of ['exp', 'iat', 'nbf'] as const) {
    const time: unknown = claims[name]
    if (time === undefined) continue
    if (typeof time !== 'number' || !(Math.abs(time) <= Number.MAX_SAFE_INTEGER)) throw wrongType(name, 'number')
  }
}

function checkTimes(claims: Claims, now: number): void {
  if (claims.exp !== undefined && now >= claims.exp) throw claimsInvalid('token is expired')
  if (claims.nbf !== undefined && now + notBeforeLeeway < claims.nbf) throw claimsInvalid('token is not valid yet')
}
