// GET /user/sessions: where a person is signed in.
import type { UserCtx } from '../context.ts'
import { json, type Reply } from '../reply.ts'
import { findOwnSessions } from '../storage/sessions.ts'

/** Answers with the caller's sessions, newest first; `is_current` marks the one that asks. */
export async function listOwnSessions(ctx: UserCtx): Promise<Reply> {
  const { user, session } = ctx.caller
  const sessions = await findOwnSessions(ctx.db, user.id)
  return json({ sessions: sessions.map((one) => ({ ...one, is_current: one.id === session?.id })) })
}
