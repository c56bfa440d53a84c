// DELETE /pages/session: a browser signs out of the pages.
import type { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { noContent, type Reply } from '../../reply.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { audit } from '../steps/records/audit.ts'
import { type handleBody, requirePageSession } from '../steps/sessions/page-session.ts'
import { transact } from '../steps/transact.ts'

/** Ends the session of a handle; those that applications got go on. */
export async function closePageSession(ctx: Ctx, { handle }: z.infer<typeof handleBody>): Promise<Reply> {
  const { user, session } = await requirePageSession(ctx, handle)
  await transact(ctx, (tx) =>
    Promise.all([audit(ctx, tx, user, 'logout'), deleteSessions(tx, user.id, { only: session.id })]),
  )
  return noContent()
}
