// The bearer token of a request (RFC 6750 §2.1).
import type { Deps } from '../../../context.ts'
import { type Claims, verifyJwt } from '../../../crypto/jwt.ts'

/** The token of an Authorization header, or null without one of this scheme. */
export const bearerToken = (authorization: string | undefined): string | null =>
  /^bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1] ?? null

/** The token of an Authorization header that comes with a proof of its key (RFC 9449 §7.1), or null. */
export const dpopToken = (authorization: string | undefined): string | null =>
  /^dpop ([^\s]+)$/i.exec(authorization ?? '')?.[1] ?? null

/** The claims of a good token; null without one, where a bad one is as good as none. */
export function bearerClaimsOrNull({ keys, now }: Pick<Deps, 'keys' | 'now'>, authorization?: string): Claims | null {
  const token = bearerToken(authorization)
  if (token === null) return null
  try {
    return verifyJwt(token, keys, now() / 1000)
  } catch {
    return null
  }
}
