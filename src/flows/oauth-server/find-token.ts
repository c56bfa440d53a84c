// What a token is that an application asks about or gives back: an access token or a refresh token of this server.
import type { Ctx } from '../../context.ts'
import { type Claims, JwtError, verifyJwt } from '../../crypto/jwt.ts'
import { isStoredTokenForm, readSignedToken, signatureMatches } from '../../crypto/refresh-token.ts'
import { AuthError } from '../../errors.ts'
import { findUserWithSession } from '../../storage/find-user-with-session.ts'
import { findRefreshState, findRefreshToken, type RefreshState } from '../../storage/refresh-tokens.ts'
import { findUserById } from '../../storage/users.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import { isOfExchange, isRevoked } from '../steps/sessions/revoked-token.ts'
import { ageOf, overBecause, requireValidSession } from '../steps/sessions/session-validity.ts'

/** A token of this server. */
export interface FoundToken {
  /** Whether it can still be used. */
  is_active: boolean
  /** The application that it was given to; null for a person's own. */
  client_id: string | null
  /** The session that ends when it is given back; null for what an application got for itself. */
  session: { id: string; user_id: string } | null
  /** What is told of it while it can be used (RFC 7662 §2.2). */
  about: Record<string, unknown>
  /** Claims of an access token. */
  claims?: Claims
}

/** Finds a token; null for what is none of this server. */
export async function findToken(ctx: Ctx, text: string): Promise<FoundToken | null> {
  if (text.includes('.')) return findAccessToken(ctx, text)
  return findRefresh(ctx, text)
}

async function findAccessToken(ctx: Ctx, text: string): Promise<FoundToken | null> {
  let claims: Claims
  try {
    claims = verifyJwt(text, ctx.keys, ctx.now() / 1000)
  } catch (error) {
    if (error instanceof JwtError) return null
    throw error
  }
  const { iss, sub, aud, exp, iat, nbf, jti, scope, client_id, cnf, act, session_id } = claims
  const token_type = Object.hasOwn(Object(cnf), 'jkt') ? 'DPoP' : 'Bearer'
  const told = { iss, sub, aud, exp, iat, nbf, jti, scope, client_id, cnf, act, token_type }
  const about = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
  if (typeof sub !== 'string' || !isUuid(sub)) return null
  if (session_id === undefined) {
    // What an application got for itself names the application alone; what it got to act as a person, the person.
    if (typeof client_id !== 'string' || (client_id !== sub && !isOfExchange(claims))) return null
    const is_active = !(await isRevoked(ctx, claims)) && (client_id === sub || (await maySignIn(ctx, sub)))
    return { is_active, client_id, session: null, about, claims }
  }
  const found = isUuid(session_id) ? await findUserWithSession(ctx.db, sub, session_id) : null
  if (found?.session?.user_id !== sub) return null
  const { user, session, now_ms } = found
  const is_active = !user.is_banned && overBecause(ctx, ageOf(session, now_ms)) === null
  return { is_active, client_id: session.oauth_client_id, session: { id: session.id, user_id: user.id }, about, claims }
}

async function maySignIn({ db }: Ctx, id: string): Promise<boolean> {
  const user = await findUserById(db, id)
  return user !== null && !user.is_banned
}

async function findRefresh(ctx: Ctx, text: string): Promise<FoundToken | null> {
  const found = isStoredTokenForm(text) ? await findStored(ctx, text) : await findSigned(ctx, text)
  if (!found) return null
  const { state, is_current, changed_s } = found
  const { session, user, bound_jkt } = state
  const is_active = is_current && !user.is_banned && (await goesOn(ctx, state, changed_s))
  const about = {
    sub: user.id,
    ...(session.scopes && { scope: session.scopes }),
    ...(session.oauth_client_id && { client_id: session.oauth_client_id }),
    ...(bound_jkt && { cnf: { jkt: bound_jkt } }),
  }
  return { is_active, client_id: session.oauth_client_id, session: { id: session.id, user_id: user.id }, about }
}

interface Refresh {
  state: RefreshState
  /** Whether no newer one took its place. */
  is_current: boolean
  changed_s: number | null
}

async function findStored(ctx: Ctx, text: string): Promise<Refresh | null> {
  const found = await findRefreshToken(ctx.db, text)
  if (!found?.state) return null
  return { state: found.state, is_current: !found.token.revoked, changed_s: found.token.changed_s }
}

async function findSigned(ctx: Ctx, text: string): Promise<Refresh | null> {
  const token = readSignedToken(text)
  const state = token && (await findRefreshState(ctx.db, token.session_id))
  const sealed = state?.session.refresh_token_hmac_key
  if (!token || !state || !sealed) return null
  if (!signatureMatches(token, ctx.column_cipher.decrypt(sealed, state.session.id))) return null
  return { state, is_current: token.counter === state.session.refresh_token_counter, changed_s: null }
}

async function goesOn(ctx: Ctx, state: RefreshState, changed_s: number | null): Promise<boolean> {
  try {
    await requireValidSession(ctx, ctx.db, state, changed_s, null)
    return true
  } catch (error) {
    if (error instanceof AuthError && error.code === 'session_expired') return false
    throw error
  }
}
