// Whether people may make accounts by themselves (GOTRUE_DISABLE_SIGNUP).
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'

/** @throws AuthError 422 signup_disabled */
export function requireSignUps({ config }: Ctx): void {
  if (config.disable_signup) throw new AuthError(422, 'signup_disabled', 'Signups not allowed for this instance')
}
