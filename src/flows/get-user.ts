// GET /user: the signed-in person's own account.
import type { UserCtx } from '../context.ts'
import { invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { presentUser } from './steps/answers/present-user.ts'

/** The account, if the token is for the audience of the request. */
export function getUser(ctx: UserCtx): Reply {
  const { claims, user } = ctx.caller
  const audiences = [claims.aud].flat()
  if (!audiences.includes(ctx.aud)) throw invalid("Token audience doesn't match request audience")
  return json(presentUser(user))
}
