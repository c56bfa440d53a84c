// Checks keys and secrets that a feature needs once it is switched on.
import { listsNoKey, loadKeys, readIdTokenKey } from '../crypto/keys.ts'
import { samlKeyProblem } from '../crypto/saml-key.ts'
import { isOwn } from '../crypto/signing-key.ts'
import { keySettings } from './key-settings.ts'
import type { Config } from './keys.ts'
import { requirePackages } from './needed-packages.ts'

/** Sentences on what is wrong with keys and secrets. */
export function checkSecrets(config: Config): string[] {
  const problems = [...checkEncryption(config), ...checkKeys(config), ...checkIdTokenKey(config)]
  if (config.server_key !== '' && Buffer.byteLength(config.server_key) < 32)
    problems.push('POSTERN_SERVER_KEY must be at least 32 bytes long')
  if (config.security_captcha_enabled) {
    if (!['hcaptcha', 'turnstile', 'recaptcha'].includes(config.security_captcha_provider))
      problems.push('GOTRUE_SECURITY_CAPTCHA_PROVIDER must be hcaptcha, turnstile or recaptcha')
    if (config.security_captcha_secret.trim() === '')
      problems.push('GOTRUE_SECURITY_CAPTCHA_SECRET is required when captchas are on')
  }
  problems.push(...checkSaml(config))
  if (!['', 'store'].includes(config.provider_tokens)) problems.push('POSTERN_PROVIDER_TOKENS must be store or empty')
  return problems
}

function checkKeys(config: Config): string[] {
  if (listsNoKey(config.jwt_keys)) return []
  try {
    const { signing } = loadKeys({ ...keySettings(config), id_token_key: '' })
    if (!isOwn(signing)) requirePackages('kms')
    return []
  } catch (error) {
    return [`GOTRUE_JWT_KEYS: ${error instanceof Error ? error.message : 'the value cannot be used'}`]
  }
}

function checkIdTokenKey({ oauth_id_token_key: key }: Config): string[] {
  if (key.trim() === '') return []
  try {
    const { signing } = readIdTokenKey(key.trim())
    if (signing && !isOwn(signing)) requirePackages('kms')
    return []
  } catch (error) {
    return [`POSTERN_OAUTH_ID_TOKEN_KEY: ${error instanceof Error ? error.message : 'the value cannot be used'}`]
  }
}

/** Only what is used is looked at: keys without the switch are none. */
function checkSaml(config: Config): string[] {
  if (!config.saml_enabled) return []
  if (config.saml_private_key === '')
    return [
      'GOTRUE_SAML_PRIVATE_KEY is required when SAML is on: openssl genrsa -traditional 2048 | openssl rsa -traditional -outform DER | base64 -w0',
    ]
  const named: [name: string, key: string][] = [
    ['GOTRUE_SAML_PRIVATE_KEY', config.saml_private_key],
    ['GOTRUE_SAML_PRIVATE_KEY_NEXT', config.saml_private_key_next],
  ]
  const problems = named.flatMap(([name, key]) => {
    const problem = key === '' ? null : samlKeyProblem(key)
    return problem === null ? [] : [`${name} ${problem}`]
  })
  if (config.saml_private_key_next === config.saml_private_key)
    problems.push('GOTRUE_SAML_PRIVATE_KEY_NEXT is the same key as GOTRUE_SAML_PRIVATE_KEY')
  return problems
}

/** Whether a text is 32 bytes in base64url without padding (RFC 4648 §5). */
const isKey = (text: string): boolean =>
  /^[A-Za-z0-9_-]{43}$/.test(text) && Buffer.from(text, 'base64url').length === 32

function checkEncryption(config: Config): string[] {
  const prefix = 'GOTRUE_SECURITY_DB_ENCRYPTION'
  const decryption = config.security_db_encryption_decryption_keys
  const problems = Object.entries(decryption).flatMap(([id, key]) =>
    isKey(key) ? [] : `${prefix}_DECRYPTION_KEYS: the key ${id} must be 32 bytes in base64url without padding`,
  )
  if (!config.security_db_encryption_encrypt) return problems
  const { security_db_encryption_encryption_key_id: id, security_db_encryption_encryption_key: key } = config
  if (id === '') problems.push(`${prefix}_ENCRYPTION_KEY_ID is required when encryption is on`)
  if (!isKey(key)) problems.push(`${prefix}_ENCRYPTION_KEY must be 32 bytes in base64url without padding`)
  // What is encrypted now must be readable later.
  else if (id !== '' && decryption[id] !== key)
    problems.push(`${prefix}_DECRYPTION_KEYS must contain the encryption key under its id`)
  return problems
}
