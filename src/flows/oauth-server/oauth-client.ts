// Applications that sign people in through this server: what they may ask to be, and how they are shown (RFC 7591).
import { createHash } from 'node:crypto'
import type { OAuthFeature } from '../../config/oauth-keys.ts'
import type { Ctx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { findOAuthClient, type OAuthClient } from '../../storage/oauth-clients.ts'
import { utcTime } from '../steps/answers/present-user.ts'
import { parseUuid } from '../steps/requests/uuid.ts'

/** @throws AuthError 404 feature_disabled */
export function requireOAuthServer({ config }: Ctx): void {
  if (!config.oauth_server_enabled) throw new AuthError(404, 'feature_disabled', 'OAuth server is disabled')
}

/** Whether something is on that the recorded server lacks (POSTERN_OAUTH_FEATURES). */
export const isOn = ({ config }: Pick<Ctx, 'config'>, feature: OAuthFeature): boolean =>
  config.oauth_server_enabled && config.oauth_features.includes(feature)

/** Refuses the routes of a feature that is off, with AuthError 404 feature_disabled. */
export const requireFeature =
  (feature: OAuthFeature) =>
  (ctx: Ctx): void => {
    requireOAuthServer(ctx)
    if (!isOn(ctx, feature))
      throw new AuthError(404, 'feature_disabled', `This is off: POSTERN_OAUTH_FEATURES does not name ${feature}`)
  }

/** How clients may prove themselves: those that the recorded server knows, and those that are switched on. */
export const authMethodsOf = (ctx: Pick<Ctx, 'config'>): string[] => [
  ...['none', 'client_secret_basic', 'client_secret_post'],
  ...(isOn(ctx, 'private_key_jwt') ? ['private_key_jwt'] : []),
]

/** How a client proves itself. */
export const authMethodOf = ({ more, token_endpoint_auth_method }: OAuthClient): string =>
  more.token_endpoint_auth_method ?? token_endpoint_auth_method

/** A list as its column holds it. */
export const listOf = (text: string): string[] => (text === '' ? [] : text.split(','))

/** What a secret is compared with. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** The JSON of a client; its secret is shown when it was made just now. */
export function presentClient(client: OAuthClient, secret?: string): Record<string, unknown> {
  const { token_endpoint_auth_method: _, ...more } = client.more
  return {
    client_id: client.id,
    ...(secret !== undefined && { client_secret: secret }),
    client_type: client.client_type,
    redirect_uris: listOf(client.redirect_uris),
    token_endpoint_auth_method: authMethodOf(client),
    grant_types: listOf(client.grant_types),
    response_types: ['code'],
    ...(client.client_name && { client_name: client.client_name }),
    ...(client.client_uri && { client_uri: client.client_uri }),
    ...(client.logo_uri && { logo_uri: client.logo_uri }),
    ...more,
    registration_type: client.registration_type,
    created_at: utcTime(client.created_at),
    updated_at: utcTime(client.updated_at),
  }
}

/** What people are told of a client. */
export const presentApplication = (
  client: Pick<OAuthClient, 'client_name' | 'client_uri' | 'logo_uri'>,
  id: string,
) => ({
  id,
  ...(client.client_name && { name: client.client_name }),
  ...(client.client_uri && { uri: client.client_uri }),
  ...(client.logo_uri && { logo_uri: client.logo_uri }),
})

/**
 * The client that a path names.
 * @throws AuthError 400 validation_failed; 404 oauth_client_not_found
 */
export async function clientOfPath(ctx: Ctx): Promise<OAuthClient> {
  const { client_id = '' } = ctx.path_params
  if (client_id === '') throw invalid('client_id is required')
  const id = parseUuid(client_id)
  if (id === null) throw invalid('invalid client_id format')
  return (await findOAuthClient(ctx.db, id)) ?? refuseUnknown()
}

/** @throws AuthError 404 oauth_client_not_found, always */
export function refuseUnknown(): never {
  throw new AuthError(404, 'oauth_client_not_found', 'OAuth client not found')
}
