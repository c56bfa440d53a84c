// What works, but what somebody should know before others find out. No sentence repeats a secret.
import { jsonObjectOrNull } from '../json-values.ts'
import { warnOfWebAuthn } from './check-webauthn.ts'
import { isKey, type Key } from './key-types.ts'
import { areas, type Config, keys } from './keys.ts'
import { isEven, isPublished } from './published-secrets.ts'
import { replacedValues } from './raise-minima.ts'
import { warnOfFeatures } from './warn-of-features.ts'
import { warnOfPages } from './warn-of-pages.ts'

/** Sentences on a configuration that can be used; `given` is the same before values were replaced by others. */
export const configWarnings = (config: Config, given: Config): string[] => [
  ...warnOfSecrets(config),
  ...warnOfApplications(config),
  ...warnOfAccounts(config),
  ...warnOfMail(config),
  ...warnOfFeatures(config),
  ...warnOfWebAuthn(config),
  ...warnOfPages(config),
  ...warnOfReplaced(config, given),
  ...warnOfPending(config),
]

/** Every secret that is set, with the name of its variable. */
function secretsOf(table: object, values: object): [name: string, value: string][] {
  return Object.entries<object>(table as Record<string, object>).flatMap(([name, entry]) => {
    const value: unknown = Reflect.get(values, name)
    if (!isKey(entry)) return secretsOf(entry, Object(value))
    return entry.is_secret && typeof value === 'string' && value !== '' ? [[entry.env.at(-1) ?? '', value]] : []
  })
}

function warnOfSecrets(config: Config): string[] {
  const { jwt_secret } = config
  const warnings = secretsOf(keys, config).flatMap(([name, value]) =>
    isPublished(value)
      ? `${name} holds a published example or a placeholder, which everybody knows: put a secret of your own there`
      : [],
  )
  if (Buffer.byteLength(jwt_secret) < 32)
    warnings.push(
      'GOTRUE_JWT_SECRET is shorter than 32 characters: whoever guesses it can sign in as anybody; postern keys generate makes one',
    )
  else if (isEven(jwt_secret))
    warnings.push(
      'GOTRUE_JWT_SECRET has few different characters: whoever guesses it can sign in as anybody; postern keys generate makes one',
    )
  return warnings
}

/** Row-level security sees the role of a token, and applications check its audience. */
function warnOfAccounts(config: Config): string[] {
  const warnings: string[] = []
  if (config.jwt_aud === '')
    warnings.push(
      'GOTRUE_JWT_AUD is not set: tokens have no audience, and most services refuse them; set authenticated',
    )
  if (config.jwt_default_group_name === '')
    warnings.push(
      'GOTRUE_JWT_DEFAULT_GROUP_NAME is not set: tokens have no role, and row-level security refuses them; set authenticated',
    )
  return warnings
}

function warnOfApplications(config: Config): string[] {
  const { oauth_server_enabled, oauth_features, oauth_strict, jwt_issuer, oauth_device_path, pages } = config
  if (!oauth_server_enabled)
    return oauth_features.length > 0
      ? ['POSTERN_OAUTH_FEATURES is set, but GOTRUE_OAUTH_SERVER_ENABLED is off: no application can ask for anything']
      : []
  const warnings: string[] = []
  if (jwt_issuer === '')
    warnings.push('GOTRUE_OAUTH_SERVER_ENABLED is on without GOTRUE_JWT_ISSUER: applications cannot find its endpoints')
  if (!oauth_strict)
    warnings.push(
      'POSTERN_OAUTH_STRICT is off: each application that a person lets in can change their address and password',
    )
  if (oauth_features.includes('device') && oauth_device_path === '' && !pages)
    warnings.push(
      'POSTERN_OAUTH_FEATURES names device, but there is no page for codes: set POSTERN_OAUTH_DEVICE_PATH or POSTERN_PAGES',
    )
  return warnings
}

function warnOfMail(config: Config): string[] {
  const warnings: string[] = []
  const { smtp_host, smtp_user, smtp_pass, smtp_admin_email } = config
  if (smtp_host === '' && !config.mailer_autoconfirm && !config.hooks.send_email.enabled)
    warnings.push('GOTRUE_SMTP_HOST is not set: no mail is sent, and nobody can confirm an address')
  if (smtp_host !== '' && smtp_admin_email === '')
    warnings.push('GOTRUE_SMTP_ADMIN_EMAIL is not set: mail servers refuse mails that come from nobody')
  if (smtp_host !== '' && (smtp_user === '') !== (smtp_pass === ''))
    warnings.push(
      `${smtp_user === '' ? 'GOTRUE_SMTP_USER' : 'GOTRUE_SMTP_PASS'} is not set, while the other of the two is`,
    )
  if (config.smtp_headers !== '' && jsonObjectOrNull(config.smtp_headers) === null)
    warnings.push('GOTRUE_SMTP_HEADERS is not a JSON object and is ignored')
  return warnings
}

function warnOfReplaced(config: Config, given: Config): string[] {
  return replacedValues(given).map((name) => {
    const { type } = keys[name]
    const shown = (value: number) => (type === 'duration' ? `${value / 1000}s` : String(value))
    return `${keys[name].env[0]} is ${shown(given[name])}, which cannot be: ${shown(config[name])} is used`
  })
}

function warnOfPending(config: Config): string[] {
  const rows = Object.values(areas).flatMap((area) => Object.entries<Key<unknown>>(area))
  const values: Record<string, unknown> = config
  // What is on by default was not asked for.
  const asked = rows.filter(([name, key]) => key.pending && values[name] === true && key.fallback !== 'true')
  return asked.map(([, { env }]) => `${env[0]} is on, but this version does not have the feature yet`)
}
