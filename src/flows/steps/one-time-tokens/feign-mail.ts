// An address that nobody has is refused as often, and for the same reasons, as one that gets mails (ENU-08, REV-12).
import type { Ctx } from '../../../context.ts'
import { attemptSubject } from '../../../limits/attempt-budget.ts'
import { clearAttempts, countAttempt } from '../../../storage/attempts.ts'
import type { TokenType } from '../../../storage/one-time-tokens.ts'
import { checkDeliverable } from './check-deliverable.ts'
import { tooFrequent } from './require-pause.ts'

/**
 * Does for a mail that is not sent what `sendTokenMail` does for one that is.
 * @throws AuthError as for a known address
 */
export const feignMail = (ctx: Ctx, type: TokenType, address: string): Promise<void> =>
  feign(
    ctx,
    { code: 'over_email_send_rate_limit', type, address, pause_ms: ctx.config.smtp_max_frequency },
    async () => {
      await checkDeliverable(ctx, address)
      await ctx.limits.takeMail()
    },
  )

/**
 * Does for a message that is not sent what `sendTokenSms` does for one that is.
 * @throws AuthError as for a known number
 */
export const feignSms = (ctx: Ctx, type: TokenType, address: string): Promise<void> =>
  feign(ctx, { code: 'over_sms_send_rate_limit', type, address, pause_ms: ctx.config.sms_max_frequency }, () =>
    ctx.limits.takeSms(),
  )

interface Feigned {
  code: Parameters<typeof tooFrequent>[0]
  type: TokenType
  address: string
  /** Milliseconds between one mail or message and the next. */
  pause_ms: number
}

/** What was refused does not count as sent. */
async function feign(ctx: Ctx, { code, type, address, pause_ms }: Feigned, checks: () => Promise<void>): Promise<void> {
  const subject = attemptSubject(ctx.aud, type, address)
  const { allowed, retry_after_s } = await countAttempt(ctx.db, 'feigned_mail', subject, 1, pause_ms / 1000)
  if (!allowed) throw tooFrequent(code, Math.max(0, retry_after_s - 1))
  try {
    await checks()
  } catch (error) {
    await clearAttempts(ctx.db, 'feigned_mail', subject)
    throw error
  }
}
