// Hands a session of the pages to an application: one of its own, with the proofs, times and level of the real sign-in.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { copySession } from '../../../storage/page-sessions.ts'
import { findRefreshState } from '../../../storage/refresh-tokens.ts'
import { signAccessToken } from '../sessions/access-token.ts'
import { levelOf } from '../sessions/assurance.ts'
import { type SessionSecrets, sealedKey, type TokenAnswer, tokenAnswer } from '../sessions/issue-session.ts'
import { nextStep } from '../sessions/mfa-policy.ts'
import { nameSession } from '../sessions/name-session.ts'
import { refreshedClaims, refreshedFrom } from '../sessions/refresh-outcome.ts'
import type { Tx } from '../transact.ts'
import { applicationAt } from './application-at.ts'

/** What is handed to whom. */
export interface HandOver {
  /** The session of the pages. */
  from_id: string
  /** Where the application waits. */
  address: string
  secrets: SessionSecrets
}

/**
 * Opens a session like another in the caller's transaction, which holds the account's row.
 * @throws AuthError 403 session_not_found when that one is over
 */
export async function handSession(ctx: Ctx, tx: Tx, { from_id, address, secrets }: HandOver): Promise<TokenAnswer> {
  const { id, key, refresh_token } = secrets
  const copy = {
    id,
    application: applicationAt(address),
    refresh_token: key === null ? refresh_token : null,
    refresh_token_hmac_key: sealedKey(ctx, secrets),
    ...refreshedFrom(ctx),
  }
  const state = (await copySession(tx, from_id, copy)) ? await findRefreshState(tx, id) : null
  if (!state) throw new AuthError(403, 'session_not_found', 'The session with the pages is over')
  const { user, session } = state
  nameSession(ctx, { user_id: user.id, session_id: id, refresh_token, ...(key !== null && { counter: 0 }) })
  const access_token = await signAccessToken(ctx, tx, refreshedClaims(ctx, state), 'oauth')
  tx.afterCommit(() => {
    ctx.log_fields.auth_event = { action: 'login', user_id: user.id, method: 'oauth' }
  })
  const answer = tokenAnswer(user, access_token, refresh_token)
  Object.assign(answer.body, nextStep(ctx, user, { ...session, aal: levelOf(session, user.factors) }))
  return answer
}
