// GET /admin/users/{user_id}/sessions: where a person is signed in.
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { findSessionsOfUser } from '../../storage/session-list.ts'
import { userOfPath } from '../steps/requests/user-of-path.ts'

/** Answers with the sessions of the account, newest first. */
export async function listUserSessions(ctx: Ctx): Promise<Reply> {
  const { id } = await userOfPath(ctx)
  return json({ sessions: await findSessionsOfUser(ctx.db, id) })
}
