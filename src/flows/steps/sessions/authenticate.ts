// Who sends a request: the access token, and the account and session that it names.
import type { Caller, Ctx } from '../../../context.ts'
import { dpopAlgorithms } from '../../../crypto/dpop-proof.ts'
import { type Claims, JwtError, verifyJwt } from '../../../crypto/jwt.ts'
import { AuthError, OAuthError } from '../../../errors.ts'
import { hasVerifiedFactor } from '../../../storage/factors.ts'
import { findUserWithSession } from '../../../storage/find-user-with-session.ts'
import { bearerToken, dpopToken } from '../requests/bearer.ts'
import { provenKey } from '../requests/proven-key.ts'
import { requireNoBan } from '../requests/require-no-ban.ts'
import { isUuid, nilUuid } from '../requests/uuid.ts'
import { isSpared, levelOf, liveProofs, wasShown } from './assurance.ts'
import { requireOperatorsFactor } from './mfa-policy.ts'
import { isOfExchange, isRevoked } from './revoked-token.ts'
import { ageOf, overBecause } from './session-validity.ts'

const badJwt = (message: string, status = 403): AuthError => new AuthError(status, 'bad_jwt', message)

/**
 * The claims of the bearer token of a request (RFC 6750 §2.1).
 * @throws AuthError 401 no_authorization without one; 403 bad_jwt when it is not ours or not in force
 */
async function bearerClaims(ctx: Ctx): Promise<Claims> {
  const header = ctx.header('authorization')
  const bound = ctx.config.oauth_features.includes('dpop') ? dpopToken(header) : null
  const token = bound ?? bearerToken(header)
  if (token === null) throw new AuthError(401, 'no_authorization', 'This endpoint requires a valid Bearer token')
  try {
    const claims = verifyJwt(token, ctx.keys, ctx.now() / 1000)
    if (claims.amr !== undefined && claims.amr !== null && !Array.isArray(claims.amr))
      throw new JwtError('token is malformed: could not JSON decode claim: amr is no list')
    await requireKeyOf(ctx, claims, token, bound !== null)
    return claims
  } catch (error) {
    if (error instanceof JwtError) throw badJwt(`invalid JWT: unable to parse or verify signature, ${error.reason}`)
    throw error
  }
}

/**
 * A token that is bound to a key is worth nothing without a proof of the key, and only such a token comes with one (RFC 9449 §7).
 * @throws AuthError 401 bad_jwt that asks for a proof
 */
async function requireKeyOf(ctx: Ctx, { cnf }: Claims, token: string, isShown: boolean): Promise<void> {
  const jkt: unknown = Reflect.get(Object(cnf), 'jkt')
  if (jkt === undefined && !isShown) return
  const refused = (error: string, message: string) =>
    new AuthError(401, 'bad_jwt', message, {
      headers: { 'www-authenticate': `DPoP error="${error}", algs="${dpopAlgorithms.join(' ')}"` },
    })
  if (jkt === undefined) throw refused('invalid_token', 'invalid JWT: the token is bound to no key')
  if (!isShown) throw refused('invalid_token', 'invalid JWT: the token is bound to a key, which must be proved')
  const proven = await provenKey(ctx, token).catch((error: unknown) => {
    throw error instanceof OAuthError ? refused(error.error, error.message) : error
  })
  if (proven === null)
    throw refused('invalid_dpop_proof', 'invalid JWT: the token is bound to a key, which must be proved')
  if (proven !== jkt) throw refused('invalid_token', 'invalid JWT: the token is bound to another key')
}

/** The account and session that claims name, checked against the database in one round trip. */
async function loadCaller(ctx: Ctx, claims: Claims): Promise<Caller> {
  if (typeof claims.sub !== 'string' || claims.sub === '') throw badJwt('invalid claim: missing sub claim')
  if (!isUuid(claims.sub)) throw badJwt('invalid claim: sub claim must be a UUID', 400)
  const { session_id } = claims
  const namesSession = session_id !== undefined && session_id !== null && session_id !== '' && session_id !== nilUuid
  const validId = typeof session_id === 'string' && isUuid(session_id)
  const found = await findUserWithSession(ctx.db, claims.sub, namesSession && validId ? session_id : null)
  if (!found) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist')
  if (namesSession && !validId) throw badJwt('invalid claim: session_id claim must be a UUID')
  // A session that belongs to somebody else is no session of this person (security rule 7).
  if (namesSession && found.session?.user_id !== found.user.id)
    throw new AuthError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
  const level = levelOf(found.session, found.user.factors)
  // What a trusted device spares people is signing in; credentials and factors need the real one. The token does not decide:
  // a hook may have left its proofs out.
  const { user, amr, now_ms } = found
  const aal = isSpared(amr, now_ms / 1000) ? 'aal1' : level
  const has_shown = level === 'aal2' && wasShown(liveProofs(amr, user.factors))
  return { claims, user, session: found.session && { ...found.session, aal }, level, has_shown, now_ms }
}

/** Lets signed-in people pass; a person's token must expire. */
export async function requireUser(ctx: Ctx): Promise<Caller> {
  const claims = await bearerClaims(ctx)
  if (claims.exp === undefined && typeof claims.sub === 'string' && claims.sub !== '' && isUuid(claims.sub))
    throw badJwt('invalid JWT: unable to parse or verify signature, token has invalid claims: token has no expiry')
  const caller = await loadCaller(ctx, claims)
  checkIssuer(ctx, claims)
  // A token for another audience is no token of this person; API keys carry none (security JWT-08).
  if (claims.aud !== undefined && !ctx.config.jwt_admin_roles.includes(String(claims.role)) && !forAudienceOf(caller))
    throw badJwt(
      'invalid JWT: unable to parse or verify signature, token has invalid claims: token has invalid audience',
    )
  requireNoBan(caller.user)
  if (isOfExchange(claims) && (await isRevoked(ctx, claims))) throw badJwt('invalid JWT: the token was given back')
  return caller
}

const forAudienceOf = ({ claims, user }: Caller): boolean => [claims.aud].flat().includes(user.aud ?? '')

/** Lets administrators pass: the role decides; a token with a session must be of a person who may still act. */
export async function requireAdmin(ctx: Ctx): Promise<Claims> {
  const claims = await bearerClaims(ctx)
  let caller: Caller | null = null
  if (claims.session_id !== undefined && claims.session_id !== null && claims.session_id !== '') {
    caller = await loadCaller(ctx, claims)
    checkIssuer(ctx, claims)
    if (caller.session && overBecause(ctx, ageOf(caller.session, caller.now_ms)))
      throw new AuthError(403, 'session_expired', 'Session is no longer valid')
  }
  const { role } = claims
  // An application acts for a person within its scopes, of which none is administration (security rule 7).
  if (typeof role !== 'string' || !ctx.config.jwt_admin_roles.includes(role) || caller?.session?.oauth_client_id)
    throw new AuthError(403, 'not_admin', 'User not allowed')
  if (caller) requireNoBan(caller.user)
  // A hook may have given the role, which the account then does not tell.
  if (caller) requireOperatorsFactor(ctx, { ...caller, user: { ...caller.user, role } })
  const isGivenByHook = ctx.hooks.enabled('custom_access_token') !== false
  // Whoever has lost the role since the token was signed is no administrator any more.
  if (caller && !isGivenByHook && !ctx.config.jwt_admin_roles.includes(caller.user.role ?? ''))
    throw new AuthError(403, 'not_admin', 'User not allowed')
  return claims
}

/** The same for a token that a request carries elsewhere than in its header (RFC 8693 §2.1). */
export const requireAdminToken = (ctx: Ctx, token: string): Promise<Claims> => {
  const header = (name: string) => (name.toLowerCase() === 'authorization' ? `Bearer ${token}` : ctx.header(name))
  return requireAdmin(Object.create(ctx, { header: { value: header } }))
}

/**
 * Keeps administrators who act as somebody from what only that person may do: such tokens read.
 * @throws AuthError 403 no_authorization for a token of an exchange (RFC 8693)
 */
export function requireOwnHand({ claims }: Caller): void {
  if (isOfExchange(claims))
    throw new AuthError(403, 'no_authorization', 'This endpoint is not open to an administrator who acts for a person')
}

/**
 * Keeps applications that a person let in from acting as the person (security rule 7).
 * @throws AuthError 403 no_authorization for a token of an OAuth client
 */
export function requireOwnSession({ session }: Caller): void {
  if (session?.oauth_client_id)
    throw new AuthError(403, 'no_authorization', 'This endpoint is not open to applications that act for a person')
}

/** A session token of another issuer is not ours; API keys carry an issuer of their own (security JWT-09). */
function checkIssuer(ctx: Ctx, claims: Claims): void {
  const { jwt_issuer } = ctx.config
  if (jwt_issuer !== '' && claims.session_id !== undefined && claims.iss !== undefined && claims.iss !== jwt_issuer)
    throw badJwt('invalid JWT: unable to parse or verify signature, token has invalid claims: token has invalid issuer')
}

/** @throws AuthError 401 insufficient_aal */
export function requireAal2({ user, session }: Caller): void {
  if (hasVerifiedFactor(user.factors) && session?.aal !== 'aal2')
    throw new AuthError(401, 'insufficient_aal', 'AAL2 session is required to change identities when MFA is enabled.')
}
