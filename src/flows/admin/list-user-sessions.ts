// GET /admin/users/{user_id}/sessions: where a person is signed in.
import type { AccountCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { findSessionsOfUser } from '../../storage/sessions.ts'

/** Answers with the sessions of the account, newest first. */
export async function listUserSessions({ db, account }: AccountCtx): Promise<Reply> {
  return json({ sessions: await findSessionsOfUser(db, account.id) })
}
