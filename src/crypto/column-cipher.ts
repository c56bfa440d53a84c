// Encryption of secrets in columns of schema `auth`, in the reference's form.
import { decryptText, deriveKey, type Encrypted, encryptText, nonceLength } from './aes-gcm.ts'

/** Encrypts values of columns; `object_id` is the id of the row that a value belongs to. */
export interface ColumnCipher {
  /** The text to store: encrypted, or as it is when encryption is off. */
  encrypt(plain: string, object_id: string): string
  /**
   * The plain text of a stored value, which may be in clear.
   * @throws Error when its key is not known, or it was encrypted for another row
   */
  decrypt(stored: string, object_id: string): string
  /** Whether a stored value is in clear, or under another key, and should be encrypted again at this use. */
  isOutdated(stored: string): boolean
}

/** Values of GOTRUE_SECURITY_DB_ENCRYPTION_…; keys are 32 bytes in base64url without padding. */
export interface ColumnCipherSettings {
  encrypt: boolean
  key_id: string
  key: string
  decryption_keys: Record<string, string>
}

/**
 * Makes the cipher of a server.
 * @throws Error for keys of a wrong form, or an encryption key that is not among the decryption keys
 */
export function createColumnCipher({ encrypt, key_id, key, decryption_keys }: ColumnCipherSettings): ColumnCipher {
  const keys = new Map(Object.entries(decryption_keys).map(([id, text]) => [id, readKey(text, id)]))
  if (encrypt) checkEncryptionKey(keys, key_id, readKey(key, key_id))
  const keyFor = (id: string, object_id: string): Buffer => {
    const material = keys.get(id)
    if (!material) throw new Error(`the key ${id} of an encrypted value is not among the decryption keys`)
    return deriveKey(material, object_id)
  }
  return {
    encrypt(plain, object_id) {
      if (!encrypt) return plain
      const { nonce, data } = encryptText(keyFor(key_id, object_id), plain)
      return JSON.stringify({ key_id, alg, data: data.toString('base64'), nonce: nonce.toString('base64') })
    },
    decrypt(stored, object_id) {
      const encrypted = readEncrypted(stored)
      return encrypted ? decryptText(keyFor(encrypted.key_id, object_id), encrypted) : stored
    },
    isOutdated: (stored) => encrypt && readEncrypted(stored)?.key_id !== key_id,
  }
}

const alg = 'aes-gcm-hkdf'

/** The parts of an encrypted value; null for one in clear. */
function readEncrypted(stored: string): (Encrypted & { key_id: string }) | null {
  if (!stored.startsWith('{')) return null
  let parts: Record<string, unknown>
  try {
    parts = JSON.parse(stored)
  } catch {
    return null
  }
  const { key_id, data, nonce } = parts
  if (parts.alg !== alg || typeof key_id !== 'string' || typeof data !== 'string' || typeof nonce !== 'string')
    return null
  const encrypted = { key_id, data: Buffer.from(data, 'base64'), nonce: Buffer.from(nonce, 'base64') }
  return key_id !== '' && encrypted.nonce.length === nonceLength ? encrypted : null
}

function readKey(text: string, id: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== 32) throw new Error(`the key ${id} must be 32 bytes in base64url`)
  return bytes
}

function checkEncryptionKey(keys: Map<string, Buffer>, key_id: string, key: Buffer): void {
  if (key_id === '') throw new Error('the encryption key has no id')
  if (!keys.get(key_id)?.equals(key)) throw new Error(`the encryption key ${key_id} is not among the decryption keys`)
}
