// POST /pages/session/read: who the browser of a handle is, with an access token that never leaves the server.
import type { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { signJwt } from '../../crypto/jwt.ts'
import { json, type Reply } from '../../reply.ts'
import { presentUser } from '../steps/answers/present-user.ts'
import { levelOf } from '../steps/sessions/assurance.ts'
import { stepBeforeHandOff } from '../steps/sessions/mfa-policy.ts'
import { type handleBody, requirePageSession } from '../steps/sessions/page-session.ts'
import { refreshedClaims } from '../steps/sessions/refresh-outcome.ts'

/** Seconds that a token for one request of a page lives. */
const tokenLife_s = 60

/**
 * Answers with the account, the level of the session, what it must do before an application gets it, and an access token of a
 * minute. The token hook is not asked: nobody but this server reads the token.
 */
export async function readPageSession(ctx: Ctx, { handle }: z.infer<typeof handleBody>): Promise<Reply> {
  const state = await requirePageSession(ctx, handle)
  const { user, session, now_s } = state
  const claims = refreshedClaims(ctx, state)
  const exp = Math.min(Number(claims.exp), now_s + tokenLife_s)
  const aal = levelOf(session, user.factors)
  return json({
    session_id: session.id,
    user: presentUser(user),
    aal,
    amr: claims.amr,
    next: stepBeforeHandOff(ctx, user, { ...session, aal }),
    access_token: await signJwt({ ...claims, exp }, ctx.keys.signing),
  })
}
