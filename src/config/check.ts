// What a configuration must hold as a whole, beyond the types of its variables. No sentence repeats a secret.
import { accessSync, constants, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname } from 'node:path'
import { isJsonObject, jsonOrNull } from '../json-values.ts'
import { checkHooks } from './check-hooks.ts'
import { checkPages } from './check-pages.ts'
import { checkSecrets } from './check-secrets.ts'
import { checkTelemetry } from './check-telemetry.ts'
import { checkWebAuthn } from './check-webauthn.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { providerNames } from './families.ts'
import type { Config } from './keys.ts'
import { checkListeners } from './listeners.ts'
import { trustedProxies } from './trusted-proxies.ts'

/** Sentences on what is wrong with a configuration, each with the name of its variable. */
export const checkConfig = (config: Config): string[] => [
  ...checkRequired(config),
  ...checkAddresses(config),
  ...checkChoices(config),
  ...checkDatabase(config),
  ...checkFiles(config),
  ...checkJson(config),
  ...checkHooks(config),
  ...checkSecrets(config),
  ...checkWebAuthn(config),
  ...checkPages(config),
  ...checkTelemetry(config),
  ...checkListeners(config),
]

function checkRequired(config: Config): string[] {
  const required: [value: string, name: string, what: string][] = [
    [config.api_external_url, 'API_EXTERNAL_URL', 'the address under which browsers reach this server'],
    [config.site_url, 'GOTRUE_SITE_URL', 'the address of the application'],
    [config.jwt_secret, 'GOTRUE_JWT_SECRET', 'the secret that signs access tokens'],
  ]
  if (config.db_kind === 'postgres')
    required.unshift([config.database_url, 'DATABASE_URL', 'the address of the PostgreSQL database'])
  if (config.rate_limit_store === 'redis')
    required.push([config.redis_url, 'POSTERN_REDIS_URL', 'the address of Redis, where limits are counted'])
  return required.flatMap(([value, name, what]) => (value === '' ? `${name} is required: ${what}` : []))
}

function checkAddresses(config: Config): string[] {
  const problems: string[] = []
  const web = ['http', 'https']
  const addresses: [value: string, name: string, schemes: string[]][] = [
    [config.api_external_url, 'API_EXTERNAL_URL', web],
    [config.redis_url, 'POSTERN_REDIS_URL', ['redis', 'rediss']],
    [config.saml_enabled ? config.saml_external_url : '', 'GOTRUE_SAML_EXTERNAL_URL', web],
    [config.custom_oauth_external_url, 'GOTRUE_CUSTOM_OAUTH_EXTERNAL_URL', web],
    [config.mailer_email_validation_service_url, 'GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_URL', web],
    [config.sms_http_url, 'POSTERN_SMS_HTTP_URL', web],
    [config.sms_base_url, 'POSTERN_SMS_BASE_URL', web],
    [config.security_captcha_url, 'POSTERN_CAPTCHA_URL', web],
    // What a file of examples holds for providers that are off is no problem of theirs.
    ...providerNames.flatMap((name): [string, string, string[]][] => {
      const { enabled, url, redirect_uri } = config.external[name]
      const variable = `GOTRUE_EXTERNAL_${name.toUpperCase()}`
      return enabled
        ? [
            [url, `${variable}_URL`, web],
            [redirect_uri, `${variable}_REDIRECT_URI`, web],
          ]
        : []
    }),
  ]
  for (const [value, name, schemes] of addresses)
    if (value !== '' && !(URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1))))
      problems.push(`${name} must be an address that begins with ${schemes.join(':// or ')}://`)
  // An application on a phone has a scheme of its own; localhost:3000 would count as one.
  if (config.site_url !== '' && !(URL.canParse(config.site_url) && /^[a-z][a-z\d+.-]*:\/\//i.test(config.site_url)))
    problems.push('GOTRUE_SITE_URL must be an address with its scheme, such as https://app.example.com')
  if (config.smtp_host !== '' && !isHost(config.smtp_host))
    problems.push('GOTRUE_SMTP_HOST must be the name of a host alone; its port goes in GOTRUE_SMTP_PORT')
  if (config.smtp_admin_email !== '' && !/^[^\s@<>"(),;:]+@[^\s@<>"(),;:]+$/.test(config.smtp_admin_email))
    problems.push('GOTRUE_SMTP_ADMIN_EMAIL must be one address alone; its name goes in GOTRUE_SMTP_SENDER_NAME')
  if (config.api_host !== '' && !isHost(config.api_host))
    problems.push('GOTRUE_API_HOST must be an address of this machine alone; the port goes in GOTRUE_API_PORT')
  if (config.base_path !== '' && !/^(\/[\w.~-]+)+\/?$/.test(config.base_path))
    problems.push('POSTERN_BASE_PATH must be a path such as /auth/v1')
  if (!/^[a-z_][a-z0-9_]*$/.test(config.db_namespace)) problems.push('DB_NAMESPACE must be the name of a schema')
  if (trustedProxies(config.trusted_proxies) === null)
    problems.push(
      'POSTERN_TRUSTED_PROXIES must be networks such as 10.0.0.0/8 with commas between, one number, or none',
    )
  return problems
}

/** What the type of a variable cannot tell. */
const checkChoices = (config: Config): string[] => [
  ...(config.security_refresh_token_algorithm_version > 2
    ? ['GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION must be 0, 1 or 2']
    : []),
  ...(Object.values(config.sms_test_otp).some((code) => /[\s:;]/.test(code))
    ? ['GOTRUE_SMS_TEST_OTP must be pairs such as 15550001111:123456, with commas between']
    : []),
  ...(config.mailer_autoconfirm && config.mailer_allow_unverified_email_sign_ins
    ? [
        'GOTRUE_MAILER_AUTOCONFIRM and GOTRUE_MAILER_ALLOW_UNVERIFIED_EMAIL_SIGN_INS contradict each other: switch one off',
      ]
    : []),
]

/** Whether a text is an IP address or the name of a host, and nothing more. */
const isHost = (text: string): boolean =>
  isIP(text) > 0 || /^[\p{L}\p{N}_]([\p{L}\p{N}_.-]*[\p{L}\p{N}_])?\.?$/u.test(text)

function checkDatabase(config: Config): string[] {
  if (config.db_kind !== 'postgres' || config.database_url === '') return []
  try {
    parseDatabaseUrl(config.database_url)
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : 'DATABASE_URL cannot be read']
  }
}

function checkFiles(config: Config): string[] {
  if (config.log_file === '') return []
  try {
    const found = statSync(config.log_file, { throwIfNoEntry: false })
    accessSync(found ? config.log_file : `${dirname(config.log_file)}/.`, constants.W_OK)
    if (!found?.isDirectory()) return []
  } catch {}
  return ['GOTRUE_LOG_FILE cannot be written: it must be a file in a folder that exists, and that lets this user write']
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isObjectOf =
  (isMember: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    isJsonObject(value) && Object.values(value).every(isMember)

function checkJson(config: Config): string[] {
  const texts: [value: string, isRight: (value: unknown) => boolean, problem: string][] = [
    [
      config.mailer_email_validation_service_headers,
      isObjectOf(isTexts),
      'GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_HEADERS must be JSON such as {"Authorization":["Bearer …"]}',
    ],
    [
      config.mailer_email_validation_blocked_mx,
      isTexts,
      'GOTRUE_MAILER_EMAIL_VALIDATION_BLOCKED_MX must be a JSON list of host names',
    ],
    [
      config.sms_http_headers,
      isObjectOf(isText),
      'POSTERN_SMS_HTTP_HEADERS must be JSON such as {"Authorization":"Bearer …"}',
    ],
  ]
  return texts.flatMap(([value, isRight, problem]) => (value === '' || isRight(jsonOrNull(value)) ? [] : problem))
}
