// Encryption of secrets at rest: columns of schema `auth` in the reference's form, and rows of our own.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Encrypts values of columns; `object_id` is the id of the row that a value belongs to. */
export interface SecretBox {
  /** The text to store: encrypted, or as it is when encryption is off. */
  seal(plain: string, object_id: string): string
  /**
   * The plain text of a stored value, which may be in clear.
   * @throws Error when its key is not known, or it was encrypted for another row
   */
  open(stored: string, object_id: string): string
  /** Whether a stored value is in clear, or under another key, and should be sealed again at this use. */
  needsResealing(stored: string): boolean
}

/** Values of GOTRUE_SECURITY_DB_ENCRYPTION_…; keys are 32 bytes in base64url without padding. */
export interface SecretBoxSettings {
  encrypt: boolean
  key_id: string
  key: string
  decryption_keys: Record<string, string>
}

/**
 * Makes the box for columns of schema `auth`.
 * @throws Error for keys of a wrong form, or an encryption key that is not among the decryption keys
 */
export function createSecretBox({ encrypt, key_id, key, decryption_keys }: SecretBoxSettings): SecretBox {
  const keys = new Map(Object.entries(decryption_keys).map(([id, text]) => [id, readKey(text, id)]))
  if (encrypt) checkEncryptionKey(keys, key_id, readKey(key, key_id))
  const keyFor = (id: string, object_id: string): Buffer => {
    const material = keys.get(id)
    if (!material) throw new Error(`the key ${id} of an encrypted value is not among the decryption keys`)
    return derive(material, object_id)
  }
  return {
    seal(plain, object_id) {
      if (!encrypt) return plain
      const { nonce, data } = encryptBytes(keyFor(key_id, object_id), plain)
      return JSON.stringify({ key_id, alg, data: data.toString('base64'), nonce: nonce.toString('base64') })
    },
    open(stored, object_id) {
      const sealed = readSealed(stored)
      return sealed ? decryptBytes(keyFor(sealed.key_id, object_id), sealed) : stored
    },
    needsResealing: (stored) => encrypt && readSealed(stored)?.key_id !== key_id,
  }
}

/** Encrypts text of our own tables, under one key derived from a secret of the server. */
export interface ServerBox {
  seal(text: string): string
  /** @throws Error when the text was not sealed by a box with this key */
  open(text: string): string
}

/** Makes the box for rows of the outbox: AES-256-GCM; base64url of nonce, ciphertext and tag. */
export function createServerBox(key_material: string): ServerBox {
  if (key_material === '') throw new Error('there is no key material')
  const key = derive(Buffer.from(key_material), 'postern outbox v1')
  return {
    seal(text) {
      const { nonce, data } = encryptBytes(key, text)
      return Buffer.concat([nonce, data]).toString('base64url')
    },
    open(text) {
      const bytes = Buffer.from(text, 'base64url')
      return decryptBytes(key, { nonce: bytes.subarray(0, nonceLength), data: bytes.subarray(nonceLength) })
    },
  }
}

const alg = 'aes-gcm-hkdf'
const cipherName = 'aes-256-gcm'
const nonceLength = 12
const tagLength = 16

interface Sealed {
  nonce: Buffer
  /** Ciphertext and tag. */
  data: Buffer
}

/** HKDF-SHA-256 without salt, 32 bytes (RFC 5869). */
const derive = (material: Buffer, info: string): Buffer => Buffer.from(hkdfSync('sha256', material, '', info, 32))

function encryptBytes(key: Buffer, plain: string): Sealed {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv(cipherName, key, nonce)
  return { nonce, data: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) }
}

function decryptBytes(key: Buffer, { nonce, data }: Sealed): string {
  if (nonce.length !== nonceLength || data.length < tagLength) throw new Error('an encrypted value is cut off')
  // The length is fixed because a short tag could be guessed.
  const decipher = createDecipheriv(cipherName, key, nonce, { authTagLength: tagLength })
  decipher.setAuthTag(data.subarray(-tagLength))
  return Buffer.concat([decipher.update(data.subarray(0, -tagLength)), decipher.final()]).toString()
}

/** The parts of an encrypted value; null for one in clear. */
function readSealed(stored: string): (Sealed & { key_id: string }) | null {
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
  const sealed = { key_id, data: Buffer.from(data, 'base64'), nonce: Buffer.from(nonce, 'base64') }
  return key_id !== '' && sealed.nonce.length === nonceLength ? sealed : null
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
