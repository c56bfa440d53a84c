// PUT /admin/users/{user_id}/factors/{factor_id}: renames a second factor, or changes the number of one on a phone.
import { z } from 'zod'
import type { AccountFactorCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { updateFactor } from '../../storage/factors.ts'
import { findUserById } from '../../storage/users.ts'
import { presentFactor } from '../steps/answers/present-user.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { normalisePhone } from '../steps/requests/addresses.ts'
import { text } from '../steps/requests/fields.ts'
import { transact } from '../steps/transact.ts'

export const changeFactorBody = z.object({ friendly_name: text, phone: text })

/** Answers with the factor as it is now. */
export async function changeFactor(ctx: AccountFactorCtx, body: z.infer<typeof changeFactorBody>): Promise<Reply> {
  const { account: user, factor } = ctx
  const { friendly_name } = body
  const phone = body.phone !== '' && factor.factor_type === 'phone' ? normalisePhone(body.phone) : ''
  const changed = await transact(ctx, async (tx) => {
    if (friendly_name || phone)
      await updateFactor(tx, factor.id, { ...(friendly_name && { friendly_name }), ...(phone && { phone }) })
    const { id: factor_id, factor_type } = factor
    await audit(ctx, tx, administrator(ctx), 'factor_updated', {
      user_id: user.id,
      factor_id,
      factor_type,
    })
    return findUserById(tx, user.id)
  })
  return json(presentFactor(changed?.factors.find(({ id }) => id === factor.id) ?? factor))
}
