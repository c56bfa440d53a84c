// Limits in tests: over any store, with variables under which nothing comes back while a test counts.
import assert from 'node:assert/strict'
import { AuthError } from '../../src/errors.ts'
import type { LimitStore } from '../../src/limits/limit-store.ts'
import { createLimits, type LimitsOptions } from '../../src/limits/limits.ts'

/** A log that nobody reads. */
export const log = { debug() {}, info() {}, warn() {}, error() {} }
const total = { events: 100_000, per_ms: 3_600_000, fixed: true }
const config: LimitsOptions['config'] = {
  // One in five minutes: none comes back while a test counts, however slow the machine.
  rate_limit_token_refresh: 1,
  rate_limit_verify: 1,
  rate_limit_otp: 1,
  rate_limit_web3: 30,
  rate_limit_anonymous_users: 2,
  rate_limit_scim: 30000,
  rate_limit_sso: 30,
  saml_rate_limit_assertion: 15,
  mfa_rate_limit_challenge_and_verify: 15,
  rate_limit_passkey: 30,
  rate_limit_o_auth_dynamic_client_register: 10,
  rate_limit_email_sent: total,
  rate_limit_sms_sent: total,
  mailer_autoconfirm: false,
  sms_autoconfirm: false,
}

/** A client of its own. */
export const client = (key: string) => ({ key, proxy: null })

/** The limits of a store. */
export const limitsOn = (store: LimitStore, changes: Partial<LimitsOptions['config']> = {}) =>
  createLimits({ config: { ...config, ...changes }, store, log })

/** The error that a client is refused with; null where it was let through. */
export const refusal = async (taken: Promise<void>): Promise<AuthError | null> => {
  try {
    await taken
    return null
  } catch (error) {
    assert(error instanceof AuthError, String(error))
    return error
  }
}

/** Takes so many, one after another. */
export const times = async (count: number, take: () => Promise<void>) => {
  for (let i = 0; i < count; i++) await take()
}
