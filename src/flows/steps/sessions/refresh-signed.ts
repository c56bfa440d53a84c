// Refresh tokens of version 2: a counter signed with a key of the session, nothing stored for each.
import type { Ctx } from '../../../context.ts'
import { makeSignedToken, type SignedToken, signatureMatches } from '../../../crypto/refresh-token.ts'
import { AuthError } from '../../../errors.ts'
import type { Queryable } from '../../../storage/db.ts'
import { findRefreshState, type RefreshState } from '../../../storage/refresh-tokens.ts'
import { deleteSessions, touchSession } from '../../../storage/sessions.ts'
import {
  type Asker,
  alreadyUsed,
  type Refreshed,
  type Refused,
  refreshedFrom,
  sessionHeaders,
  tokenNotFound,
} from './refresh-outcome.ts'
import { requireValidSession } from './session-validity.ts'

/** Moves the counter on, answers the current token again, or ends a session whose old token came back. */
export async function refreshSigned(
  ctx: Ctx,
  tx: Queryable,
  token: SignedToken,
  asker: Asker,
): Promise<Refreshed | Refused> {
  const state = await findRefreshState(tx, token.session_id)
  const sealed = state?.session.refresh_token_hmac_key
  if (!state || !sealed) throw tokenNotFound()
  const key = ctx.column_cipher.decrypt(sealed, state.session.id)
  if (!signatureMatches(token, key)) throw tokenNotFound()
  await requireValidSession(ctx, tx, state, null, asker)
  const current = state.session.refresh_token_counter ?? 0
  const behind = current - token.counter
  if (behind < 0)
    throw new AuthError(400, 'validation_failed', 'Invalid Refresh Token: Not Issued By This Server', {
      headers: sessionHeaders(state),
    })
  if (behind > 0) return reuse(ctx, tx, state, key, behind)
  const counter = current + 1
  const encrypted = ctx.column_cipher.isOutdated(sealed) ? ctx.column_cipher.encrypt(key, state.session.id) : sealed
  const writes = touchSession(tx, state.session.id, refreshedFrom(ctx), { key: encrypted, counter }).then(
    () => undefined,
  )
  const refresh_token = makeSignedToken({ session_id: state.session.id, counter, key })
  return { state, refresh_token, counter, headers: { 'sb-auth-refresh-token-reuse': 'false' }, swapped: false, writes }
}

async function reuse(
  ctx: Ctx,
  tx: Queryable,
  state: RefreshState,
  key: string,
  behind: number,
): Promise<Refreshed | Refused> {
  const { config } = ctx
  const last_s = state.refreshed_s ?? state.age_s
  const causes = [
    Math.abs(last_s) < config.security_refresh_token_reuse_interval && 'concurrent-refresh',
    behind === 1 && 'fail-to-save',
    config.security_refresh_token_allow_reuse && 'always-allow',
  ].filter((cause) => cause !== false)
  const counter = state.session.refresh_token_counter ?? 0
  if (causes.length > 0)
    return {
      state,
      refresh_token: makeSignedToken({ session_id: state.session.id, counter, key }),
      counter,
      headers: { 'sb-auth-refresh-token-reuse-cause': causes.join(',') },
      swapped: false,
      writes: Promise.resolve(undefined),
    }
  if (!config.security_refresh_token_rotation_enabled) return { refusal: alreadyUsed(state) }
  await deleteSessions(tx, state.user.id, { only: state.session.id })
  return { refusal: alreadyUsed(state, { 'sb-auth-refresh-token-rotated': 'true' }) }
}
