// Proofs that a client holds a key (RFC 9449 §4): their form and signature; whom and what they are for is the caller's to check.
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose'
import { isModestKey } from './modest-key.ts'

/** Signature algorithms of proofs: never a shared secret. */
export const dpopAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519']

/** Seconds by which the clock of a client may be ahead. */
export const dpopLeeway_s = 60

/** Characters of a proof at most: an RSA key of 4,096 bits fits. */
const longest = 4096

/** What a good proof says. */
export interface DpopProof {
  claims: JWTPayload
  /** Thumbprint of its key (RFC 7638). */
  jkt: string
}

/** Reads a proof; null where the header holds none, several, a private key, or a signature that does not hold. */
export async function readDpopProof(text: string, now_ms: number): Promise<DpopProof | null> {
  if (text.length > longest) return null
  try {
    if (!isModestKey(decodeProtectedHeader(text).jwk)) return null
    const { payload, protectedHeader } = await jwtVerify(text, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: dpopAlgorithms,
      clockTolerance: dpopLeeway_s,
      currentDate: new Date(now_ms),
    })
    const { jwk } = protectedHeader
    return jwk ? { claims: payload, jkt: await calculateJwkThumbprint(jwk) } : null
  } catch {
    return null
  }
}
