// Who must have a second factor (POSTERN_MFA_REQUIRED), and what they may do until they have shown it.
import type { Caller, Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { hasVerifiedFactor } from '../../../storage/factors.ts'
import type { User } from '../../../storage/users.ts'
import { factorTypes } from '../requests/factor-of-path.ts'

/** Whether an account needs a second factor; people of a company's identity provider show theirs there. */
function needsFactor({ config }: Pick<Ctx, 'config'>, user: User): boolean {
  if (config.mfa_required === 'off' || user.is_anonymous || user.is_sso_user) return false
  return config.mfa_required === 'all' || config.jwt_admin_roles.includes(user.role ?? '')
}

/** Whether a session waits for the second factor; those of applications have the level of their consent. */
export const waitsForFactor = (
  ctx: Pick<Ctx, 'config'>,
  user: User,
  session: { aal: string | null; oauth_client_id?: string | null },
): boolean => session.aal !== 'aal2' && !session.oauth_client_id && needsFactor(ctx, user)

/** What a person whose session waits must do next, as answers with tokens say it; nothing for all others. */
export const nextStep = (
  ctx: Pick<Ctx, 'config'>,
  user: User,
  session: Parameters<typeof waitsForFactor>[2],
): { mfa_required?: 'verify' | 'enroll' } =>
  waitsForFactor(ctx, user, session) ? { mfa_required: hasVerifiedFactor(user.factors) ? 'verify' : 'enroll' } : {}

/** What a person must do before the pages hand their session on: the policy's step, and to show a factor that they can show. */
export function stepBeforeHandOff(
  ctx: Pick<Ctx, 'config'>,
  user: User,
  session: Parameters<typeof waitsForFactor>[2],
): 'verify' | 'enroll' | null {
  const canShow = user.factors.some(
    ({ status, factor_type }) => status === 'verified' && ctx.config[factorTypes[factor_type].verify],
  )
  if (session.aal !== 'aal2' && canShow) return 'verify'
  return nextStep(ctx, user, session).mfa_required ?? null
}

const mustShow = (): AuthError => new AuthError(403, 'mfa_required', 'A second factor must be enrolled and shown first')

/** @throws AuthError 403 mfa_required while the session of a caller waits */
export function requireShownFactor(ctx: Ctx, { user, session, level }: Caller): void {
  if (session && waitsForFactor(ctx, user, { ...session, aal: level })) throw mustShow()
}

/**
 * The same for administrators with a session of their own: what a trusted device spares them is signing in, and the API opens no
 * more to them than the console (security rule 11).
 * @throws AuthError 403 mfa_required
 */
export function requireOperatorsFactor(ctx: Ctx, caller: Caller): void {
  requireShownFactor(ctx, { ...caller, level: caller.has_shown ? 'aal2' : 'aal1' })
  if (caller.session && ctx.config.console_require_aal2 && !caller.has_shown) throw mustShow()
}
