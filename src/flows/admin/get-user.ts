// GET /admin/users/{user_id}: one account.
import type { AccountCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { presentUser } from '../steps/answers/present-user.ts'

/** Answers with the account. */
export function getAnyUser({ account }: AccountCtx): Reply {
  return json(presentUser(account))
}
