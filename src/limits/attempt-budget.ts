// How often short secrets may be guessed, counted in the database before each comparison (security rule 2).
import { createHash } from 'node:crypto'
import { AuthError } from '../errors.ts'

/** At most `limit` attempts in a window of `window_s` seconds that opens with the first one. */
export interface AttemptBudget {
  scope: string
  limit: number
  window_s: number
}

/**
 * What an attempt met. Counting is one statement, before the secret is compared and outside the transaction that a
 * wrong secret rolls back. A right secret gives back its own attempt and no other, so that nobody's success refills a
 * budget for somebody who guesses; a window ends by itself, so that nobody is locked out for good.
 */
export interface CountedAttempt {
  allowed: boolean
  /** Seconds until the window ends, where it is not allowed. */
  retry_after_s: number
}

/** Counts an attempt of a subject: `countAttempt` of storage with the pool bound. */
export type CountAttempt = (scope: string, subject: string, limit: number, window_s: number) => Promise<CountedAttempt>

const hour_s = 3600
const day_s = 86_400

/** Passwords, by address. */
export const passwordBudget: AttemptBudget = { scope: 'password', limit: 100, window_s: hour_s }
/** Current password of a signed-in user who changes it, by account. */
export const currentPasswordBudget: AttemptBudget = { scope: 'current_password', limit: 30, window_s: hour_s }
/** All codes in mails, by address: new codes do not refill it. */
export const emailOtpBudget: AttemptBudget = { scope: 'email_otp', limit: 100, window_s: hour_s }
/** One code in a mail, by the code's own id; no code lives longer than a day. */
export const emailOtpCodeBudget: AttemptBudget = { scope: 'email_otp_code', limit: 10, window_s: day_s }
/** All codes in text messages, by number. */
export const smsOtpBudget: AttemptBudget = { scope: 'sms_otp', limit: 100, window_s: hour_s }
/** One code in a text message, by the code's own id. */
export const smsOtpCodeBudget: AttemptBudget = { scope: 'sms_otp_code', limit: 10, window_s: day_s }
/** Codes that confirm a new e-mail address, by account. */
export const emailChangeBudget: AttemptBudget = { scope: 'email_change', limit: 30, window_s: hour_s }
/** Codes that confirm a new number, by account. */
export const phoneChangeBudget: AttemptBudget = { scope: 'phone_change', limit: 30, window_s: hour_s }
/** Nonces of a reauthentication, by account. */
export const reauthenticationBudget: AttemptBudget = { scope: 'reauthentication', limit: 10, window_s: hour_s }
/** Codes of an authenticator, by factor. */
export const mfaTotpBudget: AttemptBudget = { scope: 'mfa_totp', limit: 30, window_s: hour_s }
/** Recovery codes, by set: new ones refill it. */
export const mfaRecoveryBudget: AttemptBudget = { scope: 'mfa_recovery', limit: 10, window_s: hour_s }
/** Codes of a phone factor, by factor: new challenges do not refill it. */
export const mfaPhoneBudget: AttemptBudget = { scope: 'mfa_phone', limit: 10, window_s: hour_s }
/** Codes of all factors together, by account. */
export const mfaAccountBudget: AttemptBudget = { scope: 'mfa_account', limit: 100, window_s: hour_s }

/** Hashes of codes in the place of an invitation, by nobody: a wrong one tells of no account that it could be counted for. */
export const invitationHashBudget: AttemptBudget = { scope: 'invitation_hash', limit: 100, window_s: hour_s }

/** Codes of devices, by the account of who types them. */
export const deviceCodeBudget: AttemptBudget = { scope: 'device_code', limit: 10, window_s: hour_s }

/** Every budget. */
export const attemptBudgets: readonly AttemptBudget[] = [
  passwordBudget,
  currentPasswordBudget,
  emailOtpBudget,
  emailOtpCodeBudget,
  smsOtpBudget,
  smsOtpCodeBudget,
  emailChangeBudget,
  phoneChangeBudget,
  reauthenticationBudget,
  mfaTotpBudget,
  mfaRecoveryBudget,
  mfaPhoneBudget,
  mfaAccountBudget,
  invitationHashBudget,
  deviceCodeBudget,
]

/** The subject of an attempt from what names it: short, and no address in clear in the table. */
export const attemptSubject = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('base64url')

/**
 * Counts an attempt before a secret is compared.
 * @throws AuthError 429 `over_request_rate_limit` with Retry-After, when the budget is spent
 */
export async function spendAttempt(count: CountAttempt, budget: AttemptBudget, subject: string): Promise<void> {
  const { allowed, retry_after_s } = await count(budget.scope, subject, budget.limit, budget.window_s)
  if (allowed) return
  throw new AuthError(429, 'over_request_rate_limit', 'Request rate limit reached', { retry_after: retry_after_s })
}
