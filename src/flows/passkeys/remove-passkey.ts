// DELETE /passkeys/{passkey_id}: a person gives up a passkey.
import type { UserCtx } from '../../context.ts'
import type { Reply } from '../../reply.ts'
import { deletePasskey } from '../../storage/passkeys.ts'
import { audit } from '../steps/records/audit.ts'
import { notify } from '../steps/records/notify.ts'
import { passkeyIdOf, passkeyNotFound } from '../steps/requests/passkey-of-path.ts'
import { transact } from '../steps/transact.ts'
import { requireLevel } from './passkey-rules.ts'

/** Answers 204. */
export async function removePasskey(ctx: UserCtx): Promise<Reply> {
  const { user, session } = ctx.caller
  requireLevel(user, session)
  const id = passkeyIdOf(ctx)
  await transact(ctx, async (tx) => {
    if (!(await deletePasskey(tx, user.id, id))) throw passkeyNotFound()
    await audit(ctx, tx, user, 'passkey_deleted', { passkey_id: id })
    if (user.email) await notify(ctx, tx, 'passkey_removed', { user, to: user.email })
  })
  return { status: 204 }
}
