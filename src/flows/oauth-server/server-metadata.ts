// The description of this server as an issuer (OpenID Connect Discovery 1.0 §3, RFC 8414 §2).
import type { OAuthFeature } from '../../config/oauth-keys.ts'
import type { Ctx } from '../../context.ts'
import { dpopAlgorithms } from '../../crypto/dpop-proof.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { knownScopes, prompts } from './authorization-parameters.ts'
import { assertionAlgorithms } from './client-assertion.ts'
import { authMethodsOf, isOn } from './oauth-client.ts'
import { grantsOf } from './token-grants.ts'

/** GET /.well-known/openid-configuration: always there, since it leads to the keys. */
export const openidConfiguration = (ctx: Ctx): Reply =>
  json(description(ctx), { 'cache-control': 'public, max-age=600' })

/**
 * GET /.well-known/oauth-authorization-server: the same, where applications can ask for authorization.
 * @throws AuthError 404 feature_disabled
 */
export function authorizationServerMetadata(ctx: Ctx): Reply {
  if (!ctx.config.oauth_server_enabled) throw new AuthError(404, 'feature_disabled', 'OAuth server is disabled')
  return openidConfiguration(ctx)
}

function description(ctx: Ctx): Record<string, unknown> {
  const { config } = ctx
  const issuer = config.jwt_issuer
  const base = issuer.replace(/\/+$/, '')
  const canRegister = config.oauth_server_enabled && config.oauth_server_allow_dynamic_registration
  return {
    issuer,
    authorization_endpoint: `${base}/oauth/authorize`,
    token_endpoint: `${base}/oauth/token`,
    jwks_uri: `${base}/.well-known/jwks.json`,
    userinfo_endpoint: `${base}/oauth/userinfo`,
    ...(canRegister && { registration_endpoint: `${base}/oauth/clients/register` }),
    scopes_supported: knownScopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: grantsOf(ctx),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'ES256'],
    token_endpoint_auth_methods_supported: [
      ...['client_secret_basic', 'client_secret_post', 'none'],
      ...authMethodsOf(ctx).slice(3),
    ],
    claims_supported: [
      ...['sub', 'aud', 'iss', 'exp', 'iat', 'auth_time', 'nonce', 'email', 'email_verified'],
      ...['phone_number', 'phone_number_verified', 'name', 'picture', 'preferred_username', 'updated_at'],
    ],
    // As recorded, so that caches and comparisons hold; `plain` is refused all the same (security OAS-03).
    code_challenge_methods_supported: ['S256', 'plain'],
    ...Object.assign({}, ...features.map(([feature, members]) => isOn(ctx, feature) && members(base))),
  }
}

/** What each feature adds to the description. */
const features: readonly (readonly [OAuthFeature, (base: string) => Record<string, unknown>])[] = [
  ['revocation', (base) => ({ revocation_endpoint: `${base}/oauth/revoke` })],
  ['introspection', (base) => ({ introspection_endpoint: `${base}/oauth/introspect` })],
  ['device', (base) => ({ device_authorization_endpoint: `${base}/oauth/device_authorization` })],
  ['par', (base) => ({ pushed_authorization_request_endpoint: `${base}/oauth/par` })],
  ['dpop', () => ({ dpop_signing_alg_values_supported: dpopAlgorithms })],
  ['client_documents', () => ({ client_id_metadata_document_supported: true })],
  [
    'logout',
    (base) => ({
      end_session_endpoint: `${base}/oauth/logout`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    }),
  ],
  ['iss', () => ({ authorization_response_iss_parameter_supported: true })],
  ['prompt', () => ({ prompt_values_supported: prompts })],
  ['private_key_jwt', () => ({ token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms })],
]
