// private_key_jwt: a client proves itself by a token that it signed, each of which counts once (RFC 7521 §4.2, RFC 7523 §3).
import { createHash } from 'node:crypto'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { Ctx } from '../../context.ts'
import { isModestKey } from '../../crypto/modest-key.ts'
import { unverifiedClaims } from '../../providers/id-token.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { markUsed } from '../../storage/used-tokens.ts'

/** Signature algorithms of assertions: never a shared secret. */
export const assertionAlgorithms = ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA']

/** The only type of assertions (RFC 7523 §2.2). */
export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Seconds that an assertion may still be good for: what was used is remembered as long. */
const longest_s = 3600
/** Seconds by which the clock of a client may be wrong. */
const leeway_s = 30

/** The client that an assertion says it is of, before anything is checked. */
export function clientOfAssertion(assertion: string): string {
  const { sub } = unverifiedClaims(assertion)
  return typeof sub === 'string' ? sub : ''
}

/** Why an assertion proves nothing; null when it proves the client, which it does once. */
export async function assertionProblem(ctx: Ctx, client: OAuthClient, assertion: string): Promise<string | null> {
  const claims = await verify(ctx, client, assertion)
  if (typeof claims === 'string') return claims
  const { aud, exp = 0, jti } = claims
  const own = audiencesOf(ctx)
  // One that is for others as well would be theirs to use here (RFC 9700 §4.9).
  if (![aud].flat().every((name) => own.includes(name ?? ''))) return 'aud names somebody else'
  if (exp > ctx.now() / 1000 + longest_s) return `exp is more than ${longest_s} seconds ahead`
  if (typeof jti !== 'string' || jti === '' || jti.length > 255) return 'jti is missing or too long'
  const hash = createHash('sha256').update(`client assertion:${client.id}:${jti}`).digest('hex')
  return (await markUsed(ctx.db, hash, exp + leeway_s)) ? null : 'it was used before'
}

/** What assertions may name as the one that they are for: this issuer, or an endpoint where clients prove themselves. */
function audiencesOf({ config, path }: Ctx): string[] {
  const base = config.jwt_issuer.replace(/\/+$/, '')
  return [config.jwt_issuer, base, `${base}/oauth/token`, `${base}${path}`]
}

async function verify(ctx: Ctx, client: OAuthClient, assertion: string): Promise<JWTPayload | string> {
  for (const again of [false, true]) {
    const keys = await keysOf(ctx, client, again)
    if (!keys) return 'the keys of the client cannot be had'
    try {
      const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys), {
        algorithms: assertionAlgorithms,
        issuer: client.id,
        subject: client.id,
        audience: audiencesOf(ctx),
        requiredClaims: ['exp', 'jti'],
        clockTolerance: leeway_s,
        currentDate: new Date(ctx.now()),
      })
      return payload
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey
      if (isUnknown && !again && client.more.jwks_uri) continue
      return error instanceof errors.JOSEError ? error.message : 'it cannot be read'
    }
  }
  return 'no key of the client fits'
}

/** The keys of a client; null when its address does not give them. */
async function keysOf(ctx: Ctx, { more }: OAuthClient, again: boolean): Promise<JSONWebKeySet | null> {
  if (more.jwks) return more.jwks as unknown as JSONWebKeySet
  if (!more.jwks_uri) return null
  const found = await ctx.providers.keysAt(more.jwks_uri, again).catch(() => null)
  return found && { keys: found.keys.filter(isModestKey) }
}
