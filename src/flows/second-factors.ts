// Routes of features that this version has not yet, for signed-in people.
import type { Ctx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { callerOf } from './steps/caller.ts'

/** @throws AuthError 403 no_authorization for anonymous people, as recorded; 404 feature_disabled for everybody else */
export function secondFactors(ctx: Ctx): never {
  if (callerOf(ctx).user.is_anonymous)
    throw new AuthError(403, 'no_authorization', 'Anonymous user not allowed to perform these actions')
  throw new AuthError(404, 'feature_disabled', 'This version has no second factors yet')
}
