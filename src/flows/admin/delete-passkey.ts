// DELETE /admin/users/{user_id}/passkeys/{passkey_id}: takes a passkey from an account.
import type { AccountCtx } from '../../context.ts'
import type { Reply } from '../../reply.ts'
import { deletePasskey } from '../../storage/passkeys.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { passkeyIdOf, passkeyNotFound } from '../steps/requests/passkey-of-path.ts'
import { transact } from '../steps/transact.ts'

/** Answers 204. */
export async function deletePasskeyOfUser(ctx: AccountCtx): Promise<Reply> {
  const user = ctx.account
  const id = passkeyIdOf(ctx)
  await transact(ctx, async (tx) => {
    if (!(await deletePasskey(tx, user.id, id))) throw passkeyNotFound()
    await audit(ctx, tx, administrator(ctx), 'passkey_deleted', { user_id: user.id, passkey_id: id })
  })
  return { status: 204 }
}
