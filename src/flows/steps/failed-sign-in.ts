// Failed sign-ins in the audit log: so many that an attack is seen, so few that it does not fill the table.
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { attemptSubject } from '../../limits/attempt-budget.ts'
import { countAttempt } from '../../storage/attempts.ts'
import type { User } from '../../storage/users.ts'
import { auditAnonymously } from './records/audit.ts'

/**
 * Records a sign-in to an account that was refused, at most once a minute for an account and an address. It is done
 * beside the answer, which takes as long for an address without an account (security rule 6).
 */
export function recordFailedSignIn(ctx: Ctx, user: User, by: 'email' | 'phone', error: unknown): void {
  if (!(error instanceof AuthError) || error.status >= 500) return
  const traits = { user_id: user.id, provider: by, error_code: error.code }
  record(ctx, user.id, traits).catch((problem: unknown) =>
    ctx.log.warn({ err: problem }, 'a failed sign-in could not be recorded'),
  )
}

async function record(ctx: Ctx, user_id: string, traits: Record<string, unknown>): Promise<void> {
  const subject = attemptSubject(user_id, ctx.client_address)
  const { allowed } = await countAttempt(ctx.db, 'login_failed', subject, 1, 60)
  if (allowed) await auditAnonymously(ctx, ctx.db, 'login_failed', traits)
}
