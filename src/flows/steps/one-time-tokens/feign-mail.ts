// An address that nobody has is refused as often as one that gets mails (security ENU-08).
import type { Ctx } from '../../../context.ts'
import { attemptSubject } from '../../../limits/attempt-budget.ts'
import { countAttempt } from '../../../storage/attempts.ts'
import type { TokenType } from '../../../storage/one-time-tokens.ts'
import { tooFrequent } from './require-pause.ts'

/**
 * Counts a mail that is not sent.
 * @throws AuthError 429 over_email_send_rate_limit, as for a known address
 */
export async function feignMail(ctx: Ctx, type: TokenType, address: string): Promise<void> {
  const window_s = ctx.config.smtp_max_frequency / 1000
  const subject = attemptSubject(ctx.aud, type, address)
  const { allowed, retry_after_s } = await countAttempt(ctx.db, 'feigned_mail', subject, 1, window_s)
  if (!allowed) throw tooFrequent('over_email_send_rate_limit', Math.max(0, retry_after_s - 1))
}
