// Access tokens: their claims, and the hook that may replace them, kept out of transactions where it is HTTP.
import type { Ctx } from '../../../context.ts'
import { type Claims, signJwt } from '../../../crypto/jwt.ts'
import type { Queryable } from '../../../storage/db.ts'
import { hasVerifiedFactor } from '../../../storage/factors.ts'
import type { Amr } from '../../../storage/sessions.ts'
import type { User } from '../../../storage/users.ts'
import type { Tx } from '../transact.ts'
import { claimedLevel, liveProofs } from './assurance.ts'
import { waitsForFactor } from './mfa-policy.ts'
import { essence, within } from './sign-within.ts'

/** What the claims say of a session. */
export interface TokenSession {
  id: string
  aal: string
  /** Seconds since the session began. */
  age_s: number
  amr: Amr[]
  oauth_client_id?: string | null
  scopes?: string | null
  /** Thumbprint of the key without which the token is worth nothing (RFC 9449 §6.1). */
  jkt?: string | null
}

/** The claims of an access token; `now_s` is the database's time in whole seconds. */
export function tokenClaims(ctx: Ctx, user: User, session: TokenSession, now_s: number): Claims {
  const { jwt_issuer, jwt_exp, sessions_allow_low_aal } = ctx.config
  const proofs = liveProofs(session.amr, user.factors)
  const aal = claimedLevel(session.aal, proofs)
  const company = ssoProviderOf(user)
  const amr = proofs.map(({ method, timestamp }) => ({
    method,
    timestamp,
    ...(method === 'sso/saml' && company !== null && { provider: company }),
  }))
  const isLow = session.aal !== 'aal2' && hasVerifiedFactor(user.factors)
  const lowEnd = now_s - session.age_s + sessions_allow_low_aal / 1000
  const exp = sessions_allow_low_aal > 0 && isLow ? Math.min(now_s + jwt_exp, Math.floor(lowEnd)) : now_s + jwt_exp
  return {
    ...(jwt_issuer !== '' && { iss: jwt_issuer }),
    sub: user.id,
    aud: user.aud ?? '',
    exp,
    iat: now_s,
    email: user.email ?? '',
    phone: user.phone ?? '',
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    role: waitsForFactor(ctx, user, { ...session, aal }) ? ctx.config.mfa_pending_role : (user.role ?? ''),
    aal,
    amr,
    session_id: session.id,
    is_anonymous: user.is_anonymous,
    ...(session.oauth_client_id && { client_id: session.oauth_client_id }),
    ...(session.scopes && { scope: session.scopes }),
    ...(session.jkt && { cnf: { jkt: session.jkt } }),
  }
}

/** The identity provider of a company that all identities of an account are of, or null. */
function ssoProviderOf({ identities }: User): string | null {
  const [first = '', another] = new Set(identities.map(({ provider }) => provider))
  return another === undefined && first.startsWith('sso:') ? first.slice('sso:'.length) : null
}

/** An access token as answers tell of it (RFC 6749 §5.1). */
export interface AccessToken {
  text: string
  /** When it ends, in seconds since 1970. */
  exp: number
  /** Its life in seconds. */
  expires_in: number
}

/** Signs claims as they are; `issued_s` is when its life began, in seconds since 1970. */
export async function accessToken(ctx: Ctx, claims: Claims, issued_s = Number(claims.iat)): Promise<AccessToken> {
  const exp = Number(claims.exp)
  return { text: await signJwt(claims, ctx.keys.signing), exp, expires_in: exp - issued_s }
}

/** Signs claims, after the custom access token hook has seen them. */
export async function signAccessToken(ctx: Ctx, tx: Tx, claims: Claims, method: string): Promise<AccessToken> {
  const hooked = await finalClaims(ctx, tx, claims, method)
  const decided = withPendingRole(ctx, claims, hooked.claims)
  // No hook loosens a token from its key.
  const signed = claims.cnf === undefined ? decided : { ...decided, cnf: claims.cnf }
  return within(tx, ctx.keys.signing, claims, () => accessToken(ctx, signed, hooked.issued_s))
}

/**
 * No hook gives back the role that waits for the second factor, nor that of administrators before it is shown: row-level
 * security would let data out. Who comes from a company's identity provider has shown theirs there.
 */
function withPendingRole({ config }: Ctx, claims: Claims, final: Claims): Claims {
  const { mfa_required, mfa_pending_role, jwt_admin_roles } = config
  const proofs: Amr[] = Array.isArray(claims.amr) ? claims.amr : []
  const isSettled =
    mfa_required === 'off' || claims.aal !== 'aal1' || proofs.some(({ method }) => method === 'sso/saml')
  const isRaised = jwt_admin_roles.includes(String(final.role)) && final.role !== claims.role
  return !isSettled && (claims.role === mfa_pending_role || isRaised) ? { ...final, role: mfa_pending_role } : final
}

/** Claims, and the time that they were made for, in seconds since 1970: a hook may have left `iat` out, or written its own. */
interface FinalClaims {
  claims: Claims
  issued_s: number
}

/** What the custom access token hook makes of claims. */
export async function finalClaims(ctx: Ctx, tx: Tx, claims: Claims, method: string): Promise<FinalClaims> {
  const kind = ctx.hooks.enabled('custom_access_token')
  if (kind === false) return { claims, issued_s: Number(claims.iat) }
  if (kind === 'postgres') return replaceClaims(ctx, claims, method, tx)
  return tx.outside(`access token ${essence(claims)}`, () => replaceClaims(ctx, claims, method))
}

async function replaceClaims(
  ctx: Ctx,
  claims: Claims,
  authentication_method: string,
  tx?: Queryable,
): Promise<FinalClaims> {
  const output = await ctx.hooks.run(
    'custom_access_token',
    { user_id: claims.sub ?? '', claims, authentication_method },
    { client_address: ctx.client_address, ...(tx && { db: tx }) },
  )
  return { claims: output ? (output.claims as Claims) : claims, issued_s: Number(claims.iat) }
}
