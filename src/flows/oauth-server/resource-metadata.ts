// GET /.well-known/oauth-protected-resource: which server lets applications in here (RFC 9728 §3).
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { knownScopes } from './authorization-parameters.ts'

/** Answers with the description of this server as the API that its own tokens open. */
export function resourceMetadata({ config }: Ctx): Reply {
  const issuer = config.jwt_issuer
  const base = issuer.replace(/\/+$/, '')
  return json(
    {
      resource: config.api_external_url.replace(/\/+$/, ''),
      authorization_servers: [issuer],
      jwks_uri: `${base}/.well-known/jwks.json`,
      scopes_supported: knownScopes,
      bearer_methods_supported: ['header'],
      ...(config.oauth_features.includes('dpop') && { dpop_bound_access_tokens_required: false }),
    },
    { 'cache-control': 'public, max-age=600' },
  )
}
