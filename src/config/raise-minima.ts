// Values that the reference replaces, silently, by ones that work.
import type { Config } from './keys.ts'

const flow_state_ms = 300_000
const factor_ms = 300_000
const challenge_s = 300

/** What is used instead of a value, by its name in the configuration. */
const minima = (config: Config) => ({
  password_min_length: Math.max(6, config.password_min_length),
  external_flow_state_expiry_duration: Math.max(flow_state_ms, config.external_flow_state_expiry_duration),
  mfa_challenge_expiry_duration: Math.max(challenge_s, config.mfa_challenge_expiry_duration),
  mfa_factor_expiry_duration: Math.max(factor_ms, config.mfa_factor_expiry_duration),
  mailer_otp_length: otpLength(config.mailer_otp_length),
  sms_otp_length: otpLength(config.sms_otp_length),
  mfa_phone_otp_length: otpLength(config.mfa_phone_otp_length),
  jwt_exp: config.jwt_exp || 3600,
  mailer_otp_exp: config.mailer_otp_exp || 86_400,
  sms_otp_exp: config.sms_otp_exp || 60,
  smtp_max_frequency: config.smtp_max_frequency || 60_000,
  sms_max_frequency: config.sms_max_frequency || 60_000,
  mfa_phone_max_frequency: config.mfa_phone_max_frequency || 60_000,
})

/** The configuration with values below their minimum raised, and zeros that mean the default replaced. */
export const raiseMinima = (config: Config): Config => ({ ...config, ...minima(config) })

/** Names of the values that were set, to something else than zero, and are not used. */
export function replacedValues(given: Config): (keyof ReturnType<typeof minima>)[] {
  const used = minima(given)
  return (Object.keys(used) as (keyof typeof used)[]).filter((name) => given[name] !== 0 && given[name] !== used[name])
}

/** Six digits unless six to ten are asked for: fewer could be guessed, more are cut off. */
const otpLength = (digits: number): number => (digits < 6 || digits > 10 ? 6 : digits)
