// Changing the ways into an account needs the second factor where there is one (security MFA-09).
import type { Caller } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { hasVerifiedFactor } from '../../../storage/factors.ts'

/** @throws AuthError 401 insufficient_aal */
export function requireAal2({ user, session }: Caller): void {
  if (hasVerifiedFactor(user.factors) && session?.aal !== 'aal2')
    throw new AuthError(401, 'insufficient_aal', 'AAL2 session is required to change identities when MFA is enabled.')
}
