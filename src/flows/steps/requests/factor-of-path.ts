// The second factor that a request is about, and what sets the types of factors apart.
import type { Caller, Ctx } from '../../../context.ts'
import { AuthError, type ErrorCode } from '../../../errors.ts'
import type { Factor } from '../../../storage/factors.ts'
import type { Session } from '../../../storage/sessions.ts'
import type { User } from '../../../storage/users.ts'
import { parseUuid } from './uuid.ts'

/** A type of factor: its name in messages, the proof that it adds to a session, and the switches of the configuration. */
export const factorTypes = {
  totp: {
    title: 'TOTP',
    method: 'totp',
    enroll: 'mfa_totp_enroll_enabled',
    verify: 'mfa_totp_verify_enabled',
  },
  phone: {
    title: 'Phone',
    method: 'mfa/phone',
    enroll: 'mfa_phone_enroll_enabled',
    verify: 'mfa_phone_verify_enabled',
  },
  webauthn: {
    title: 'WebAuthn',
    method: 'mfa/webauthn',
    enroll: 'mfa_web_authn_enroll_enabled',
    verify: 'mfa_web_authn_verify_enabled',
  },
} as const

/**
 * The caller, who must be a person with an account and a session.
 * @throws AuthError 403 no_authorization for anonymous people; 403 session_not_found (security MFA-08)
 */
export function requireFactorsCaller({ session, ...caller }: Caller): Caller & { session: Session } {
  if (caller.user.is_anonymous)
    throw new AuthError(403, 'no_authorization', 'Anonymous user not allowed to perform these actions')
  if (!session) throw new AuthError(403, 'session_not_found', 'Second factors and passkeys need a session')
  return { ...caller, session }
}

/** @throws AuthError 404 validation_failed for no UUID; 404 mfa_factor_not_found */
export function factorOfPath(ctx: Ctx, user: User): Factor {
  const id = parseUuid(ctx.path_params.factor_id ?? '')
  if (id === null) throw new AuthError(404, 'validation_failed', 'factor_id must be an UUID')
  const factor = user.factors.find((own) => own.id === id)
  if (!factor) throw factorNotFound()
  return factor
}

/** 404 for a factor that is not there, or somebody else's. */
export const factorNotFound = (): AuthError => new AuthError(404, 'mfa_factor_not_found', 'Factor not found')

/** @throws AuthError 422 mfa_…_verify_not_enabled, or the code that is given instead */
export function requireVerifyEnabled(ctx: Ctx, type: Factor['factor_type'], code?: ErrorCode): void {
  const { title, verify } = factorTypes[type]
  if (!ctx.config[verify])
    throw new AuthError(422, code ?? `mfa_${type}_verify_not_enabled`, `MFA verification is disabled for ${title}`)
}
