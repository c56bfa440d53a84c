// What works, but what somebody should know before others find out.
import type { Key } from './key-types.ts'
import { areas, type Config } from './keys.ts'

/** Sentences on a configuration that can be used. */
export function configWarnings(config: Config): string[] {
  return [...warnOfSecrets(config), ...warnOfMail(config), ...warnOfSms(config), ...warnOfPending(config)]
}

function warnOfSecrets(config: Config): string[] {
  const is_short = Buffer.byteLength(config.jwt_secret) < 32
  return is_short ? ['GOTRUE_JWT_SECRET is shorter than 32 characters: whoever guesses it can sign in as anybody'] : []
}

function warnOfMail(config: Config): string[] {
  const warnings: string[] = []
  if (config.smtp_host === '' && !config.mailer_autoconfirm && !config.hooks.send_email.enabled)
    warnings.push('GOTRUE_SMTP_HOST is not set: no mail is sent, and nobody can confirm an address')
  if (config.smtp_headers !== '' && !isJsonObject(config.smtp_headers))
    warnings.push('GOTRUE_SMTP_HEADERS is not a JSON object and is ignored')
  return warnings
}

const smsProviders = ['twilio', 'twilio_verify', 'messagebird', 'textlocal', 'vonage', 'http']

function warnOfSms(config: Config): string[] {
  const warnings: string[] = []
  if (Object.keys(config.sms_test_otp).length > 0)
    warnings.push(
      config.sms_test_otp_valid_until === null
        ? 'GOTRUE_SMS_TEST_OTP is set without GOTRUE_SMS_TEST_OTP_VALID_UNTIL: its fixed codes work for ever'
        : 'GOTRUE_SMS_TEST_OTP is set: its fixed codes sign in without a message',
    )
  const sends = config.external_phone_enabled && !config.hooks.send_sms.enabled && !config.sms_autoconfirm
  if (sends && !smsProviders.includes(config.sms_provider))
    warnings.push(`GOTRUE_SMS_PROVIDER is none of ${smsProviders.join(', ')}: no message can be sent`)
  return warnings
}

function warnOfPending(config: Config): string[] {
  const keys = Object.values(areas).flatMap((area) => Object.entries<Key<unknown>>(area))
  const values: Record<string, unknown> = config
  // What is on by default was not asked for.
  const asked = keys.filter(([name, key]) => key.pending && values[name] === true && key.fallback !== 'true')
  return asked.map(([, { env }]) => `${env[0]} is on, but this version does not have the feature yet`)
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
