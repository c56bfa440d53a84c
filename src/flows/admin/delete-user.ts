// DELETE /admin/users/{user_id}: removes an account, or makes it unrecognisable and unusable.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AccountCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { deletionRefusal } from '../../storage/constraint-refusal.ts'
import { forgetUser, softDeleteUser } from '../../storage/soft-delete.ts'
import { deleteUser as removeUser } from '../../storage/users.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { optionalBoolean } from '../steps/requests/fields.ts'
import { transact } from '../steps/transact.ts'

export const deleteUserBody = z.object({ should_soft_delete: optionalBoolean })

const obscure = (id: string, value: string): string =>
  createHash('sha256')
    .update(id + value)
    .digest('base64url')

/** Deletes hard unless asked otherwise; a second soft deletion changes nothing. */
export async function deleteUser(
  ctx: AccountCtx,
  { should_soft_delete }: z.infer<typeof deleteUserBody>,
): Promise<Reply> {
  const { account: user } = ctx
  const deletion = transact(ctx, async (tx) => {
    await audit(ctx, tx, administrator(ctx), 'user_deleted', {
      user_id: user.id,
      user_email: user.email ?? '',
      user_phone: user.phone ?? '',
    })
    await forgetUser(tx, user.id)
    if (!should_soft_delete) await removeUser(tx, user.id)
    else if (user.deleted_at === null)
      await softDeleteUser(tx, user.id, {
        email: obscure(user.id, user.email ?? ''),
        phone: obscure(user.id, user.phone ?? '').slice(0, 15),
        email_change: obscure(user.id, user.email_change ?? ''),
        phone_change: obscure(user.id, user.phone_change ?? '').slice(0, 15),
        provider_ids: user.identities.map(({ id, provider, provider_id }) => ({
          id,
          provider_id: obscure(user.id, `${provider}:${provider_id}`),
        })),
      })
  })
  await deletion.catch((error: unknown) => {
    throw deletionRefusal(error) ?? error
  })
  return json({})
}
