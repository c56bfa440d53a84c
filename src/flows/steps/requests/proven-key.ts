// The key that a client proves to hold with a request, in the header DPoP (RFC 9449 §4.3).
import { createHash } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import { hashesMatch } from '../../../crypto/codes.ts'
import { type DpopProof, dpopLeeway_s, readDpopProof } from '../../../crypto/dpop-proof.ts'
import { OAuthError } from '../../../errors.ts'
import { markUsed } from '../../../storage/used-tokens.ts'

/** Seconds for which a proof is good, and remembered. */
const life_s = 300

const refused = (why: string): OAuthError => new OAuthError('invalid_dpop_proof', `Invalid DPoP proof: ${why}`)

/**
 * The thumbprint of the key of the proof that comes with a request, each of which counts once; null without a proof.
 * @param access_token the token that is used with it, whose hash must be in it
 * @throws OAuthError invalid_dpop_proof
 */
export async function provenKey(ctx: Ctx, access_token?: string): Promise<string | null> {
  const text = ctx.header('dpop')
  if (text === undefined || text === '') return null
  const proof = await readDpopProof(text, ctx.now())
  if (!proof) throw refused('it is no proof, or its signature does not hold')
  const why = problemOf(ctx, proof, access_token)
  if (why !== null) throw refused(why)
  const hash = createHash('sha256').update(`dpop:${proof.jkt}:${proof.claims.jti}`).digest('hex')
  const ends_s = Number(proof.claims.iat) + life_s
  if (!(await markUsed(ctx.db, hash, ends_s))) throw refused('it was used before')
  return proof.jkt
}

function problemOf(ctx: Ctx, { claims }: DpopProof, access_token: string | undefined): string | null {
  const { jti, htm, htu, iat, ath } = claims
  const now_s = ctx.now() / 1000
  if (typeof jti !== 'string' || jti === '' || jti.length > 255) return 'jti is missing or too long'
  if (htm !== ctx.method) return 'htm is another method'
  if (typeof htu !== 'string' || !addressesOf(ctx).includes(withoutQuery(htu))) return 'htu is another address'
  if (typeof iat !== 'number' || iat > now_s + dpopLeeway_s || iat < now_s - life_s + dpopLeeway_s)
    return 'iat is not of the last minutes'
  if (access_token === undefined) return null
  const expected = createHash('sha256').update(access_token).digest('base64url')
  return typeof ath === 'string' && hashesMatch(ath, expected) ? null : 'ath is of another token'
}

/** Under which addresses clients may know the endpoint: by the issuer, or as this server is reached. */
const addressesOf = ({ config, path }: Ctx): string[] =>
  [config.jwt_issuer, config.api_external_url].map((base) => withoutQuery(base.replace(/\/+$/, '') + path))

/** An address in the one spelling that is compared, without query and fragment; `''` for none. */
function withoutQuery(address: string): string {
  if (!URL.canParse(address)) return ''
  const { origin, pathname } = new URL(address)
  return `${origin}${pathname}`
}
