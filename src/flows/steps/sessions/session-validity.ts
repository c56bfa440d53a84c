// Whether a session may be refreshed: its end, time box, inactivity, assurance level and newer logins.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import type { Queryable } from '../../../storage/db.ts'
import { hasVerifiedFactor } from '../../../storage/factors.ts'
import { findSiblingSessions, type RefreshState, type SiblingSession } from '../../../storage/sessions.ts'

const expired = (reason: string): AuthError =>
  new AuthError(400, 'session_expired', `Invalid Refresh Token: Session Expired${reason}`)

/** Seconds without a refresh: since the last one, else since the token changed or the session began. */
function idleSeconds(state: RefreshState, token_changed_s: number | null): number {
  if (state.refreshed_s !== null) return state.refreshed_s
  return token_changed_s === null ? state.age_s : Math.min(token_changed_s, state.age_s)
}

/**
 * Lets a session go on that is within all limits.
 * @param token_changed_s seconds since the stored token last changed; null for signed tokens
 * @throws AuthError 400 session_expired
 */
export async function requireValidSession(
  ctx: Ctx,
  tx: Queryable,
  state: RefreshState,
  token_changed_s: number | null,
): Promise<void> {
  const { sessions_timebox, sessions_inactivity_timeout, sessions_allow_low_aal, sessions_single_per_user } = ctx.config
  if (state.ended) throw expired('')
  if (sessions_timebox > 0 && state.age_s * 1000 >= sessions_timebox) throw expired('')
  if (sessions_inactivity_timeout > 0 && idleSeconds(state, token_changed_s) * 1000 >= sessions_inactivity_timeout)
    throw expired(' (Inactivity)')
  const isLow = state.session.aal !== 'aal2' && hasVerifiedFactor(state.user.factors)
  if (sessions_allow_low_aal > 0 && isLow && state.age_s * 1000 >= sessions_allow_low_aal)
    throw expired(' (Low AAL: User Needs MFA Verification)')
  if (sessions_single_per_user) await requireNewestSession(ctx, tx, state, idleSeconds(state, token_changed_s))
}

async function requireNewestSession(ctx: Ctx, tx: Queryable, state: RefreshState, idle_s: number): Promise<void> {
  const { sessions_tags, sessions_timebox, sessions_inactivity_timeout } = ctx.config
  const tagOf = (tag: string | null) => (tag !== null && sessions_tags.includes(tag) ? tag : (sessions_tags[0] ?? ''))
  const isValid = (other: SiblingSession) =>
    !other.ended &&
    !(sessions_timebox > 0 && other.age_s * 1000 >= sessions_timebox) &&
    !(sessions_inactivity_timeout > 0 && other.idle_s * 1000 >= sessions_inactivity_timeout)
  const siblings = await findSiblingSessions(tx, state.user.id)
  const newer = siblings.some(
    (other) =>
      other.id !== state.session.id &&
      tagOf(other.tag) === tagOf(state.session.tag) &&
      other.idle_s < idle_s &&
      isValid(other),
  )
  if (newer) throw expired(' (Revoked by Newer Login)')
}
