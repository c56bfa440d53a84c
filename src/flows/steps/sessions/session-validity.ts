// Whether a session is over, and whether it may be refreshed: its end, time box, inactivity, assurance level and newer logins.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import type { Queryable } from '../../../storage/db.ts'
import { hasVerifiedFactor } from '../../../storage/factors.ts'
import type { RefreshState } from '../../../storage/refresh-tokens.ts'
import { findSiblingSessions, type Session } from '../../../storage/sessions.ts'
import { levelOf } from './assurance.ts'
import { type Asker, requireSessionOf, requireUnbanned, sessionHeaders } from './refresh-outcome.ts'

const expired = (state: RefreshState, reason: string): AuthError =>
  new AuthError(400, 'session_expired', `Invalid Refresh Token: Session Expired${reason}`, {
    headers: sessionHeaders(state),
  })

/** How old a session is, by the database's clock. */
export interface SessionAge {
  /** Whether `not_after` has passed. */
  ended: boolean
  age_s: number
  /** Seconds since the last refresh, or since the session began. */
  idle_s: number
}

/** The age of a session, by the clock that wrote its times. */
export function ageOf(session: Session, now_ms: number): SessionAge {
  const created = Date.parse(session.created_at)
  const refreshed = session.refreshed_at ? Date.parse(`${session.refreshed_at}Z`) : created
  return {
    ended: session.not_after !== null && Date.parse(session.not_after) <= now_ms,
    age_s: (now_ms - created) / 1000,
    idle_s: (now_ms - refreshed) / 1000,
  }
}

/** Why a session is over, or null while it goes on. */
export function overBecause({ config }: Pick<Ctx, 'config'>, age: SessionAge): 'end' | 'inactivity' | null {
  const { sessions_timebox, sessions_inactivity_timeout } = config
  if (age.ended || (sessions_timebox > 0 && age.age_s * 1000 >= sessions_timebox)) return 'end'
  return sessions_inactivity_timeout > 0 && age.idle_s * 1000 >= sessions_inactivity_timeout ? 'inactivity' : null
}

/** Seconds without a refresh: since the last one, else since the token changed or the session began. */
function idleSeconds(state: RefreshState, token_changed_s: number | null): number {
  if (state.refreshed_s !== null) return state.refreshed_s
  return token_changed_s === null ? state.age_s : Math.min(token_changed_s, state.age_s)
}

/**
 * Lets a session go on that is within all limits, and of whoever asks for it.
 * @param token_changed_s seconds since the stored token last changed; null for signed tokens
 * @param asker who asks; null where it is only looked at
 * @throws AuthError 400 user_banned, session_expired; OAuthError as requireSessionOf
 */
export async function requireValidSession(
  ctx: Ctx,
  tx: Queryable,
  state: RefreshState,
  token_changed_s: number | null,
  asker: Asker | null,
): Promise<void> {
  if (asker) requireUnbanned(state)
  const { sessions_allow_low_aal, sessions_single_per_user } = ctx.config
  const idle_s = idleSeconds(state, token_changed_s)
  const over = overBecause(ctx, { ...state, idle_s })
  if (over) throw expired(state, over === 'inactivity' ? ' (Inactivity)' : '')
  const isLow = levelOf(state.session, state.user.factors) !== 'aal2' && hasVerifiedFactor(state.user.factors)
  if (sessions_allow_low_aal > 0 && isLow && state.age_s * 1000 >= sessions_allow_low_aal)
    throw expired(state, ' (Low AAL: User Needs MFA Verification)')
  if (asker) requireSessionOf(state, asker)
  if (sessions_single_per_user) await requireNewestSession(ctx, tx, state, idle_s)
}

async function requireNewestSession(ctx: Ctx, tx: Queryable, state: RefreshState, idle_s: number): Promise<void> {
  const { sessions_tags } = ctx.config
  const tagOf = (tag: string | null) => (tag !== null && sessions_tags.includes(tag) ? tag : (sessions_tags[0] ?? ''))
  const siblings = await findSiblingSessions(tx, state.session)
  // The two were read at different times, so that only times between events can be compared.
  const active_after_s = state.age_s - idle_s
  const newer = siblings.some(
    (other) =>
      tagOf(other.tag) === tagOf(state.session.tag) &&
      other.active_after_s > active_after_s &&
      overBecause(ctx, other) === null,
  )
  if (newer) throw expired(state, ' (Revoked by Newer Login)')
}
