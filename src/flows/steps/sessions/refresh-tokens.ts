// Refreshes a session: in two statements without a transaction where that is enough, which it nearly always is.
import type { Ctx } from '../../../context.ts'
import { isStoredTokenForm, newRefreshToken, readSignedToken } from '../../../crypto/refresh-token.ts'
import { invalid } from '../../../errors.ts'
import { findRefreshToken, lockSessionOfToken, swapRefreshToken } from '../../../storage/refresh-tokens.ts'
import { lockSession } from '../../../storage/sessions.ts'
import { auditAll, auditEntries, logAudit } from '../records/audit.ts'
import { type Tx, transact } from '../transact.ts'
import { type AccessToken, accessToken, signAccessToken } from './access-token.ts'
import { nameSession } from './name-session.ts'
import {
  type Asker,
  type Refreshed,
  refreshedClaims,
  refreshedFrom,
  tokenNotFound,
  touched,
} from './refresh-outcome.ts'
import { refreshSigned } from './refresh-signed.ts'
import { isUpgraded, refreshStored } from './refresh-stored.ts'
import { requireValidSession } from './session-validity.ts'

/** What a refresh answers with. */
export interface Fresh extends Pick<Refreshed, 'state' | 'refresh_token'> {
  access_token: AccessToken
}

/**
 * Gives a session new tokens.
 * @throws AuthError 400 refresh_token_not_found, refresh_token_already_used, session_expired, user_banned; OAuthError
 */
export async function refreshTokens(ctx: Ctx, refresh_token: string, asker: Asker): Promise<Fresh> {
  const signed = isStoredTokenForm(refresh_token) ? null : readSignedToken(refresh_token)
  if (!signed && !isStoredTokenForm(refresh_token))
    throw asker.client_id === null ? invalid('Refresh token is not valid') : tokenNotFound()
  const swapped = signed ? null : await refreshAtOnce(ctx, refresh_token, asker)
  if (swapped) return swapped
  const outcome = await transact(ctx, async (tx) => {
    const locked = signed ? lockSession(tx, signed.session_id) : lockSessionOfToken(tx, refresh_token)
    const refreshed = signed ? refreshSigned(ctx, tx, signed, asker) : refreshStored(ctx, tx, refresh_token, asker)
    const [, result] = await Promise.all([locked, refreshed])
    return 'refusal' in result ? result : finish(ctx, tx, result, asker)
  })
  if ('refusal' in outcome) throw outcome.refusal
  return outcome
}

async function finish(ctx: Ctx, tx: Tx, refreshed: Refreshed, asker: Asker): Promise<Fresh> {
  nameRefreshed(ctx, refreshed)
  const claims = refreshedClaims(ctx, refreshed.state, asker)
  const [access_token, , swap] = await Promise.all([
    signAccessToken(ctx, tx, claims, 'token_refresh'),
    auditAll(ctx, tx, refreshed.state.user, [
      { action: 'token_refreshed' },
      ...(refreshed.swapped ? [{ action: 'token_revoked' as const }] : []),
    ]),
    refreshed.writes,
  ])
  return { state: touched(refreshed.state, swap), refresh_token: refreshed.refresh_token, access_token }
}

/**
 * Reads, decides, and writes on the condition that nothing has changed since the read (docs/decisions/005).
 * @returns null when the long way must decide: a token that was used before, a lost race, a hook or a new form of tokens
 * @throws AuthError as the long way does, where reading is enough to refuse
 */
async function refreshAtOnce(ctx: Ctx, text: string, asker: Asker): Promise<Fresh | null> {
  if (ctx.hooks.enabled('custom_access_token') !== false) return null
  const found = await findRefreshToken({ query: ctx.db.lookup }, text)
  if (!found) throw tokenNotFound()
  const { token, state } = found
  if (!state || token.revoked || isUpgraded(ctx, state.session.id)) return null
  await requireValidSession(ctx, ctx.db, state, token.changed_s, asker)
  const claims = refreshedClaims(ctx, state, asker)
  const access_token = await accessToken(ctx, claims)
  const refresh_token = newRefreshToken(ctx.random)
  const entries = auditEntries(ctx, state.user, [{ action: 'token_refreshed' }, { action: 'token_revoked' }])
  const kept = ctx.config.audit_log_disable_postgres ? [] : entries
  const session = { id: state.session.id, version: state.version }
  const swap = await swapRefreshToken(ctx.db, token, session, refresh_token, refreshedFrom(ctx), kept)
  if (!swap) return null
  logAudit(ctx, entries)
  nameRefreshed(ctx, { state, refresh_token, headers: { 'sb-auth-refresh-token-reuse': 'false' } })
  return { state: touched(state, swap), refresh_token, access_token }
}

function nameRefreshed(
  ctx: Ctx,
  { state, refresh_token, counter, headers }: Pick<Refreshed, 'state' | 'refresh_token' | 'counter' | 'headers'>,
): void {
  nameSession(ctx, { user_id: state.user.id, session_id: state.session.id, refresh_token, counter })
  Object.assign(ctx.answer_headers, headers)
}
