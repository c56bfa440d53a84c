// How soon a mail or message may follow another: refused early by what is known, then claimed in the transaction.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import type { Queryable } from '../../../storage/db.ts'
import { claimSending, type TokenType } from '../../../storage/one-time-tokens.ts'

/**
 * Claims the right to send, in the transaction; of many requests at once one wins.
 * @throws AuthError 429 over_email_send_rate_limit
 */
export async function claimMail(ctx: Ctx, tx: Queryable, user_id: string, type: TokenType): Promise<void> {
  const wait_s = await claimSending(tx, user_id, type, ctx.config.smtp_max_frequency)
  if (wait_s !== null) throw tooFrequent('over_email_send_rate_limit', wait_s)
}

/** 429 with the seconds to wait. */
export const tooFrequent = (
  code: 'over_email_send_rate_limit' | 'over_sms_send_rate_limit',
  wait_s: number,
): AuthError =>
  new AuthError(429, code, `For security purposes, you can only request this after ${wait_s} seconds.`, {
    retry_after: wait_s,
  })

/**
 * Refuses early, before a mail is counted and rendered, what was sent too recently.
 * @throws AuthError 429 over_email_send_rate_limit
 */
export function requirePause(ctx: Ctx, sent_at: string | null): void {
  if (sent_at === null) return
  const wait_ms = Date.parse(sent_at) + ctx.config.smtp_max_frequency - ctx.now()
  if (wait_ms > 0) throw tooFrequent('over_email_send_rate_limit', Math.floor(wait_ms / 1000))
}
