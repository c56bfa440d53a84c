// POST /pages/link/read: what a person is asked who came back from a provider, before an identity is linked.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { invalid } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { openLinkQuestion } from '../steps/external/link-question.ts'
import { text } from '../steps/requests/fields.ts'

export const linkQuestionBody = z.object({ question: text })

/**
 * Answers with both accounts, and what agrees.
 * @throws AuthError 400 validation_failed for what this server did not seal
 */
export function readLinkQuestion(ctx: Ctx, { question }: z.infer<typeof linkQuestionBody>): Reply {
  const opened = openLinkQuestion(ctx, question)
  if (!opened) throw invalid('question is not one of this server')
  return json(opened)
}
