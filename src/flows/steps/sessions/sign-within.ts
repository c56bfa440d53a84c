// Signs tokens that a transaction hands out: at once by a key of this process, between two runs by one that AWS KMS holds.
import { type Claims, signJwt } from '../../../crypto/jwt.ts'
import { isOwn, type SigningKey } from '../../../crypto/signing-key.ts'
import type { Tx } from '../transact.ts'
import { methodsOf } from './assurance.ts'

/**
 * Signs claims; nothing is committed where that fails.
 * @param agreed claims that two runs agree on but for times, where a hook may make others of them each time
 * @throws AuthError 503 where the key is held by AWS KMS, which does not sign at present
 */
export const signWithin = (tx: Tx, claims: Claims, key: SigningKey, agreed = claims): Promise<string> =>
  within(tx, key, agreed, () => signJwt(claims, key))

/** The same for something that signs with a key by itself. */
export const within = <T>(tx: Tx, key: SigningKey, agreed: Claims, sign: () => Promise<T>): Promise<T> =>
  isOwn(key) ? sign() : tx.outside(`signature ${essence(agreed)}`, sign)

/** What two runs must agree on: all claims but times. */
export function essence(claims: Claims): string {
  const { iat, exp, auth_time, amr, ...rest } = claims
  return JSON.stringify({ ...rest, methods: methodsOf({ amr }) })
}
