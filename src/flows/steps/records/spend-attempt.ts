// Attempts at short secrets: counted before the comparison, given back only by the right one.
import type { Ctx } from '../../../context.ts'
import { type AttemptBudget, attemptSubject, spendAttempt } from '../../../limits/attempt-budget.ts'
import { countAttempt, giveBackAttempt } from '../../../storage/attempts.ts'

/** An attempt that was counted. */
export interface Attempt {
  /** Call when the secret was right. */
  giveBack(): Promise<void>
}

/**
 * Counts an attempt against a budget.
 * @throws AuthError 429 over_request_rate_limit when the budget is spent
 */
export async function spend(ctx: Ctx, budget: AttemptBudget, ...parts: string[]): Promise<Attempt> {
  const subject = attemptSubject(...parts)
  await spendAttempt(
    (scope, name, limit, window_s) => countAttempt(ctx.db, scope, name, limit, window_s),
    budget,
    subject,
  )
  return { giveBack: () => giveBackAttempt(ctx.db, budget.scope, subject) }
}
