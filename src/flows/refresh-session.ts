// POST /token?grant_type=refresh_token: a refresh token for new tokens of the same session (RFC 6749 §6).
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { json, type Reply } from '../reply.ts'
import { text } from './steps/requests/fields.ts'
import { tokenAnswer } from './steps/sessions/issue-session.ts'
import { person } from './steps/sessions/refresh-outcome.ts'
import { refreshTokens } from './steps/sessions/refresh-tokens.ts'

export const refreshBody = z.object({ refresh_token: text })

/** Answers with the session's new tokens. */
export async function refreshSession(ctx: Ctx, asked: z.infer<typeof refreshBody>): Promise<Reply> {
  const { state, access_token, refresh_token } = await refreshTokens(ctx, asked.refresh_token, person)
  return json(tokenAnswer(state.user, access_token, refresh_token).body)
}
