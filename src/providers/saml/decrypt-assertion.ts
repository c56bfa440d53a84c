// Encrypted assertions (XML Encryption 1.1): the key of the message for us, and the assertion under it.
import { constants, createDecipheriv, type KeyObject, privateDecrypt } from 'node:crypto'
import type { Element } from '@xmldom/xmldom'
import { attribute, childOf, childrenOf, readBase64, requiredChild, SamlError, textOf } from './parse-xml.ts'

const xmldsig = 'http://www.w3.org/2000/09/xmldsig#'
const xmlenc = 'http://www.w3.org/2001/04/xmlenc#'
const xmlenc11 = 'http://www.w3.org/2009/xmlenc11#'

interface Cipher {
  name: string
  key: number
  iv: number
  tag?: number
}

/** What assertions may be encrypted with. */
const ciphers: Readonly<Record<string, Cipher>> = {
  [`${xmlenc}aes128-cbc`]: { name: 'aes-128-cbc', key: 16, iv: 16 },
  [`${xmlenc}aes192-cbc`]: { name: 'aes-192-cbc', key: 24, iv: 16 },
  [`${xmlenc}aes256-cbc`]: { name: 'aes-256-cbc', key: 32, iv: 16 },
  [`${xmlenc}tripledes-cbc`]: { name: 'des-ede3-cbc', key: 24, iv: 8 },
  [`${xmlenc11}aes128-gcm`]: { name: 'aes-128-gcm', key: 16, iv: 12, tag: 16 },
  [`${xmlenc11}aes192-gcm`]: { name: 'aes-192-gcm', key: 24, iv: 12, tag: 16 },
  [`${xmlenc11}aes256-gcm`]: { name: 'aes-256-gcm', key: 32, iv: 12, tag: 16 },
}

const oaep = new Set([`${xmlenc}rsa-oaep-mgf1p`, `${xmlenc11}rsa-oaep`])
const oaepHashes: Readonly<Record<string, string>> = {
  '': 'sha1',
  [`${xmldsig}sha1`]: 'sha1',
  [`${xmlenc}sha256`]: 'sha256',
  [`${xmlenc}sha512`]: 'sha512',
}

/** Keys of one message at most: a sender may encrypt it for several receivers. */
const maxKeys = 4

/**
 * The XML of an assertion that was encrypted for one of our keys.
 * @throws SamlError always with the same words, since whoever could tell one failure from another could ask for the rest
 */
export function decryptAssertion(encrypted: Element, keys: readonly KeyObject[]): string {
  try {
    const data = requiredChild(encrypted, 'xenc', 'EncryptedData')
    const sealed = encryptedKeys(encrypted, data)
    const cipher = ciphers[attribute(requiredChild(data, 'xenc', 'EncryptionMethod'), 'Algorithm')]
    if (!cipher) throw new SamlError('the cipher is not allowed')
    const bytes = cipherValue(data)
    for (const key of keys)
      for (const one of sealed) {
        const opened = openWith(cipher, bytes, one, key)
        if (opened !== null) return opened
      }
  } catch (error) {
    throw new SamlError('the assertion cannot be decrypted', { cause: error })
  }
  throw new SamlError('the assertion cannot be decrypted')
}

/** The keys stand within the data, or beside it. */
function encryptedKeys(encrypted: Element, data: Element): Element[] {
  const info = childOf(data, 'ds', 'KeyInfo')
  const found = [
    ...(info ? childrenOf(info, 'xenc', 'EncryptedKey') : []),
    ...childrenOf(encrypted, 'xenc', 'EncryptedKey'),
  ]
  return found.slice(0, maxKeys)
}

function cipherValue(node: Element): Buffer {
  const value = requiredChild(requiredChild(node, 'xenc', 'CipherData'), 'xenc', 'CipherValue')
  const bytes = readBase64(textOf(value))
  if (!bytes) throw new SamlError('a cipher value is no base64')
  return bytes
}

function openWith(cipher: Cipher, bytes: Buffer, sealed: Element, key: KeyObject): string | null {
  try {
    const opened = openKey(sealed, key)
    // A key of the wrong length is what a wrong key of ours makes of the right bytes.
    return opened.length === cipher.key ? open(cipher, bytes, opened) : null
  } catch {
    return null
  }
}

function openKey(sealed: Element, key: KeyObject): Buffer {
  const method = requiredChild(sealed, 'xenc', 'EncryptionMethod')
  const algorithm = attribute(method, 'Algorithm')
  const bytes = cipherValue(sealed)
  // Without a padding that is right OpenSSL gives a random key, so that nobody can ask for the padding (RFC 8017 §7.2.2).
  if (algorithm === `${xmlenc}rsa-1_5`) return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes)
  if (!oaep.has(algorithm)) throw new SamlError('the key transport is not allowed')
  const digest = childOf(method, 'ds', 'DigestMethod')
  const oaepHash = oaepHashes[digest ? attribute(digest, 'Algorithm') : '']
  if (!oaepHash) throw new SamlError('the key transport is not allowed')
  return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes)
}

function open({ name, iv, tag }: Cipher, bytes: Buffer, key: Buffer): string {
  const text = new TextDecoder('utf-8', { fatal: true })
  const [nonce, body] = [bytes.subarray(0, iv), bytes.subarray(iv, tag ? bytes.length - tag : undefined)]
  const decipher = createDecipheriv(name, key, nonce)
  if (tag) {
    Reflect.apply(Reflect.get(decipher, 'setAuthTag'), decipher, [bytes.subarray(bytes.length - tag)])
    return text.decode(Buffer.concat([decipher.update(body), decipher.final()]))
  }
  decipher.setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(body), decipher.final()])
  // The last byte counts what was added, whatever that is (XML Encryption §5.2.1).
  const added = padded.at(-1) ?? 0
  if (added < 1 || added > iv) throw new SamlError('the padding is not right')
  return text.decode(padded.subarray(0, padded.length - added))
}
