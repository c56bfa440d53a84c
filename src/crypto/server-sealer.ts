// What Postern keeps in tables of its own and nobody else may read: mails that wait, tokens of providers.
import { decryptText, deriveKey, encryptText, nonceLength } from './aes-gcm.ts'

/** Seals texts under one key derived from a secret of the server. */
export interface ServerSealer {
  seal(text: string): string
  /** @throws Error when the text was not sealed with this key */
  open(sealed: string): string
}

/**
 * Makes the sealer of a server: AES-256-GCM; base64url of nonce, ciphertext and tag.
 * @throws Error without key material
 */
export function createServerSealer(key_material: string): ServerSealer {
  if (key_material === '') throw new Error('there is no key material')
  const key = deriveKey(Buffer.from(key_material), 'postern outbox v1')
  return {
    seal(text) {
      const { nonce, data } = encryptText(key, text)
      return Buffer.concat([nonce, data]).toString('base64url')
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      return decryptText(key, { nonce: bytes.subarray(0, nonceLength), data: bytes.subarray(nonceLength) })
    },
  }
}
