// POST /pages/attempt/read: which application waits, for the page that asks whether to go on.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { text } from '../steps/requests/fields.ts'
import { loadPagesAttempt } from './pages-attempt.ts'

export const attemptBody = z.object({ attempt: text })

/** Answers with the host of the application, and what the page's form may lead to. */
export async function readAttempt(ctx: Ctx, { attempt }: z.infer<typeof attemptBody>): Promise<Reply> {
  const { address } = await loadPagesAttempt(ctx, attempt)
  const { protocol, host } = new URL(address)
  // An application on a phone has a scheme of its own instead of a host.
  const isWeb = protocol === 'http:' || protocol === 'https:'
  return json({
    application: isWeb ? host : protocol.slice(0, -1),
    form_target: isWeb ? `${protocol}//${host}` : protocol,
  })
}
