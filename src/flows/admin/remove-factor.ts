// DELETE /admin/users/{user_id}/factors/{factor_id}: takes a second factor from a person who lost it.
import type { AccountFactorCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { deleteFactor } from '../../storage/factors.ts'
import { presentFactor } from '../steps/answers/present-user.ts'
import { audit } from '../steps/records/audit.ts'
import { factorTypes } from '../steps/requests/factor-of-path.ts'
import { transact } from '../steps/transact.ts'

/** Answers with the factor as it was; sessions that it had raised fall back to aal1. */
export async function removeFactor(ctx: AccountFactorCtx): Promise<Reply> {
  const { account: user, factor } = ctx
  await transact(ctx, async (tx) => {
    await deleteFactor(tx, user.id, factor.id, factorTypes[factor.factor_type].method)
    await audit(ctx, tx, user, 'factor_deleted', { user_id: user.id, factor_id: factor.id })
  })
  return json(presentFactor(factor))
}
