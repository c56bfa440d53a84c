// Keys of strangers: none whose use costs more than that of a key of ours.

/** Characters of an RSA modulus of 4,096 bits and of a public exponent of 48, in base64url. */
const longest = { n: 684, e: 8 } as const

/** Whether checking a signature with a JWK takes no longer than it should (RFC 8725 §2.10). */
export function isModestKey(jwk: unknown): boolean {
  const { n = '', e = '' } = Object(jwk)
  return String(n).length <= longest.n && String(e).length <= longest.e
}
