// What a configuration must hold as a whole, beyond the types of its variables.
import type { Config, HookName } from './keys.ts'

/** Sentences that name their variable. */
export interface Checked {
  problems: string[]
  warnings: string[]
}

/** Checks a configuration, and raises values that may not be lower. */
export function checkConfig(config: Config): Checked {
  const problems = [
    ...required(config),
    ...addresses(config),
    ...hooks(config),
    ...encryption(config),
    ...protection(config),
  ]
  raiseMinima(config)
  return { problems, warnings: warn(config) }
}

function required(config: Config): string[] {
  const problems: string[] = []
  const need = (value: string, name: string, what: string) => {
    if (value === '') problems.push(`${name} is required: ${what}`)
  }
  if (config.db_kind === 'postgres') need(config.database_url, 'DATABASE_URL', 'the address of the PostgreSQL database')
  need(config.api_external_url, 'API_EXTERNAL_URL', 'the address under which browsers reach this server')
  need(config.site_url, 'GOTRUE_SITE_URL', 'the address of the application')
  need(config.jwt_secret, 'GOTRUE_JWT_SECRET', 'the secret that signs access tokens')
  if (config.db_driver !== 'postgres') problems.push('GOTRUE_DB_DRIVER must be postgres')
  if (!['postgres', 'pglite'].includes(config.db_kind)) problems.push('POSTERN_DB_DRIVER must be postgres or pglite')
  return problems
}

function addresses(config: Config): string[] {
  const problems: string[] = []
  const checkUrl = (value: string, name: string, protocols: string[]) => {
    if (value === '') return
    if (!URL.canParse(value)) problems.push(`${name}: ${JSON.stringify(value)} is not an address`)
    else if (!protocols.includes(new URL(value).protocol)) problems.push(`${name} must begin with ${protocols.join('// or ')}//`)
  }
  checkUrl(config.api_external_url, 'API_EXTERNAL_URL', ['http:', 'https:'])
  checkUrl(config.database_url, 'DATABASE_URL', ['postgres:', 'postgresql:'])
  checkUrl(config.redis_url, 'POSTERN_REDIS_URL', ['redis:', 'rediss:'])
  checkUrl(config.sms_http_url, 'POSTERN_SMS_HTTP_URL', ['http:', 'https:'])
  const port = Number(config.api_port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push('GOTRUE_API_PORT (or PORT) must be a port, 0 to 65535')
  if (!/^[a-z_][a-z0-9_]*$/.test(config.db_namespace)) problems.push('DB_NAMESPACE must be a name of a schema')
  if (config.base_path !== '' && !/^\/[\w/.-]*$/.test(config.base_path)) problems.push('POSTERN_BASE_PATH must be a path such as /auth/v1')
  if (!['memory', 'postgres', 'redis'].includes(config.rate_limit_store))
    problems.push('POSTERN_RATE_LIMIT_STORE must be memory, postgres or redis')
  if (config.rate_limit_store === 'redis' && config.redis_url === '')
    problems.push('POSTERN_REDIS_URL is required with POSTERN_RATE_LIMIT_STORE=redis')
  if (!['', 'store'].includes(config.provider_tokens)) problems.push('POSTERN_PROVIDER_TOKENS must be store or empty')
  return problems
}

const localHosts = ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal']
const functionUri = /^pg-functions:\/\/[^/]*\/[a-zA-Z_][a-zA-Z0-9_]{0,62}\/[a-zA-Z_][a-zA-Z0-9_]{0,62}$/
const secretForm = /^(v1,whsec_[A-Za-z0-9+/=]{32,88}|v1a,whpk_[A-Za-z0-9+/=]+:whsk_[A-Za-z0-9+/=]+)$/

function hooks(config: Config): string[] {
  const problems: string[] = []
  for (const [name, { enabled, uri, secrets }] of Object.entries(config.hooks) as [HookName, Config['hooks'][HookName]][]) {
    const variable = `GOTRUE_HOOK_${name.toUpperCase()}`
    if (!enabled) continue
    if (/^https?:/.test(uri) && URL.canParse(uri)) {
      const { protocol, hostname } = new URL(uri)
      if (protocol === 'http:' && ![...localHosts, ...config.hook_allow_http_hosts].includes(hostname))
        problems.push(`${variable}_URI: only localhost, 127.0.0.1, and ::1 are supported with http (POSTERN_HOOK_ALLOW_HTTP_HOSTS allows more)`)
    } else if (!functionUri.test(uri))
      problems.push(`${variable}_URI must be https://…, http://localhost… or pg-functions://database/schema/function`)
    for (const secret of secrets)
      if (!secretForm.test(secret)) problems.push(`${variable}_SECRETS: each must be v1,whsec_ and 32 to 88 characters of base64`)
  }
  return problems
}

const isKey = (text: string): boolean => Buffer.from(text, 'base64url').length === 32

function encryption(config: Config): string[] {
  const prefix = 'GOTRUE_SECURITY_DB_ENCRYPTION'
  const decryption = config.security_db_encryption_decryption_keys
  const problems = Object.entries(decryption).flatMap(([id, key]) =>
    isKey(key) ? [] : [`${prefix}_DECRYPTION_KEYS: key ${id} must be 32 bytes in base64url`],
  )
  if (!config.security_db_encryption_encrypt) return problems
  const { security_db_encryption_encryption_key_id: id, security_db_encryption_encryption_key: key } = config
  if (id === '') problems.push(`${prefix}_ENCRYPTION_KEY_ID is required when encryption is on`)
  if (!isKey(key)) problems.push(`${prefix}_ENCRYPTION_KEY must be 32 bytes in base64url`)
  else if (decryption[id] !== key) problems.push(`${prefix}_DECRYPTION_KEYS must contain the encryption key under its id`)
  return problems
}

function protection(config: Config): string[] {
  const problems: string[] = []
  if (config.security_captcha_enabled) {
    if (!['hcaptcha', 'turnstile', 'recaptcha'].includes(config.security_captcha_provider))
      problems.push('GOTRUE_SECURITY_CAPTCHA_PROVIDER must be hcaptcha, turnstile or recaptcha')
    if (config.security_captcha_secret.trim() === '') problems.push('GOTRUE_SECURITY_CAPTCHA_SECRET is required when captchas are on')
  }
  if (config.saml_enabled && config.saml_private_key === '') problems.push('GOTRUE_SAML_PRIVATE_KEY is required when SAML is on')
  if (config.jwt_exp <= 0) problems.push('GOTRUE_JWT_EXP must be a number of seconds over 0')
  if (config.hash_concurrency < 0) problems.push('POSTERN_HASH_CONCURRENCY must not be negative')
  return problems
}

/** Values below which the reference does not go. */
function raiseMinima(config: Config): void {
  config.password_min_length = Math.max(6, config.password_min_length)
  config.external_flow_state_expiry_duration = Math.max(300_000, config.external_flow_state_expiry_duration)
  config.mfa_challenge_expiry_duration = Math.max(300, config.mfa_challenge_expiry_duration)
  config.mfa_factor_expiry_duration = Math.max(300_000, config.mfa_factor_expiry_duration)
  for (const name of ['mailer_otp_length', 'sms_otp_length', 'mfa_phone_otp_length'] as const)
    if (config[name] < 6 || config[name] > 10) config[name] = 6
  if (config.mailer_otp_exp <= 0) config.mailer_otp_exp = 86_400
  if (config.sms_otp_exp <= 0) config.sms_otp_exp = 60
  if (config.smtp_max_frequency <= 0) config.smtp_max_frequency = 60_000
  if (config.sms_max_frequency <= 0) config.sms_max_frequency = 60_000
}

function warn(config: Config): string[] {
  const warnings: string[] = []
  if (config.jwt_secret.length < 32) warnings.push('GOTRUE_JWT_SECRET is shorter than 32 characters and may be guessed')
  if (Object.keys(config.sms_test_otp).length > 0)
    warnings.push(
      config.sms_test_otp_valid_until === null
        ? 'GOTRUE_SMS_TEST_OTP is set without GOTRUE_SMS_TEST_OTP_VALID_UNTIL: its fixed codes work for ever'
        : 'GOTRUE_SMS_TEST_OTP is set: its fixed codes sign in without a message',
    )
  if (config.smtp_host === '' && !config.mailer_autoconfirm && !config.hooks.send_email.enabled)
    warnings.push('GOTRUE_SMTP_HOST is not set: no mail is sent, and nobody can confirm an address')
  for (const [switched, name] of [
    [config.saml_enabled, 'GOTRUE_SAML_ENABLED'],
    [config.oauth_server_enabled, 'GOTRUE_OAUTH_SERVER_ENABLED'],
    [config.passkey_enabled, 'GOTRUE_PASSKEY_ENABLED'],
    [config.experimental_scim_enabled, 'GOTRUE_EXPERIMENTAL_SCIM_ENABLED'],
    [config.external_web3_ethereum_enabled, 'GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED'],
    [config.external_web3_solana_enabled, 'GOTRUE_EXTERNAL_WEB3_SOLANA_ENABLED'],
    [config.metrics_enabled, 'GOTRUE_METRICS_ENABLED'],
    [config.tracing_enabled, 'GOTRUE_TRACING_ENABLED'],
  ] as const)
    if (switched) warnings.push(`${name} is on, but this version has the feature not yet`)
  return warnings
}
