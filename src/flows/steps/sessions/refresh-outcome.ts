// What the two forms of refresh tokens have in common: outcomes, refusals and the checks of the account.
import type { Ctx } from '../../../context.ts'
import type { Claims } from '../../../crypto/jwt.ts'
import { AuthError, OAuthError } from '../../../errors.ts'
import type { RefreshState, TokenSwap } from '../../../storage/refresh-tokens.ts'
import { tokenClaims } from './access-token.ts'
import { levelOf } from './assurance.ts'

/** Who asks for a refresh. */
export interface Asker {
  /** The OAuth client, whose session it must be; null for the person's own. */
  client_id: string | null
  /** Thumbprint of the key that was proved, which the new access token is bound to (RFC 9449 §5). */
  jkt: string | null
}

/** The person, with an application of their own. */
export const person: Asker = { client_id: null, jkt: null }

/** A refresh that may go on, once its session is locked. */
export interface Refreshed {
  state: RefreshState
  refresh_token: string
  /** Counter of a signed token. */
  counter?: number
  headers: Record<string, string>
  /** Whether a stored token was swapped, which the audit log records. */
  swapped: boolean
  /** Writes that are under way, so that others can go with them on one round trip; a stored token's swap. */
  writes: Promise<TokenSwap | undefined>
}

/** A refusal that is committed: what it revoked stays revoked. */
export interface Refused {
  refusal: AuthError
}

/** 400 for a token that leads to no session. */
export const tokenNotFound = (): AuthError =>
  new AuthError(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found')

/** 400 for a token that was used before, with headers that name the session. */
export const alreadyUsed = (state: RefreshState, headers: Record<string, string> = {}): AuthError =>
  new AuthError(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used', {
    headers: { ...sessionHeaders(state), ...headers },
  })

/** Headers that name the session, on refusals too. */
export const sessionHeaders = (state: RefreshState): Record<string, string> => ({
  'sb-auth-user-id': state.user.id,
  'sb-auth-session-id': state.session.id,
})

/** @throws AuthError 400 user_banned */
export function requireUnbanned({ user }: RefreshState): void {
  if (!user.is_banned) return
  const headers = { 'sb-auth-user-id': user.id }
  throw new AuthError(400, 'user_banned', 'Invalid Refresh Token: User Banned', { headers })
}

/**
 * The session must be one of whoever asks.
 * @throws OAuthError invalid_client, invalid_grant where the session is bound to another key
 */
export function requireSessionOf(state: RefreshState, { client_id, jkt }: Asker): void {
  const { oauth_client_id } = state.session
  if (oauth_client_id === client_id) {
    if (state.bound_jkt === null || state.bound_jkt === jkt) return
    throw new OAuthError('invalid_grant', 'The refresh token is bound to a key that was not proved')
  }
  const headers = sessionHeaders(state)
  if (client_id === null)
    throw new OAuthError('invalid_client', 'Client authentication required for OAuth session', { headers })
  throw new OAuthError(
    'invalid_client',
    oauth_client_id === null
      ? 'Client authentication not allowed for non-OAuth session'
      : "Client does not match the session's OAuth client",
    { headers },
  )
}

/** The state after a stored token was swapped, which moves `updated_at` of the account. */
export const touched = (state: RefreshState, swap: TokenSwap | undefined): RefreshState =>
  swap?.updated_at ? { ...state, user: { ...state.user, updated_at: swap.updated_at } } : state

/** Who refreshes, as the session row records it. */
export const refreshedFrom = (ctx: Ctx): { user_agent: string; ip: string } => ({
  user_agent: ctx.user_agent,
  ip: ctx.client_address,
})

/** The claims of the access token of a session that goes on. */
export function refreshedClaims(ctx: Ctx, state: RefreshState, { jkt }: Asker = person): Claims {
  const { user, session, age_s, amr, now_s } = state
  const { id, oauth_client_id, scopes } = session
  const aal = levelOf(session, user.factors)
  return tokenClaims(ctx, user, { id, aal, age_s, amr, oauth_client_id, scopes, jkt }, now_s)
}
