// GET /admin/users/{user_id}/factors: the second factors of an account.
import type { AccountCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { presentFactors } from '../steps/answers/present-user.ts'

/** Answers with the list. */
export function listFactors({ account }: AccountCtx): Reply {
  return json(presentFactors(account))
}
