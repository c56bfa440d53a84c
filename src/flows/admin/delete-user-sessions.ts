// DELETE /admin/users/{user_id}/sessions and …/sessions/{session_id}: signs a person out everywhere, or in one place.
import type { AccountCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { noContent, type Reply } from '../../reply.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { holdUser } from '../../storage/users.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { parseUuid } from '../steps/requests/uuid.ts'
import { transact } from '../steps/transact.ts'

/** Ends every session of the account. */
export async function deleteUserSessions(ctx: AccountCtx): Promise<Reply> {
  const { id } = ctx.account
  await transact(ctx, async (tx) => {
    await Promise.all([holdUser(tx, id), deleteSessions(tx, id)])
    await audit(ctx, tx, administrator(ctx), 'token_revoked', { user_id: id })
  })
  return noContent()
}

/**
 * Ends one session of the account.
 * @throws AuthError 404 validation_failed for no UUID; 404 session_not_found, also for somebody else's
 */
export async function deleteUserSession(ctx: AccountCtx): Promise<Reply> {
  const session_id = parseUuid(ctx.path_params.session_id ?? '')
  const { id } = ctx.account
  if (session_id === null) throw new AuthError(404, 'validation_failed', 'session_id must be an UUID')
  await transact(ctx, async (tx) => {
    if ((await deleteSessions(tx, id, { only: session_id })) === 0)
      throw new AuthError(404, 'session_not_found', 'Session not found')
    await audit(ctx, tx, administrator(ctx), 'token_revoked', { user_id: id, session_id })
  })
  return noContent()
}
