// GET /admin/users/{user_id}/factors: the second factors of an account.
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { presentFactor } from '../steps/answers/present-user.ts'
import { userOfPath } from '../steps/requests/user-of-path.ts'

/** Answers with the list. */
export async function listFactors(ctx: Ctx): Promise<Reply> {
  return json((await userOfPath(ctx)).factors.map(presentFactor))
}
