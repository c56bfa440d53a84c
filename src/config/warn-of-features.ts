// Features that are switched on, and lack something without which each of their requests fails.
import { loadKeys } from '../crypto/keys.ts'
import { providerNames } from './families.ts'
import { keySettings } from './key-settings.ts'
import { type Config, keys } from './keys.ts'
import { smsProviderOf, smsSettings } from './sms-settings.ts'

/** Sentences on them, each with the variable that is missing. */
export const warnOfFeatures = (config: Config): string[] => [
  ...warnOfSms(config),
  ...warnOfProviders(config),
  ...warnOfMethods(config),
  ...warnOfScim(config),
  ...warnOfConsole(config),
]

/** Addresses can be squatted, and are never looked at. */
const warnOfConsole = ({ console_admins }: Config): string[] =>
  console_admins
    .filter((id) => !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id))
    .map((text) => `POSTERN_CONSOLE_ADMINS has ${text.slice(0, 60)}, which is no id of an account: put the id there`)

function warnOfSms(config: Config): string[] {
  const warnings: string[] = []
  if (Object.keys(config.sms_test_otp).length > 0)
    warnings.push(
      config.sms_test_otp_valid_until === null
        ? 'GOTRUE_SMS_TEST_OTP is set without GOTRUE_SMS_TEST_OTP_VALID_UNTIL: its fixed codes work for ever'
        : 'GOTRUE_SMS_TEST_OTP is set: its fixed codes sign in without a message',
    )
  const sends = (config.external_phone_enabled && !config.sms_autoconfirm) || config.mfa_phone_enroll_enabled
  if (!sends || config.hooks.send_sms.enabled) return warnings
  const provider = smsProviderOf(config.sms_provider)
  if (!provider)
    return [
      ...warnings,
      `GOTRUE_SMS_PROVIDER is none of ${Object.keys(smsSettings).join(', ')}: no message can be sent`,
    ]
  const missing = smsSettings[provider].filter((name) => config[name] === '').map((name) => keys[name].env[0])
  if (missing.length > 0) warnings.push(`${missing.join(', ')} not set: ${provider} cannot send messages without`)
  return warnings
}

function warnOfProviders(config: Config): string[] {
  return providerNames.flatMap((name) => {
    const { enabled, client_id, secret, url } = config.external[name]
    if (!enabled) return []
    const prefix = `GOTRUE_EXTERNAL_${name.toUpperCase()}`
    const missing = [
      ...(client_id.length === 0 ? [`${prefix}_CLIENT_ID`] : []),
      ...(secret === '' ? [`${prefix}_SECRET`] : []),
      ...(name === 'keycloak' && url === '' ? [`${prefix}_URL`] : []),
    ]
    if (missing.length > 0) return `${missing.join(', ')} not set: each sign-in with ${name} fails`
    return name === 'apple' ? warnOfApple(secret, prefix) : []
  })
}

/** Apple's secret is a token that ends after half a year at most; then each sign-in fails. */
function warnOfApple(secret: string, prefix: string): string[] {
  const [, body = ''] = secret.split('.')
  let exp: unknown
  try {
    exp = Object(JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))).exp
  } catch {
    return [`${prefix}_SECRET is no client secret of Apple: it is a JWT signed with the key from the developer account`]
  }
  return typeof exp === 'number' && exp * 1000 < Date.now()
    ? [
        `${prefix}_SECRET has expired, and each sign-in with apple fails: sign another with the key from the developer account`,
      ]
    : []
}

/** Algorithms that tokens may have by configuration, but that no key has; and the other way round. */
function warnOfMethods(config: Config): string[] {
  if (config.jwt_valid_methods.length === 0) return []
  let own: Set<string>
  let signing: string
  try {
    const ring = loadKeys(keySettings(config))
    signing = ring.signing.alg
    own = new Set([...[...ring.by_kid.values()].map(({ alg }) => alg), ...(ring.secret ? [ring.secret.alg] : [])])
  } catch {
    return []
  }
  const name = 'GOTRUE_JWT_VALID_METHODS'
  if (!config.jwt_valid_methods.includes(signing))
    return [`${name} lacks ${signing}, with which tokens are signed: each of them is refused; add it`]
  const keyless = config.jwt_valid_methods.filter((method) => !own.has(method))
  return keyless.length > 0 ? [`${name} names ${keyless.join(', ')}, for which there is no key; take it out`] : []
}

/** People who are provisioned and cannot sign in, and a service that no provider in the cloud talks to. */
function warnOfScim(config: Config): string[] {
  if (!config.scim_enabled) return []
  return [
    ...(config.saml_enabled
      ? []
      : ['GOTRUE_SAML_ENABLED is off: people whom POSTERN_SCIM_ENABLED lets companies manage cannot sign in']),
    ...(/^https:/i.test(config.api_external_url)
      ? []
      : ['API_EXTERNAL_URL is not https: Entra ID and Okta send no requests of SCIM to it']),
  ]
}
