// The grant of token exchange (RFC 8693): an administrator acts as a person for a while, through an application of their own.
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import type { Claims } from '../../crypto/jwt.ts'
import { AuthError, OAuthError } from '../../errors.ts'
import { findUserById, type User } from '../../storage/users.ts'
import { audit } from '../steps/records/audit.ts'
import { nilUuid, parseUuid } from '../steps/requests/uuid.ts'
import { finalClaims, tokenClaims } from '../steps/sessions/access-token.ts'
import { requireAdminToken } from '../steps/sessions/authenticate.ts'
import { signWithin } from '../steps/sessions/sign-within.ts'
import { transact } from '../steps/transact.ts'
import { type ClientTokens, invalidGrant, invalidRequest, type TokenRequest } from './token-request.ts'

/** The name of the grant. */
export const tokenExchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'

const accessToken = 'urn:ietf:params:oauth:token-type:access_token'

/** Seconds that such a token lives at most. */
const most_s = 900

/**
 * Answers with an access token of the person whose id is `requested_subject`, for the administrator whose access token is
 * `subject_token`: it names both (`sub` and `act`), has the level aal1 and no refresh token, and opens no route that changes
 * anything. Administrators are nobody's to act as.
 */
export async function exchangeToken(ctx: Ctx, { client, body, jkt }: TokenRequest): Promise<ClientTokens> {
  if (client.client_type === 'public')
    throw new OAuthError('unauthorized_client', 'Public clients cannot act as people')
  checkForm(body)
  const admin = await administratorOf(ctx, body.subject_token)
  const id = parseUuid(body.requested_subject)
  const person = id && (await findUserById(ctx.db, id))
  if (!person) throw invalidGrant('requested_subject is the id of nobody')
  const actor = typeof admin.sub === 'string' && admin.sub !== '' ? admin.sub : String(admin.role)
  const iat = Math.floor(ctx.now() / 1000)
  const expires_in = Math.min(most_s, ctx.config.jwt_exp)
  const fixed: Claims = {
    exp: iat + expires_in,
    aal: 'aal1',
    jti: randomUUID(),
    client_id: client.id,
    act: { sub: actor },
    ...(jkt !== null && { cnf: { jkt } }),
  }
  const access_token = await transact(ctx, async (tx) => {
    requireOrdinary(ctx, person, person.role)
    await audit(ctx, tx, { admin_role: actor }, 'user_impersonated', {
      user_id: person.id,
      user_email: person.email ?? '',
      expires_in,
      client_id: client.id,
    })
    const amr = [{ method: 'impersonation', timestamp: iat }]
    const { session_id: _, ...base } = tokenClaims(ctx, person, { id: nilUuid, aal: 'aal1', age_s: 0, amr }, iat)
    const asked = { ...base, ...fixed }
    const hooked = await finalClaims(ctx, tx, asked, 'impersonation')
    const { session_id: __, ...decided } = hooked.claims
    // A hook may give the role of administrators too.
    requireOrdinary(ctx, person, decided.role)
    return signWithin(tx, { ...decided, ...fixed, sub: person.id }, ctx.keys.signing, asked)
  })
  return { access_token, issued_token_type: accessToken, expires_in }
}

function checkForm(body: TokenRequest['body']): void {
  if (body.subject_token === '') throw invalidRequest('subject_token is required')
  if (body.subject_token_type !== accessToken) throw invalidRequest(`subject_token_type must be ${accessToken}`)
  if (body.requested_token_type !== '' && body.requested_token_type !== accessToken)
    throw invalidRequest(`requested_token_type must be ${accessToken}`)
  if (body.actor_token !== '') throw invalidRequest('actor_token is not read: the administrator is the subject_token')
  if (body.requested_subject === '') throw invalidRequest('requested_subject is required')
  if (body.resource !== '' || body.audience !== '')
    throw new OAuthError('invalid_target', 'Tokens of people are for this server alone')
  if (body.scope !== '') throw new OAuthError('invalid_scope', 'Tokens of an exchange have no scope')
}

async function administratorOf(ctx: Ctx, token: string): Promise<Claims> {
  try {
    return await requireAdminToken(ctx, token)
  } catch (error) {
    if (error instanceof AuthError && error.status < 500) throw invalidGrant(`subject_token: ${error.message}`)
    throw error
  }
}

function requireOrdinary({ config }: Ctx, { id, is_banned, deleted_at }: User, role: unknown): void {
  if (is_banned || deleted_at !== null) throw invalidGrant('requested_subject may not sign in')
  const isOperator = config.console_admins.some((admin) => admin.toLowerCase() === id)
  if (isOperator || config.jwt_admin_roles.includes(String(role)))
    throw new OAuthError('access_denied', 'Nobody acts as an administrator')
}
