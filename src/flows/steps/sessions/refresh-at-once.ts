// Swaps a stored refresh token in two statements without a transaction: what nearly every refresh is.
import type { Ctx } from '../../../context.ts'
import { signJwt } from '../../../crypto/jwt.ts'
import { newRefreshToken } from '../../../crypto/refresh-token.ts'
import type { RefreshState } from '../../../storage/refresh-tokens.ts'
import { findRefreshToken, swapRefreshToken } from '../../../storage/refresh-tokens.ts'
import { auditEntries, logAudit } from '../records/audit.ts'
import { refreshedClaims, refreshedFrom, requireOwnSession, tokenNotFound, touched } from './refresh-outcome.ts'
import { isUpgraded } from './refresh-stored.ts'
import { requireValidSession } from './session-validity.ts'

/** What a refresh answers with. */
export interface Swapped {
  state: RefreshState
  refresh_token: string
  access_token: { text: string; exp: number }
  headers: Record<string, string>
}

/**
 * Reads, decides, and writes on the condition that nothing has changed since the read (docs/decisions/005).
 * @returns null when the long way must decide: a token that was used before, a lost race, a hook or a new form of tokens
 * @throws AuthError as the long way does, where reading is enough to refuse
 */
export async function refreshAtOnce(ctx: Ctx, text: string): Promise<Swapped | null> {
  if (ctx.hooks.enabled('custom_access_token') !== false) return null
  const found = await findRefreshToken({ query: ctx.db.lookup }, text)
  if (!found) throw tokenNotFound()
  const { token, state } = found
  if (!state || token.revoked || isUpgraded(ctx, state.session.id)) return null
  requireOwnSession(state)
  await requireValidSession(ctx, ctx.db, state, token.changed_s)
  const claims = refreshedClaims(ctx, state)
  const access_token = { text: signJwt(claims, ctx.keys.signing), exp: Number(claims.exp) }
  const refresh_token = newRefreshToken(ctx.random)
  const entries = auditEntries(ctx, state.user, [{ action: 'token_refreshed' }, { action: 'token_revoked' }])
  const kept = ctx.config.audit_log_disable_postgres ? [] : entries
  const session = { id: state.session.id, version: state.version }
  const swap = await swapRefreshToken(ctx.db, token, session, refresh_token, refreshedFrom(ctx), kept)
  if (!swap) return null
  logAudit(ctx, entries)
  return {
    state: touched(state, swap),
    refresh_token,
    access_token,
    headers: { 'sb-auth-refresh-token-reuse': 'false' },
  }
}
