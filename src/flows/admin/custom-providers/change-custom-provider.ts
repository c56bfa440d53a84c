// PUT /admin/custom-providers/{identifier}: changes what is sent; empty texts, type and identifier change nothing.
import type { z } from 'zod'
import type { Ctx } from '../../../context.ts'
import { json, type Reply } from '../../../reply.ts'
import { type CustomProvider, findCustomProvider, updateCustomProvider } from '../../../storage/custom-providers.ts'
import { type Changes, NOW } from '../../../storage/sql.ts'
import {
  checkAddresses,
  checkProviderFields,
  discover,
  identifierOfPath,
  noSuchProvider,
} from './check-custom-provider.ts'
import type { customProviderBody } from './custom-provider-body.ts'
import { presentCustomProvider } from './present-custom-provider.ts'

type Asked = z.infer<typeof customProviderBody>

/** Answers with the provider as it is now. */
export async function changeCustomProvider(ctx: Ctx, asked: Asked): Promise<Reply> {
  const { identifier: _, ...fields } = asked
  checkProviderFields(fields)
  const row = await findCustomProvider(ctx.db, identifierOfPath(ctx))
  if (!row) throw noSuchProvider()
  const places = row.provider_type === 'oidc' ? await oidcChanges(ctx, asked, row) : await oauth2Changes(ctx, asked)
  const changes: Changes = {
    name: asked.name || undefined,
    client_id: asked.client_id || undefined,
    client_secret: asked.client_secret === '' ? undefined : ctx.column_cipher.encrypt(asked.client_secret, row.id),
    acceptable_client_ids: asked.acceptable_client_ids,
    pkce_enabled: asked.pkce_enabled,
    attribute_mapping: asked.attribute_mapping,
    custom_claims_allowlist: asked.custom_claims_allowlist,
    authorization_params: asked.authorization_params,
    enabled: asked.enabled,
    email_optional: asked.email_optional,
    skip_nonce_check: row.provider_type === 'oidc' ? asked.skip_nonce_check : undefined,
    ...places,
  }
  const changed = await updateCustomProvider(ctx.db, row.id, changes)
  if (!changed) throw noSuchProvider()
  return json(presentCustomProvider(changed))
}

async function oauth2Changes(ctx: Ctx, asked: Asked): Promise<Changes> {
  const { scopes, authorization_url, token_url, userinfo_url, jwks_uri } = asked
  await checkAddresses(ctx, [authorization_url, token_url, userinfo_url, jwks_uri])
  return {
    scopes,
    authorization_url: authorization_url || undefined,
    token_url: token_url || undefined,
    userinfo_url: userinfo_url || undefined,
    jwks_uri: jwks_uri || undefined,
  }
}

async function oidcChanges(ctx: Ctx, asked: Asked, row: CustomProvider): Promise<Changes> {
  const { issuer, discovery_url, scopes } = asked
  const changes: Changes = { scopes: scopes && !scopes.includes('openid') ? ['openid', ...scopes] : scopes }
  if (issuer === '' && discovery_url === undefined) return changes
  await checkAddresses(ctx, [issuer, discovery_url])
  const cached_discovery = await discover(ctx, issuer || (row.issuer ?? ''), discovery_url || (row.discovery_url ?? ''))
  return {
    ...changes,
    issuer: issuer || undefined,
    discovery_url: discovery_url || undefined,
    cached_discovery,
    discovery_cached_at: NOW,
  }
}
