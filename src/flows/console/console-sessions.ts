// Sessions of the console that a link of the shell opened: they belong to no account.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, noContent, type Reply } from '../../reply.ts'
import { takeConsoleLink } from '../../storage/console-links.ts'
import { deleteConsoleSession, insertConsoleSession } from '../../storage/console-sessions.ts'
import { auditAnonymously } from '../steps/records/audit.ts'
import { text } from '../steps/requests/fields.ts'
import { transact } from '../steps/transact.ts'
import { hashOfSecret, newSecret } from './make-console-link.ts'

export const linkBody = z.object({ link: text })
export const consoleHandleBody = z.object({ handle: text })

/** Seconds that a session lives: a day of work. */
const life_s = 8 * 3600

/**
 * Spends a link and answers with the handle of a session.
 * @throws AuthError 403 otp_expired for a link that is none, was used or is over
 */
export async function openConsoleSession(ctx: Ctx, { link }: z.infer<typeof linkBody>): Promise<Reply> {
  const token_hash = hashOfSecret(link)
  const handle = newSecret(ctx)
  const handle_hash = hashOfSecret(handle)
  const operator = await transact(ctx, async (tx) => {
    const name = token_hash && (await takeConsoleLink(tx, token_hash))
    if (!name || !handle_hash) throw new AuthError(403, 'otp_expired', 'The link was used or is too old')
    await insertConsoleSession(tx, { handle_hash, operator: name, expires_in_s: life_s })
    await auditAnonymously(ctx, tx, 'console_opened', { operator: name })
    return name
  })
  return json({ handle, operator, expires_in: life_s })
}

/** Ends a session; a handle of none is no error. */
export async function closeConsoleSession(ctx: Ctx, { handle }: z.infer<typeof consoleHandleBody>): Promise<Reply> {
  const hash = hashOfSecret(handle)
  if (hash) await deleteConsoleSession(ctx.db, hash)
  return noContent()
}
