// DELETE /user/sessions/{session_id}: signs a device out, or trusts it no more.
import type { UserCtx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { noContent, type Reply } from '../reply.ts'
import { deleteSessions } from '../storage/sessions.ts'
import { deleteTrustedDevices } from '../storage/trusted-devices.ts'
import { audit } from './steps/records/audit.ts'
import { isUuid } from './steps/requests/uuid.ts'
import { transact } from './steps/transact.ts'

/** Ends one of the caller's sessions; those of others are as unknown as those that never were. */
export async function deleteOwnSession(ctx: UserCtx): Promise<Reply> {
  const { user } = ctx.caller
  const id = ctx.path_params.session_id ?? ''
  await transact(ctx, async (tx) => {
    const ended = isUuid(id)
      ? (await deleteSessions(tx, user.id, { only: id })) || (await deleteTrustedDevices(tx, user.id, id))
      : 0
    if (ended === 0) throw new AuthError(404, 'session_not_found', 'session_id: no such session')
    await audit(ctx, tx, user, 'logout')
  })
  return noContent()
}
