// The algorithms that sign tokens (RFC 7518 §3.1, RFC 8037 §3.1): what a key must be, and how each signs and checks.
import { createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'

/** Names of the algorithms that keys of this server may have. */
export type Algorithm = 'HS256' | 'RS256' | 'RS512' | 'ES256' | 'ES512' | 'EdDSA'

/** What an algorithm asks of a key, and what the reference says of a signature that does not fit. */
interface Scheme {
  kty: 'oct' | 'RSA' | 'EC' | 'OKP'
  crv?: string
  hash: string | null
  mismatch: string
}

const rsa = { kty: 'RSA', mismatch: 'crypto/rsa: verification error' } as const
const ecdsa = { kty: 'EC', mismatch: 'crypto/ecdsa: verification error' } as const

export const algorithms: Record<Algorithm, Scheme> = {
  HS256: { kty: 'oct', hash: 'sha256', mismatch: 'signature is invalid' },
  RS256: { ...rsa, hash: 'sha256' },
  RS512: { ...rsa, hash: 'sha512' },
  ES256: { ...ecdsa, crv: 'P-256', hash: 'sha256' },
  ES512: { ...ecdsa, crv: 'P-521', hash: 'sha512' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', hash: null, mismatch: 'ed25519: verification error' },
}

/** Whether a name is one of the algorithms above; names of inherited properties are not. */
export const isAlgorithm = (name: unknown): name is Algorithm =>
  typeof name === 'string' && Object.hasOwn(algorithms, name)

/** A function that signs text with one key: base64url out. */
export function signerOf(alg: Algorithm, key: KeyObject): (text: string) => string {
  const { hash } = algorithms[alg]
  if (alg === 'HS256') return (text) => createHmac('sha256', key).update(text).digest('base64url')
  // JWS wants r ‖ s of fixed length, not DER (RFC 7518 §3.4); the option means nothing to other keys.
  const options = { key, dsaEncoding: 'ieee-p1363' } as const
  return (text) => sign(hash, Buffer.from(text), options).toString('base64url')
}

/** A function that tells whether a signature of text is of one key; HMACs are compared in constant time. */
export function verifierOf(alg: Algorithm, key: KeyObject): (text: string, signature: Buffer) => boolean {
  const { hash } = algorithms[alg]
  if (alg === 'HS256')
    return (text, signature) => {
      const expected = createHmac('sha256', key).update(text).digest()
      return signature.length === expected.length && timingSafeEqual(signature, expected)
    }
  const options = { key, dsaEncoding: 'ieee-p1363' } as const
  return (text, signature) => verify(hash, Buffer.from(text), options, signature)
}
