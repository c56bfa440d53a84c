// Attempts at short secrets: counted before the comparison, given back by the right one, and where an outage kept all from an end.
import type { Ctx } from '../../../context.ts'
import { AuthError, type ErrorCode } from '../../../errors.ts'
import { type AttemptBudget, attemptSubject, spendAttempt } from '../../../limits/attempt-budget.ts'
import { countAttempt, giveBackAttempt } from '../../../storage/attempts.ts'

/** An attempt that was counted, against one budget or several. */
export interface Attempt {
  /** Call when the secret was right. */
  giveBack(): Promise<void>
}

/** A budget, and what names its subject. */
export type Spent = readonly [budget: AttemptBudget, ...parts: string[]]

/**
 * Counts an attempt against budgets, one after another.
 * @throws AuthError 429 over_request_rate_limit when one is spent, which those before it count nonetheless
 */
export async function spend(ctx: Ctx, ...budgets: readonly Spent[]): Promise<Attempt> {
  const counted: [scope: string, subject: string][] = []
  const attempt: Attempt = {
    async giveBack() {
      await Promise.all(counted.map(([scope, subject]) => giveBackAttempt(ctx.db, scope, subject)))
    },
  }
  await excuseOutage(ctx, attempt, async () => {
    for (const [budget, ...parts] of budgets) {
      const subject = attemptSubject(...parts)
      await spendAttempt((...of) => countAttempt(ctx.db, ...of), budget, subject)
      counted.push([budget.scope, subject])
    }
  })
  return attempt
}

/** Counts an attempt against each budget; null when one is spent. */
export async function spendUnlessSpent(ctx: Ctx, ...budgets: readonly Spent[]): Promise<Attempt | null> {
  try {
    return await spend(ctx, ...budgets)
  } catch (error) {
    if (error instanceof AuthError && error.status === 429) return null
    throw error
  }
}

/** What a hook answers with is its own word; these say that it gave none. */
const silentHooks = new Set<ErrorCode>([
  'hook_timeout',
  'hook_timeout_after_retry',
  'hook_payload_invalid_content_type',
  'hook_payload_over_size_limit',
])

/** Whether something failed by no fault of what was asked. */
export const isOutage = (error: unknown): boolean =>
  !(error instanceof AuthError) || error.status >= 500 || silentHooks.has(error.code)

/**
 * Does what an attempt is for. Where that ends in an outage, the attempt is given back: nobody has learned from it, and whoever
 * has the right secret is not to be locked out by ours. Nothing that depends on a secret being wrong belongs in here: it counts,
 * whatever becomes of the answer.
 */
export async function excuseOutage<T>(
  ctx: Ctx,
  attempt: Attempt | Promise<Attempt>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // Beside the answer, which takes as long for a wrong secret (security rule 6).
    if (isOutage(error)) {
      const given = Promise.resolve(attempt)
        .then((counted) => counted.giveBack())
        .catch((problem: unknown) => ctx.log.warn({ err: problem }, 'an attempt could not be given back'))
      ctx.beside.add(given)
    }
    throw error
  }
}
