// Which factor a session may use: once one is verified, what is not verified is out of reach of the first level.
import { AuthError } from '../../errors.ts'
import { type Factor, hasVerifiedFactor } from '../../storage/factors.ts'

/**
 * Else a factor that somebody left before the first was verified would open the account (security REV-05).
 * @throws AuthError 403 insufficient_aal
 */
export function requireReach(factor: Factor, factors: readonly Factor[], aal: string | null): void {
  if (factor.status === 'unverified' && hasVerifiedFactor(factors) && aal !== 'aal2')
    throw new AuthError(403, 'insufficient_aal', 'AAL2 required to enroll a new factor')
}
