// GET /admin/users/{user_id}/factors: the second factors of an account.
import type { AccountCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { presentFactor } from '../steps/answers/present-user.ts'

/** Answers with the list. */
export function listFactors({ account }: AccountCtx): Reply {
  return json(account.factors.map(presentFactor))
}
