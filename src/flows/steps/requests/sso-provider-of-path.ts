// The identity provider of a company that the path of an administrator's request names.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { findSsoProviders, type SsoProvider } from '../../../storage/sso-providers.ts'
import { parseUuid } from './uuid.ts'

/**
 * By its id, or as `resource_` and its id in another system.
 * @throws AuthError 404 sso_provider_not_found
 */
export async function ssoProviderOfPath(ctx: Ctx): Promise<SsoProvider> {
  const [provider] = await findByName(ctx, ctx.path_params.provider_id ?? '')
  if (!provider) throw new AuthError(404, 'sso_provider_not_found', 'SSO Identity Provider not found')
  return provider
}

async function findByName(ctx: Ctx, name: string): Promise<SsoProvider[]> {
  const [, resource_id] = /^resource_(.*)$/s.exec(name) ?? []
  if (resource_id !== undefined) return findSsoProviders(ctx.db, { resource_id })
  const id = parseUuid(name)
  return id === null ? [] : findSsoProviders(ctx.db, { id })
}
