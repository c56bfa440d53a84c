// Codes of second factors: each attempt is counted before it is compared, and the hook judges it (security rule 2).
import type { FactorCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type AttemptBudget, mfaAccountBudget } from '../../limits/attempt-budget.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { askAttemptHook } from '../steps/records/ask-attempt-hook.ts'
import { excuseOutage, spend } from '../steps/records/spend-attempt.ts'

/**
 * Counts the attempt, compares, and lets the hook judge.
 * @returns what the comparison gave, which is null for a wrong code
 * @throws AuthError 429 over_request_rate_limit; 403 mfa_verification_rejected; `wrong` when the code is
 */
export async function checkCode<Found>(
  ctx: FactorCtx,
  budget: AttemptBudget,
  compare: () => Promise<Found | null>,
  wrong: () => AuthError,
): Promise<Found> {
  const { factor, caller } = ctx
  const attempt = await spend(ctx, [budget, factor.id], [mfaAccountBudget, caller.user.id])
  const found = await excuseOutage(ctx, attempt, compare)
  if (found === null) {
    await askHook(ctx, false)
    throw wrong()
  }
  await excuseOutage(ctx, attempt, () => askHook(ctx, true))
  await attempt.giveBack()
  return found
}

async function askHook(ctx: FactorCtx, valid: boolean): Promise<void> {
  const { factor } = ctx
  const { user } = ctx.caller
  const payload = { user_id: user.id, factor_id: factor.id, factor_type: factor.factor_type, valid }
  const verdict = await askAttemptHook(ctx, 'mfa_verification_attempt', payload)
  if (verdict?.decision !== 'reject') return
  await deleteSessions(ctx.db, user.id)
  const message = verdict.message || 'Further MFA verification attempts will be rejected.'
  throw new AuthError(403, 'mfa_verification_rejected', message)
}
