// The RSA keys of this server as a SAML service provider, as their variables hold them.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/**
 * The RSA key of a variable: PKCS #1 in base64.
 * @throws Error that says what is wrong with it
 */
export function readSamlKey(text: string): KeyObject {
  const compact = text.replace(/[\r\n]/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact) || compact.length % 4 !== 0) throw new Error('must be base64')
  let key: KeyObject
  try {
    key = createPrivateKey({ key: Buffer.from(compact, 'base64'), format: 'der', type: 'pkcs1' })
  } catch {
    throw new Error('must be an RSA key in PKCS #1')
  }
  // OpenSSL reads other forms as well, which do no harm as long as the key is right.
  if (key.asymmetricKeyType !== 'rsa') throw new Error('must be an RSA key in PKCS #1')
  const { modulusLength = 0, publicExponent } = createPublicKey(key).asymmetricKeyDetails ?? {}
  if (publicExponent !== 65537n) throw new Error('must have the public exponent 65537')
  if (modulusLength < 2048) throw new Error('must have at least 2048 bits')
  return key
}

/** What is wrong with a key, in words that follow the name of its variable; null for a good one. */
export function samlKeyProblem(text: string): string | null {
  try {
    readSamlKey(text)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : 'cannot be used'
  }
}
