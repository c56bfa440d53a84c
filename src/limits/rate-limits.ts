// Every limit on requests of one client: the variable that sets it, how fast its bucket refills, how much it holds.

/** A bucket that starts full with `burst` tokens and gains one every `interval_ms`. */
export interface Bucket {
  kind: 'bucket'
  burst: number
  interval_ms: number
}

/** At most `limit` in a window of `window_ms` that opens with the first. */
export interface Window {
  kind: 'window'
  limit: number
  window_ms: number
}

/** A limit as a store keeps it. */
export type Limit = Bucket | Window

/** A row of the table: N is the value of the variable. */
interface RateLimit {
  /** Key of the configuration that holds N. */
  key: RateLimitKey
  /** Seconds in which N tokens come back. */
  period_s: number
  /** Tokens at first; null is N. */
  burst: number | null
}

/** Keys of the configuration that hold an N. */
export type RateLimitKey =
  | 'rate_limit_token_refresh'
  | 'rate_limit_web3'
  | 'rate_limit_verify'
  | 'rate_limit_otp'
  | 'rate_limit_anonymous_users'
  | 'rate_limit_sso'
  | 'rate_limit_scim'
  | 'saml_rate_limit_assertion'
  | 'mfa_rate_limit_challenge_and_verify'
  | 'rate_limit_passkey'
  | 'rate_limit_o_auth_dynamic_client_register'

/** Limiters by name; each counts for itself, also where two share a variable. */
export const rateLimits = {
  token: { key: 'rate_limit_token_refresh', period_s: 300, burst: 30 },
  // An application answers for its people from one address: all of them have fifty times what one client has.
  application: { key: 'rate_limit_token_refresh', period_s: 6, burst: null },
  web3: { key: 'rate_limit_web3', period_s: 300, burst: 30 },
  verify: { key: 'rate_limit_verify', period_s: 300, burst: 30 },
  signup: { key: 'rate_limit_otp', period_s: 300, burst: 30 },
  otp: { key: 'rate_limit_otp', period_s: 300, burst: 30 },
  magiclink: { key: 'rate_limit_otp', period_s: 300, burst: 30 },
  recover: { key: 'rate_limit_otp', period_s: 300, burst: 30 },
  resend: { key: 'rate_limit_otp', period_s: 300, burst: 30 },
  user_update: { key: 'rate_limit_otp', period_s: 300, burst: 30 },
  authorize: { key: 'rate_limit_token_refresh', period_s: 300, burst: null },
  anonymous: { key: 'rate_limit_anonymous_users', period_s: 3600, burst: null },
  sso: { key: 'rate_limit_sso', period_s: 300, burst: 30 },
  scim: { key: 'rate_limit_scim', period_s: 300, burst: null },
  acs: { key: 'saml_rate_limit_assertion', period_s: 300, burst: 30 },
  factor_challenge: { key: 'mfa_rate_limit_challenge_and_verify', period_s: 60, burst: 30 },
  factor_verify: { key: 'mfa_rate_limit_challenge_and_verify', period_s: 60, burst: 30 },
  passkey_options: { key: 'rate_limit_passkey', period_s: 300, burst: 30 },
  client_registration: { key: 'rate_limit_o_auth_dynamic_client_register', period_s: 300, burst: 30 },
} as const satisfies Record<string, RateLimit>

/** The name of a limiter. */
export type Limiter = keyof typeof rateLimits

/** Names of all limiters. */
export const limiters = Object.keys(rateLimits) as Limiter[]

/** The bucket of a limiter where its variable says `n`; one of 0 lets nobody through. */
export function bucketOf(limiter: Limiter, n: number): Bucket {
  const { period_s, burst } = rateLimits[limiter]
  if (n <= 0) return { kind: 'bucket', burst: 0, interval_ms: period_s * 1000 }
  return { kind: 'bucket', burst: burst ?? n, interval_ms: (period_s * 1000) / n }
}

/** The bucket of many clients together. */
export const timesAsMuch = ({ kind, burst, interval_ms }: Bucket, times: number): Bucket => ({
  kind,
  burst: burst * times,
  interval_ms: interval_ms / times,
})

/** A limit on all mails or messages: `events` in a fixed time, or a bucket of as many refilled by one at a time. */
export function totalOf(rate: { events: number; per_ms: number; fixed: boolean }): Limit {
  if (rate.fixed) return { kind: 'window', limit: rate.events, window_ms: rate.per_ms }
  return { kind: 'bucket', burst: rate.events, interval_ms: rate.per_ms }
}
