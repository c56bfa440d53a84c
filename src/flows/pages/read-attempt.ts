// POST /pages/attempt/read: which application waits, for the page that asks whether to go on.
import type { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { applicationAt } from '../steps/external/application-at.ts'
import { type attemptBody, loadPagesAttempt } from './pages-attempt.ts'

/** Answers with the host of the application, and what the page's form may lead to. */
export async function readAttempt(ctx: Ctx, { attempt }: z.infer<typeof attemptBody>): Promise<Reply> {
  const { address } = await loadPagesAttempt(ctx, attempt)
  return json({ application: applicationAt(address), form_target: address })
}
