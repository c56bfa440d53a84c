// POST /pages/session: a browser that has signed in on a page gets a handle for its session.
import type { UserCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { newPageHandle } from '../steps/sessions/page-session.ts'

/**
 * Answers with the handle, which replaces the one that the session had.
 * @throws AuthError 403 session_not_found for a token without a session
 */
export async function openPageSession(ctx: UserCtx): Promise<Reply> {
  const { session } = ctx.caller
  if (!session) throw new AuthError(403, 'session_not_found', 'The pages need a session')
  return json({ handle: await newPageHandle(ctx, session.id) })
}
