// Refuses what exceeds a limit: requests of one client, and all mails and messages together.
import { createHash } from 'node:crypto'
import type { Config } from '../config/keys.ts'
import { AuthError, unavailable } from '../errors.ts'
import type { Logger } from '../log.ts'
import { type Meter, noMeter } from '../meter.ts'
import type { Client } from './client-address.ts'
import type { LimitStore } from './limit-store.ts'
import {
  bucketOf,
  type Limit,
  type Limiter,
  limiters,
  type RateLimitKey,
  rateLimits,
  timesAsMuch,
  totalOf,
} from './rate-limits.ts'

/** The limits of a server. */
export interface Limits {
  /**
   * Counts a request of a client. Where only a peer's word says who that is, all whom it names share fifty times the limit,
   * so that nobody gets more by naming others (REV-21).
   * @throws AuthError 429 `over_request_rate_limit` with Retry-After; 503 when it cannot be counted
   */
  take(limiter: Limiter, client: Client): Promise<void>
  /** Counts a mail; @throws AuthError 429 `over_email_send_rate_limit`; 503 when it cannot be counted */
  takeMail(): Promise<void>
  /** Counts a text message; @throws AuthError 429 `over_sms_send_rate_limit`; 503 when it cannot be counted */
  takeSms(): Promise<void>
  /** Ends the connections of the store. */
  close(): Promise<void>
}

/** What limits need. */
export interface LimitsOptions {
  config: Pick<
    Config,
    RateLimitKey | 'rate_limit_email_sent' | 'rate_limit_sms_sent' | 'mailer_autoconfirm' | 'sms_autoconfirm'
  >
  store: LimitStore
  log: Logger
  meter?: Meter
}

/** How much all clients of a proxy that nobody configured have together, in limits of one. */
const proxyShare = 50

/** Counts in the given store. */
export function createLimits({ config, store, log, meter = noMeter }: LimitsOptions): Limits {
  const buckets = new Map(limiters.map((limiter) => [limiter, bucketOf(limiter, config[rateLimits[limiter].key])]))
  const mail = totalOf(config.rate_limit_email_sent)
  const sms = totalOf(config.rate_limit_sms_sent)
  let told = false
  return {
    async take(limiter, { key, proxy }) {
      const bucket = buckets.get(limiter) ?? bucketOf(limiter, 0)
      let wait_ms = await takeFrom(store, `${limiter}:${shortened(key)}`, bucket)
      // Only who has not used up their own draws on what is shared.
      if (wait_ms === 0 && proxy !== null) {
        if (!told) log.warn({ proxy }, 'POSTERN_TRUSTED_PROXIES is not set: name this proxy there, or set it to none')
        told = true
        wait_ms = await takeFrom(store, `${limiter}:proxy:${proxy}`, timesAsMuch(bucket, proxyShare))
      }
      if (wait_ms <= 0) return
      meter.count('refusals', { limit: limiter })
      throw exceeded('over_request_rate_limit', 'Request rate limit reached', wait_ms)
    },
    async takeMail() {
      // With autoconfirm mails are not counted, but a limit of none holds even then, as in the reference.
      if (config.mailer_autoconfirm && config.rate_limit_email_sent.events > 0) return
      const wait_ms = await takeFrom(store, 'mail', mail)
      if (wait_ms === 0) return
      meter.count('refusals', { limit: 'mail' })
      meter.count('mail_refusals', {})
      log.warn({ limit: 'rate_limit_email_sent' }, 'a mail was not sent: too many mails')
      throw exceeded('over_email_send_rate_limit', 'email rate limit exceeded', wait_ms)
    },
    async takeSms() {
      if (config.sms_autoconfirm) return
      const wait_ms = await takeFrom(store, 'sms', sms)
      if (wait_ms === 0) return
      meter.count('refusals', { limit: 'sms' })
      log.warn({ limit: 'rate_limit_sms_sent' }, 'a message was not sent: too many messages')
      throw exceeded('over_sms_send_rate_limit', 'SMS rate limit exceeded', wait_ms)
    },
    close: () => store.close(),
  }
}

/** A store that fails is an outage: nothing passes uncounted. */
async function takeFrom(store: LimitStore, key: string, limit: Limit): Promise<number> {
  try {
    return await store.take(key, limit)
  } catch (error) {
    throw error instanceof AuthError ? error : unavailable(error)
  }
}

type OverLimit = 'over_request_rate_limit' | 'over_email_send_rate_limit' | 'over_sms_send_rate_limit'

const exceeded = (code: OverLimit, message: string, wait_ms: number): AuthError =>
  new AuthError(429, code, message, { retry_after: Math.max(1, Math.ceil(wait_ms / 1000)) })

/** A header may be long; a key is not. */
const shortened = (key: string): string =>
  key.length <= 64 && !key.includes('\0') ? key : `sha256:${createHash('sha256').update(key).digest('base64url')}`
