// What the stories about passkeys share: who may change them, which one a path names, and how answers are read.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import type { Unproved } from '../../crypto/webauthn-check.ts'
import { AuthError, invalid } from '../../errors.ts'
import { hasVerifiedFactor } from '../../storage/factors.ts'
import type { Session } from '../../storage/sessions.ts'
import type { User } from '../../storage/users.ts'
import { consumeWebAuthnChallenge, type WebAuthnSession } from '../../storage/webauthn-challenges.ts'
import { text } from '../steps/requests/fields.ts'
import { isUuid } from '../steps/requests/uuid.ts'

/** An answer of an authenticator to a challenge. */
export const passkeyAnswerBody = z.object({ challenge_id: text, credential: z.unknown().optional() })

/** @throws AuthError 404 passkey_disabled while passkeys are switched off */
export function requirePasskeys({ config }: Ctx): void {
  if (!config.passkey_enabled) throw new AuthError(404, 'passkey_disabled', 'Passkeys are disabled')
}

/**
 * Lets only a session of the second level change passkeys where the account has a second factor.
 * @throws AuthError 403 insufficient_aal
 */
export function requireLevel({ factors }: User, session: Session | null): void {
  if (hasVerifiedFactor(factors) && session?.aal !== 'aal2')
    throw new AuthError(403, 'insufficient_aal', 'AAL2 session is required to manage passkeys when MFA is enabled')
}

/** @throws AuthError 422 too_many_passkeys when an account with `count` of them may have no other */
export function requireRoom(ctx: Ctx, count: number): void {
  if (count >= ctx.config.passkey_max_passkeys_per_user)
    throw new AuthError(422, 'too_many_passkeys', 'Maximum number of passkeys reached')
}

/** @throws AuthError 422 validation_failed for people of an SSO provider */
export function refuseSso(user: User): void {
  if (user.is_sso_user) throw new AuthError(422, 'validation_failed', 'SSO users cannot register passkeys')
}

/**
 * Uses the challenge of an answer up, whatever the answer is worth.
 * @throws AuthError 400 validation_failed, webauthn_challenge_not_found or webauthn_challenge_expired
 */
export async function spendChallenge(
  ctx: Ctx,
  { challenge_id, credential }: z.infer<typeof passkeyAnswerBody>,
  of: { user_id: string | null; challenge_type: 'registration' | 'authentication' },
): Promise<WebAuthnSession> {
  if (challenge_id === '') throw invalid('challenge_id is required')
  if (credential === undefined || credential === null) throw invalid('credential is required')
  if (!isUuid(challenge_id)) throw invalid('challenge_id must be a valid UUID')
  const challenge = await consumeWebAuthnChallenge(ctx.db, { id: challenge_id, ...of })
  if (!challenge) throw new AuthError(400, 'webauthn_challenge_not_found', 'Challenge not found or already used')
  if (challenge.is_expired) throw new AuthError(400, 'webauthn_challenge_expired', 'Challenge has expired')
  return challenge.session_data
}

/** 400 for an answer that no browser sends. */
export const unreadable = (): AuthError =>
  new AuthError(400, 'webauthn_verification_failed', 'Invalid credential response')

/** 400 for an answer that proves nothing; the log says why. */
export function unproved(ctx: Ctx, reason: string): AuthError {
  ctx.log_fields.webauthn_refusal = reason
  return new AuthError(400, 'webauthn_verification_failed', 'Credential verification failed')
}

/** The error for what the check found. */
export function refusal(ctx: Ctx, { problem, reason }: Unproved): AuthError {
  const error = unproved(ctx, reason)
  return problem === 'malformed' ? unreadable() : error
}
