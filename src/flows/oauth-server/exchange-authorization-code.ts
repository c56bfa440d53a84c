// The grant authorization_code: an application exchanges a code for tokens (RFC 6749 §4.1.3).
import { createHash } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import { pkceChallengeMatches } from '../../crypto/codes.ts'
import { type AuthorizationDetails, findAuthorizationDetails } from '../../storage/authorization-details.ts'
import {
  consumeOAuthAuthorization,
  findOAuthAuthorizationByCode,
  type OAuthAuthorization,
} from '../../storage/oauth-authorizations.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { endSessionOfUsed, markUsed } from '../../storage/used-tokens.ts'
import { findUserById } from '../../storage/users.ts'
import { audit } from '../steps/records/audit.ts'
import { newSessionSecrets } from '../steps/sessions/issue-session.ts'
import { transact } from '../steps/transact.ts'
import { isOn } from './oauth-client.ts'
import { openClientSession, personWhoAgreed } from './open-client-session.ts'
import { type ClientTokens, invalidGrant, invalidRequest, type TokenRequest } from './token-request.ts'

/** Seconds in which the second use of a code still ends the session of the first (RFC 6749 §4.1.2). */
const remembered_s = 86_400

/** Opens a session of the application for whoever agreed, and answers with its tokens. */
export async function exchangeAuthorizationCode(ctx: Ctx, request: TokenRequest): Promise<ClientTokens> {
  const { client, body, jkt } = request
  if (body.code === '') throw invalidRequest('code is required for authorization_code grant')
  const code_hash = createHash('sha256').update(`oauth code:${body.code}`).digest('hex')
  const asked = await findOAuthAuthorizationByCode(ctx.db, body.code)
  if (!asked) {
    await endStolen(ctx, code_hash)
    throw invalidGrant('Invalid authorization code')
  }
  checkCode(ctx, client, asked, body)
  const hasDetails = isOn(ctx, 'dpop') || isOn(ctx, 'prompt')
  const details = hasDetails ? await findAuthorizationDetails(ctx.db, asked.id) : null
  requireKeyOfCode(ctx, details, jkt)
  const user = await personWhoAgreed(ctx, asked.user_id)
  const secrets = newSessionSecrets(ctx)
  return transact(ctx, async (tx) => {
    // Of several at once one gets the session; the others are told what they would be told later.
    if (!(await consumeOAuthAuthorization(tx, asked.id))) throw invalidGrant('Invalid authorization code')
    await markUsed(tx, code_hash, ctx.now() / 1000 + remembered_s, secrets.id)
    return openClientSession(ctx, tx, {
      user,
      client,
      jkt,
      secrets,
      scope: asked.scope,
      nonce: asked.nonce,
      signed_in_at: details?.signed_in_at ?? null,
      proof: 'authorization_code',
    })
  })
}

/** A code that was asked for with a key needs its proof (RFC 9449 §10). */
function requireKeyOfCode(ctx: Ctx, details: AuthorizationDetails | null, jkt: string | null): void {
  if (isOn(ctx, 'dpop') && details?.jkt && details.jkt !== jkt)
    throw invalidGrant('Authorization code is bound to a key that was not proved')
}

/** A code that comes a second time was stolen by one of the two: the session of the first ends (security OAS-02). */
async function endStolen(ctx: Ctx, code_hash: string): Promise<void> {
  await transact(ctx, async (tx) => {
    const user_id = await endSessionOfUsed(tx, code_hash)
    const user = user_id === null ? null : await findUserById(tx, user_id)
    if (user) await audit(ctx, tx, user, 'token_revoked', { action: 'authorization_code_reused' })
  })
}

function checkCode(ctx: Ctx, client: OAuthClient, asked: OAuthAuthorization, body: TokenRequest['body']): void {
  if (asked.expired) throw invalidGrant('Authorization code has expired')
  if (asked.client_id !== client.id) throw invalidGrant('Authorization code was not issued for this client')
  // The reference reads the resource of JSON bodies only.
  const isForm = /^application\/x-www-form-urlencoded/i.test(ctx.header('content-type') ?? '')
  if (!isForm && body.resource !== '' && body.resource !== asked.resource)
    throw invalidGrant('Authorization code resource does not match the resource parameter')
  if (body.redirect_uri !== '' && body.redirect_uri !== asked.redirect_uri) throw invalidGrant('Invalid redirect_uri')
  if (!asked.code_challenge) return
  if (body.code_verifier === '')
    throw invalidGrant('PKCE verification failed: code_verifier is required when PKCE challenge is present')
  if (!pkceChallengeMatches(body.code_verifier, asked.code_challenge, asked.code_challenge_method ?? ''))
    throw invalidGrant('PKCE verification failed: code challenge does not match previously saved code verifier')
}
