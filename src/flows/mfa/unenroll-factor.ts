// DELETE /factors/{factor_id}: a person gives up a second factor.
import type { FactorCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { deleteFactor } from '../../storage/factors.ts'
import { audit } from '../steps/records/audit.ts'
import { notify } from '../steps/records/notify.ts'
import { factorNotFound, factorTypes } from '../steps/requests/factor-of-path.ts'
import { transact } from '../steps/transact.ts'

/** Answers with its id; sessions that it had raised fall back to aal1. */
export async function unenrollFactor(ctx: FactorCtx): Promise<Reply> {
  const { factor } = ctx
  const { user, session } = ctx.caller
  if (factor.status === 'verified' && session.aal !== 'aal2')
    throw new AuthError(422, 'insufficient_aal', 'AAL2 required to unenroll verified factor')
  await transact(ctx, async (tx) => {
    if (!(await deleteFactor(tx, user.id, factor.id, factorTypes[factor.factor_type].method))) throw factorNotFound()
    await audit(ctx, tx, user, 'factor_unenrolled', {
      factor_id: factor.id,
      factor_status: factor.status,
      session_id: session.id,
    })
    if (user.email)
      await notify(ctx, tx, 'mfa_factor_unenrolled', {
        user,
        to: user.email,
        factor_type: factor.factor_type,
      })
  })
  return json({ id: factor.id })
}
