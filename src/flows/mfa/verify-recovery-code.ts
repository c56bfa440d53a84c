// POST /factors/recovery-codes/verify: a code in the place of the second factor raises the session to aal2.
import { z } from 'zod'
import type { FactorsCtx } from '../../context.ts'
import { newRefreshToken } from '../../crypto/refresh-token.ts'
import { AuthError } from '../../errors.ts'
import { mfaAccountBudget, mfaRecoveryBudget } from '../../limits/attempt-budget.ts'
import { json, type Reply } from '../../reply.ts'
import { consumeRecoveryCode, countRecoveryCodes, hasRecoveryCode } from '../../storage/recovery-codes.ts'
import { lockSession } from '../../storage/sessions.ts'
import { audit } from '../steps/records/audit.ts'
import { type Attempt, excuseOutage, spend } from '../steps/records/spend-attempt.ts'
import { text } from '../steps/requests/fields.ts'
import { recoveryMethod } from '../steps/sessions/assurance.ts'
import { transact } from '../steps/transact.ts'
import { fewLeft, lockOwn, ownRecoveryCodes, recoveryCodeHash } from './own-recovery-codes.ts'
import { raiseToAal2 } from './raise-to-aal2.ts'

export const verifyRecoveryCodeBody = z.object({ code: text, trust_device: z.boolean().default(false) })

const wrong = (): AuthError => new AuthError(422, 'mfa_verification_failed', 'Invalid recovery code entered')

/** Answers with new tokens of the session; weaker sessions of the account end, and the code counts no more. */
export async function verifyRecoveryCode(
  ctx: FactorsCtx,
  { code, trust_device }: z.infer<typeof verifyRecoveryCodeBody>,
): Promise<Reply> {
  if (!ctx.config.mfa_recovery_codes_verify_enabled)
    throw new AuthError(422, 'mfa_recovery_codes_verify_not_enabled', 'MFA verification is disabled for recovery codes')
  const { id } = ownRecoveryCodes(ctx)
  const { user, session } = ctx.caller
  if (code.length > 128) throw wrong()
  const attempt = await countAttempt(ctx, id)
  const code_hash = recoveryCodeHash(id, code)
  if (!(await excuseOutage(ctx, attempt, () => hasRecoveryCode(ctx.db, id, code_hash)))) throw wrong()
  await attempt.giveBack()
  const next = newRefreshToken(ctx.random)
  const { answer, remaining } = await transact(ctx, async (tx) => {
    await lockOwn(ctx, tx, id)
    await lockSession(tx, session.id)
    if (!(await consumeRecoveryCode(tx, id, code_hash))) throw wrong()
    await audit(ctx, tx, user, 'verification_attempted', { factor_id: id, factor_type: 'recovery_code' })
    const raised = {
      user_id: user.id,
      session_id: session.id,
      factor_id: null,
      method: recoveryMethod,
      trusts_device: trust_device,
      next,
    }
    const answer = await raiseToAal2(ctx, tx, raised)
    return { answer, remaining: (await countRecoveryCodes(tx, id)).remaining }
  })
  return json({ ...answer.body, ...fewLeft(remaining) })
}

/** @throws AuthError 429 mfa_recovery_codes_locked with Retry-After */
async function countAttempt(ctx: FactorsCtx, set_id: string): Promise<Attempt> {
  try {
    return await spend(ctx, [mfaRecoveryBudget, set_id], [mfaAccountBudget, ctx.caller.user.id])
  } catch (error) {
    if (!(error instanceof AuthError) || error.status !== 429) throw error
    throw new AuthError(
      429,
      'mfa_recovery_codes_locked',
      'Too many wrong recovery codes, try again later',
      error.details,
    )
  }
}
