// AES-256-GCM (NIST SP 800-38D) and keys derived for it: what everything that is kept encrypted is made of.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const authTagLength = 16

/** Bytes of a nonce. */
export const nonceLength = 12

/** A nonce, and ciphertext with its tag. */
export interface Encrypted {
  nonce: Buffer
  data: Buffer
}

/** A key of 32 bytes by HKDF-SHA-256 without salt (RFC 5869). */
export const deriveKey = (material: Buffer, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', material, '', info, 32))

/** Encrypts a text, under a random nonce unless the key has an order of its own. */
export function encryptText(
  key: Buffer,
  plain: string,
  { nonce = randomBytes(nonceLength), bound_to = '' } = {},
): Encrypted {
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(bound_to))
  return { nonce, data: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) }
}

/** @throws Error for another key, another `bound_to`, or data that was changed or cut off */
export function decryptText(key: Buffer, { nonce, data }: Encrypted, bound_to = ''): string {
  if (nonce.length !== nonceLength || data.length < authTagLength) throw new Error('an encrypted value is cut off')
  // The length is fixed because a short tag could be guessed.
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength })
  decipher.setAAD(Buffer.from(bound_to)).setAuthTag(data.subarray(-authTagLength))
  return Buffer.concat([decipher.update(data.subarray(0, -authTagLength)), decipher.final()]).toString()
}
