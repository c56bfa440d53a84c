// ID tokens of OpenID providers: signature, issuer, times, and what binds them to an access token.
import { createHash, timingSafeEqual } from 'node:crypto'
import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import type { Discovery, IssuerPlace } from './discovery.ts'
import { type Json, object, parseJson, text } from './read-answer.ts'

/** Signature algorithms that are accepted where the issuer says that it uses them; never `none` or a shared secret. */
const algorithms = new Set([
  ...['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519'],
])
/** How far `nbf` may lie ahead, in milliseconds. */
const early_ms = 300_000
/** Characters of a token at most. */
const maxLength = 65_536

/** What is asked of a token beside its signature. */
export interface IdTokenRules {
  place: IssuerPlace
  /** Which `iss` is right; the issuer's own without it. */
  accepts_issuer?: (iss: string) => boolean
  /** Compared with `at_hash` when both are there. */
  access_token?: string
}

/** An ID token that is not acceptable. */
export class IdTokenError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'IdTokenError'
  }
}

/** The claims of a token that nobody has checked; `{}` for no token. */
export function unverifiedClaims(token: string): Json {
  try {
    return object(parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()))
  } catch {
    return {}
  }
}

/**
 * The claims of a token (OpenID Connect Core §3.1.3.7, without the audience, see `hasAudience`).
 * @throws IdTokenError, DiscoveryError when keys cannot be had
 */
export async function verifyIdToken(
  token: string,
  rules: IdTokenRules,
  tools: { discovery: Discovery; now: () => number; signal: AbortSignal },
): Promise<Json> {
  if (token === '' || token.length > maxLength) throw new IdTokenError('the ID token is missing or too long')
  const { place } = rules
  const document = await tools.discovery.document(place, tools.signal)
  const offered = document.algorithms.filter((name) => algorithms.has(name))
  const accepted = offered.length > 0 ? offered : ['RS256']
  const { payload, alg } = await verifySignature(token, accepted, (again) =>
    tools.discovery.keys(document.jwks_uri, tools.signal, again),
  )
  const isRight = rules.accepts_issuer ?? ((iss: string) => iss === place.issuer)
  if (!isRight(text(payload.iss))) throw new IdTokenError('the ID token is of another issuer')
  checkTimes(payload, tools.now())
  if (rules.access_token && payload.at_hash !== undefined) checkAccessToken(payload, alg, rules.access_token)
  return payload
}

async function verifySignature(
  token: string,
  accepted: string[],
  keysOf: (again: boolean) => Promise<JSONWebKeySet>,
): Promise<{ payload: Json; alg: string }> {
  for (const again of [false, true]) {
    const keys = await keysOf(again)
    try {
      return await verifyWith(token, keys, accepted)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey && !again) continue
      throw new IdTokenError('the signature of the ID token does not hold', error)
    }
  }
  throw new IdTokenError('no key of the issuer fits the ID token')
}

async function verifyWith(token: string, keys: JSONWebKeySet, accepted: string[]) {
  const options = { algorithms: accepted }
  const read = ({ payload, protectedHeader }: { payload: Uint8Array; protectedHeader: { alg: string } }) => ({
    payload: object(parseJson(new TextDecoder('utf-8', { fatal: true }).decode(payload))),
    alg: protectedHeader.alg,
  })
  try {
    return read(await compactVerify(token, createLocalJWKSet(keys), options))
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const verified = await compactVerify(token, key, options).catch(() => null)
      if (verified) return read(verified)
    }
    throw error
  }
}

function checkTimes(payload: Json, now_ms: number): void {
  const { exp, nbf } = payload
  if (typeof exp !== 'number' || exp * 1000 <= now_ms) throw new IdTokenError('the ID token is expired')
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf * 1000 > now_ms + early_ms))
    throw new IdTokenError('the ID token is not in force yet')
}

/** The left half of the access token's hash is in the ID token (OpenID Connect Core §3.1.3.6). */
function checkAccessToken(payload: Json, alg: string, access_token: string): void {
  const digest = createHash(alg.startsWith('Ed') ? 'sha512' : `sha${alg.slice(2)}`)
    .update(access_token)
    .digest()
  const [expected, given] = [digest.subarray(0, digest.length / 2), Buffer.from(text(payload.at_hash), 'base64url')]
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new IdTokenError('the access token is not the one of the ID token')
}

/** The audiences of a token. */
export const audiencesOf = (payload: Json): string[] =>
  payload.aud === undefined ? [] : [payload.aud].flat().map(text)

/** Whether a token is for one of our clients. */
export const hasAudience = (payload: Json, clients: readonly string[]): boolean =>
  audiencesOf(payload).some((aud) => aud !== '' && clients.includes(aud))
