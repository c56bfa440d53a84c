// The account that the path of an administrator's request names.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { findUserById, type User } from '../../../storage/users.ts'
import { parseUuid } from './uuid.ts'

/** @throws AuthError 404 validation_failed for no UUID; 404 user_not_found */
export async function userOfPath(ctx: Ctx): Promise<User> {
  const id = parseUuid(ctx.path_params.user_id ?? '')
  if (id === null) throw new AuthError(404, 'validation_failed', 'user_id must be an UUID')
  const user = await findUserById(ctx.db, id)
  if (!user) throw new AuthError(404, 'user_not_found', 'User not found')
  return user
}
