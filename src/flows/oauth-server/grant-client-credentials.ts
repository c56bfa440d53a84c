// The grant client_credentials: an application gets a token for itself, in nobody's name (RFC 6749 §4.4).
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import { signJwt } from '../../crypto/jwt.ts'
import { OAuthError } from '../../errors.ts'
import { resourceProblem, wordsOf } from './authorization-parameters.ts'
import { type ClientTokens, invalidRequest, type TokenRequest } from './token-request.ts'

/** Not a role that row-level security knows: without an account a token opens nothing in a database (RFC 9700 §4.15). */
const role = 'oauth_client'

/** Signs a token whose subject is the application; it has no session and no refresh token. */
export async function grantClientCredentials(ctx: Ctx, { client, body, jkt }: TokenRequest): Promise<ClientTokens> {
  if (client.client_type === 'public')
    throw new OAuthError('unauthorized_client', 'Public clients have no credentials of their own')
  const wrong = resourceProblem(body.resource)
  if (wrong !== null) throw invalidRequest(wrong)
  const allowed = wordsOf(client.more.scope ?? '')
  const asked = [...new Set(wordsOf(body.scope))]
  const unknown = asked.find((word) => !allowed.includes(word))
  if (unknown !== undefined) throw new OAuthError('invalid_scope', `The client may not have the scope: ${unknown}`)
  const scope = (asked.length > 0 ? asked : allowed).join(' ')
  const iat = Math.floor(ctx.now() / 1000)
  const expires_in = ctx.config.jwt_exp
  const { jwt_issuer } = ctx.config
  const aud = body.resource || jwt_issuer
  const claims = {
    ...(jwt_issuer !== '' && { iss: jwt_issuer }),
    sub: client.id,
    ...(aud !== '' && { aud }),
    exp: iat + expires_in,
    iat,
    jti: randomUUID(),
    client_id: client.id,
    ...(scope !== '' && { scope }),
    role,
    ...(jkt !== null && { cnf: { jkt } }),
  }
  const access_token = await signJwt(claims, ctx.keys.signing)
  ctx.log_fields.auth_event = { action: 'client_credentials', client_id: client.id }
  return { access_token, expires_in, ...(scope !== '' && { scope }) }
}
