// GET /admin/users/{user_id}: one account.
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { presentUser } from '../steps/answers/present-user.ts'
import { userOfPath } from '../steps/requests/user-of-path.ts'

/** Answers with the account. */
export async function getAnyUser(ctx: Ctx): Promise<Reply> {
  return json(presentUser(await userOfPath(ctx)))
}
