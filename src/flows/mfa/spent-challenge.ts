// Errors about challenges that cannot be answered any more.
import { AuthError } from '../../errors.ts'

/** 422 for a challenge that was answered, or that is answered from elsewhere; the reference has one sentence for both. */
export const spentChallenge = (): AuthError =>
  new AuthError(422, 'mfa_ip_address_mismatch', 'Challenge and verify IP addresses mismatch.')

/** 422 for a challenge that is not there. */
export const challengeNotFound = (): AuthError =>
  new AuthError(422, 'mfa_factor_not_found', 'MFA factor with the provided challenge ID not found')
