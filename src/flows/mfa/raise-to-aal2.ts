// A session shows a second factor: it is raised, its refresh token renewed, and its tokens say so.
import type { Ctx } from '../../context.ts'
import { makeSignedToken } from '../../crypto/refresh-token.ts'
import { AuthError } from '../../errors.ts'
import { findRefreshState, type RefreshState, swapOldestToken } from '../../storage/refresh-tokens.ts'
import { moveTokenCounter, raiseSession } from '../../storage/sessions.ts'
import type { User } from '../../storage/users.ts'
import { audit } from '../steps/records/audit.ts'
import { signAccessToken } from '../steps/sessions/access-token.ts'
import { type TokenAnswer, tokenAnswer } from '../steps/sessions/issue-session.ts'
import { refreshedClaims, touched } from '../steps/sessions/refresh-outcome.ts'
import { trustDevice } from '../steps/sessions/trusted-device.ts'
import type { Tx } from '../steps/transact.ts'

/** Who showed what in which session. */
export interface Raised {
  user_id: string
  session_id: string
  /** Null for a recovery code, which is no row among the factors. */
  factor_id: string | null
  /** Name of the proof in `amr`. */
  method: string
  /** Whether the person asked to be spared the second factor on this device. */
  trusts_device: boolean
  /** The stored refresh token that comes next, made before the transaction. */
  next: string
}

/**
 * Raises a session that is locked, and ends the account's weaker ones.
 * @throws AuthError 403 session_not_found when it is gone
 */
export async function raiseToAal2(ctx: Ctx, tx: Tx, raised: Raised): Promise<TokenAnswer> {
  const { user_id, session_id, factor_id, method, next, trusts_device } = raised
  await raiseSession(tx, { id: session_id, user_id }, factor_id, method)
  const state = await findRefreshState(tx, session_id)
  if (!state) throw new AuthError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
  const { refresh_token, user } = await renewToken(ctx, tx, state, next)
  const claims = refreshedClaims(ctx, state)
  const access_token = await signAccessToken(ctx, tx, claims, method)
  const answer = tokenAnswer(user, access_token, refresh_token)
  const device = trusts_device ? await trustDevice(ctx, tx, user_id) : null
  Object.assign(answer.body, device && { trusted_device: device })
  return answer
}

/** A token from before can never reach the new level: stored ones are swapped, signed ones skip a number. */
async function renewToken(
  ctx: Ctx,
  tx: Tx,
  state: RefreshState,
  next: string,
): Promise<{ refresh_token: string; user: User }> {
  const { session, user } = state
  const sealed = session.refresh_token_hmac_key
  if (sealed === null) {
    const [swap] = await Promise.all([
      swapOldestToken(tx, { id: session.id, user_id: user.id }, next),
      audit(ctx, tx, user, 'token_revoked'),
    ])
    return { refresh_token: next, user: touched(state, swap).user }
  }
  const counter = (session.refresh_token_counter ?? 0) + 2
  await moveTokenCounter(tx, session.id, counter)
  const key = ctx.column_cipher.decrypt(sealed, session.id)
  return { refresh_token: makeSignedToken({ session_id: session.id, counter, key }), user }
}
