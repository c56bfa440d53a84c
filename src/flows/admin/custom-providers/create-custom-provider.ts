// POST /admin/custom-providers: an administrator adds a provider of OAuth 2.0 or OpenID Connect.
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Ctx } from '../../../context.ts'
import { AuthError, invalid } from '../../../errors.ts'
import type { Reply } from '../../../reply.ts'
import {
  countCustomProviders,
  findCustomProvider,
  insertCustomProvider,
  type NewCustomProvider,
} from '../../../storage/custom-providers.ts'
import { isUniqueViolation } from '../../../storage/db.ts'
import { checkAddresses, checkProviderFields, discover, requirePrefix } from './check-custom-provider.ts'
import type { customProviderBody } from './custom-provider-body.ts'
import { presentCustomProvider } from './present-custom-provider.ts'

type Asked = z.infer<typeof customProviderBody>

/** Answers 201 with the provider; its secret is never shown again. */
export async function createCustomProvider(ctx: Ctx, asked: Asked): Promise<Reply> {
  const provider_type = checkAsked(asked)
  await requireRoom(ctx)
  await checkAddresses(ctx, addressesOf(provider_type, asked))
  if (await findCustomProvider(ctx.db, asked.identifier)) throw known()
  const places = provider_type === 'oidc' ? await oidcPlaces(ctx, asked) : oauth2Places(asked)
  const id = randomUUID()
  const provider: NewCustomProvider = {
    id,
    provider_type,
    identifier: asked.identifier,
    name: asked.name,
    client_id: asked.client_id,
    client_secret: ctx.column_cipher.encrypt(asked.client_secret, id),
    acceptable_client_ids: asked.acceptable_client_ids ?? [],
    pkce_enabled: asked.pkce_enabled ?? true,
    attribute_mapping: asked.attribute_mapping ?? {},
    custom_claims_allowlist: asked.custom_claims_allowlist ?? [],
    authorization_params: asked.authorization_params ?? {},
    enabled: asked.enabled ?? true,
    email_optional: asked.email_optional ?? false,
    // Only ID tokens carry a nonce.
    skip_nonce_check: provider_type === 'oidc' && (asked.skip_nonce_check ?? false),
    ...places,
  }
  return { status: 201, body: presentCustomProvider(await insert(ctx, provider)) }
}

async function insert(ctx: Ctx, provider: NewCustomProvider) {
  try {
    const row = await ctx.db.transaction((tx) =>
      insertCustomProvider(tx, provider, ctx.config.custom_oauth_max_providers),
    )
    if (row) return row
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw known()
  }
  throw overQuota()
}

const known = (): AuthError =>
  new AuthError(400, 'conflict', 'A custom OAuth provider with this identifier already exists')

const overQuota = (): AuthError =>
  new AuthError(400, 'over_custom_provider_quota', 'Maximum number of custom OAuth/OIDC providers reached')

/** An early answer, before addresses are looked up; what counts is the statement that inserts. */
async function requireRoom({ config, db }: Ctx): Promise<void> {
  const most = config.custom_oauth_max_providers
  if (most > 0 && (await countCustomProviders(db)) >= most) throw overQuota()
}

/** The checks in the reference's order. */
function checkAsked(asked: Asked): 'oauth2' | 'oidc' {
  const { provider_type } = asked
  if (provider_type !== 'oauth2' && provider_type !== 'oidc')
    throw invalid("provider_type must be either 'oauth2' or 'oidc'")
  if (asked.identifier === '') throw invalid('identifier is required')
  requirePrefix(asked.identifier)
  for (const field of ['name', 'client_id', 'client_secret'] as const)
    if (asked[field] === '') throw invalid(`${field} is required`)
  if (provider_type === 'oidc' && asked.issuer === '') throw invalid('issuer is required for OIDC providers')
  if (provider_type === 'oauth2')
    for (const field of ['authorization_url', 'token_url', 'userinfo_url'] as const)
      if (asked[field] === '') throw invalid(`${field} is required for OAuth2 providers`)
  checkProviderFields(asked)
  return provider_type
}

const noOidc = { issuer: null, discovery_url: null, cached_discovery: null }
const noOAuth2 = { authorization_url: null, token_url: null, userinfo_url: null, jwks_uri: null }

const addressesOf = (type: 'oauth2' | 'oidc', asked: Asked): (string | undefined)[] =>
  type === 'oidc'
    ? [asked.issuer, asked.discovery_url]
    : [asked.authorization_url, asked.token_url, asked.userinfo_url, asked.jwks_uri]

function oauth2Places({ scopes = [], authorization_url, token_url, userinfo_url, jwks_uri }: Asked) {
  return { ...noOidc, scopes, authorization_url, token_url, userinfo_url, jwks_uri: jwks_uri || null }
}

async function oidcPlaces(ctx: Ctx, { scopes = [], issuer, discovery_url }: Asked) {
  const cached_discovery = await discover(ctx, issuer, discovery_url ?? '')
  const all = scopes.includes('openid') ? scopes : ['openid', ...scopes]
  return { ...noOAuth2, scopes: all, issuer, discovery_url: discovery_url || null, cached_discovery }
}
