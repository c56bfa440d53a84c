// Refresh tokens of version 1: stored in clear, swapped at each use.
import { createHash } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import { makeSignedToken, newRefreshToken } from '../../../crypto/refresh-token.ts'
import { AuthError } from '../../../errors.ts'
import type { Queryable } from '../../../storage/db.ts'
import {
  deleteRefreshToken,
  findRefreshToken,
  type RefreshState,
  type RefreshToken,
  revokeFamily,
  rotateRefreshToken,
} from '../../../storage/refresh-tokens.ts'
import { touchSession } from '../../../storage/sessions.ts'
import {
  type Asker,
  alreadyUsed,
  type Refreshed,
  type Refused,
  refreshedFrom,
  tokenNotFound,
} from './refresh-outcome.ts'
import { requireValidSession } from './session-validity.ts'

/** Swaps a stored token, answers the one in use again, or ends a family whose old token came back. */
export async function refreshStored(ctx: Ctx, tx: Queryable, text: string, asker: Asker): Promise<Refreshed | Refused> {
  const found = await findRefreshToken(tx, text)
  if (!found) throw tokenNotFound()
  const { token, state } = found
  if (!state) {
    await deleteRefreshToken(tx, token.id)
    return {
      refusal: new AuthError(400, 'session_not_found', 'Invalid Refresh Token: No Valid Session Found'),
    }
  }
  await requireValidSession(ctx, tx, state, token.changed_s, asker)
  if (!token.revoked) return rotate(ctx, tx, token, state)
  const { security_refresh_token_reuse_interval: interval_s, security_refresh_token_rotation_enabled } = ctx.config
  if (state.active?.parent === token.token) {
    const writes = touchSession(tx, state.session.id, refreshedFrom(ctx)).then(() => undefined)
    return { state, refresh_token: state.active.token, headers: {}, swapped: false, writes }
  }
  if (token.changed_s < interval_s) return rotate(ctx, tx, token, state)
  if (security_refresh_token_rotation_enabled) await revokeFamily(tx, state.session.id)
  return { refusal: alreadyUsed(state) }
}

async function rotate(ctx: Ctx, tx: Queryable, token: RefreshToken, state: RefreshState): Promise<Refreshed> {
  const next = newRefreshToken(ctx.random)
  const old = { ...token, session_id: state.session.id }
  if (isUpgraded(ctx, state.session.id)) return upgrade(ctx, tx, old, next, state)
  const writes = rotateRefreshToken(tx, old, { token: next, revoked: false }, refreshedFrom(ctx))
  return { state, refresh_token: next, headers: { 'sb-auth-refresh-token-reuse': 'false' }, swapped: true, writes }
}

/** Whether a session moves to signed tokens: a stable choice by its id. */
export function isUpgraded(ctx: Ctx, session_id: string): boolean {
  const { security_refresh_token_algorithm_version, security_refresh_token_upgrade_percentage } = ctx.config
  if (security_refresh_token_algorithm_version !== 2 || security_refresh_token_upgrade_percentage <= 0) return false
  const share = createHash('sha256').update(session_id).digest().readUInt32BE() % 100
  return share < security_refresh_token_upgrade_percentage
}

async function upgrade(
  ctx: Ctx,
  tx: Queryable,
  old: RefreshToken & { session_id: string },
  next: string,
  state: RefreshState,
): Promise<Refreshed> {
  const { session } = state
  const stored = session.refresh_token_hmac_key
  const key = stored === null ? ctx.random(32).toString('base64url') : ctx.column_cipher.decrypt(stored, session.id)
  const counter = stored === null ? 0 : (session.refresh_token_counter ?? 0) + 1
  const signed = { key: ctx.column_cipher.encrypt(key, session.id), counter }
  const writes = rotateRefreshToken(tx, old, { token: next, revoked: true }, refreshedFrom(ctx), signed)
  const refresh_token = makeSignedToken({ session_id: session.id, counter, key })
  return {
    state,
    refresh_token,
    counter,
    headers: { 'sb-auth-refresh-token-reuse': 'false', 'sb-auth-refresh-token-prefix': refresh_token.slice(0, 5) },
    swapped: true,
    writes,
  }
}
