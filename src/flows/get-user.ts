// GET /user: the signed-in person's own account.
import type { Ctx } from '../context.ts'
import { invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { presentUser } from './steps/answers/present-user.ts'
import { callerOf } from './steps/requests/caller.ts'

/** The account, if the token is for the audience of the request. */
export function getUser(ctx: Ctx): Reply {
  const { claims, user } = callerOf(ctx)
  const audiences = [claims.aud].flat()
  if (!audiences.includes(ctx.aud)) throw invalid("Token audience doesn't match request audience")
  return json(presentUser(user))
}
