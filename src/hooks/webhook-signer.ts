// Signatures of Standard Webhooks: HMAC-SHA-256 (v1) and Ed25519 (v1a) over `<id>.<timestamp>.<body>`.
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'

/** Makes one signature, version included. */
export type WebhookSigner = (id: string, timestamp: string, body: string) => string

const symmetric = /^v1,whsec_([A-Za-z0-9+/=]{32,88})$/
const asymmetric = /^v1a,whpk_([A-Za-z0-9+/=]+):whsk_([A-Za-z0-9+/=]+)$/

/**
 * The signer of a secret `v1,whsec_<base64>` or `v1a,whpk_<base64>:whsk_<base64>`.
 * @throws Error that does not repeat the secret, when it is neither
 */
export function webhookSigner(secret: string): WebhookSigner {
  const [, shared] = symmetric.exec(secret) ?? []
  if (shared !== undefined) {
    const key = Buffer.from(shared, 'base64')
    return (id, timestamp, body) =>
      `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  }
  const [, public_key, secret_key] = asymmetric.exec(secret) ?? []
  if (public_key === undefined || secret_key === undefined)
    throw new Error('a secret is neither v1,whsec_<base64> nor v1a,whpk_<base64>:whsk_<base64>')
  const key = signingKey(Buffer.from(public_key, 'base64'), Buffer.from(secret_key, 'base64'))
  return (id, timestamp, body) => `v1a,${sign(null, Buffer.from(`${id}.${timestamp}.${body}`), key).toString('base64')}`
}

/** The DER of an Ed25519 private key up to its 32-byte seed (RFC 8410 §7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A private key is given as its seed, or as seed and public key in a row. */
function signingKey(public_key: Buffer, secret_key: Buffer): KeyObject {
  if (secret_key.length !== 32 && secret_key.length !== 64) throw new Error('a whsk_ key is not of 32 or 64 bytes')
  const seed = secret_key.subarray(0, 32)
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  if (x !== public_key.toString('base64url')) throw new Error('a whpk_ key does not belong to its whsk_ key')
  return key
}
