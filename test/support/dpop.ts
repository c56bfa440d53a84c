// Proofs that a client holds a key (RFC 9449 §4.2), right ones and wrong ones.
import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

/** A key of a client. */
export interface ProofKey {
  /** A proof for a request; `claims` and `header` win over what is right. */
  prove(
    method: string,
    address: string,
    options?: { access_token?: string; claims?: object; header?: object },
  ): Promise<string>
  jwk: JWK
  jkt: string
}

/** Makes a key. */
export async function newProofKey(alg = 'ES256'): Promise<ProofKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return {
    jwk,
    jkt: await calculateJwkThumbprint(jwk),
    prove: (htm, htu, { access_token, claims, header } = {}) =>
      new SignJWT({
        jti: randomUUID(),
        htm,
        htu,
        iat: Math.floor(Date.now() / 1000),
        ...(access_token && { ath: createHash('sha256').update(access_token).digest('base64url') }),
        ...claims,
      })
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey),
  }
}
