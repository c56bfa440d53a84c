// What the stories of SAML share: the feature's switch, and a provider's metadata as it is now.
import { createHash } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { SamlMetadata } from '../../providers/saml/metadata.ts'
import type { ProviderFacts } from '../../providers/saml/saml-thread.ts'
import type { ServiceProvider } from '../../providers/saml/service-provider.ts'
import { findSsoProviders, refreshSsoMetadata, type SsoProvider } from '../../storage/sso-providers.ts'

/** @throws AuthError 404 saml_provider_disabled */
export function requireSaml(ctx: Ctx): ServiceProvider {
  if (!ctx.service_provider) throw new AuthError(404, 'saml_provider_disabled', 'SAML 2.0 is disabled')
  return ctx.service_provider
}

/**
 * The provider that a message names as its issuer.
 * @throws AuthError 404 saml_idp_not_found
 */
export async function providerOfIssuer(ctx: Ctx, issuer: string): Promise<SsoProvider> {
  const [provider] = issuer === '' ? [] : await findSsoProviders(ctx.db, { entity_id: issuer })
  if (provider) return provider
  const message = 'A SAML connection has not been established with this Identity Provider'
  throw new AuthError(404, 'saml_idp_not_found', message)
}

/**
 * The metadata of a provider.
 * @throws AuthError 500 when what is stored cannot be read
 */
export async function metadataOf(ctx: Ctx, provider: SsoProvider): Promise<SamlMetadata> {
  return ctx.saml.readMetadata(provider.metadata_xml).catch((cause: unknown) => {
    if (cause instanceof AuthError) throw cause
    throw new AuthError(500, 'unexpected_failure', 'Error parsing SAML Metadata for SAML provider', { cause })
  })
}

/** What messages of a provider are checked against, where they came to an address of ours. */
export const factsOf = (ctx: Ctx, metadata: SamlMetadata, address: string): ProviderFacts => ({
  entity_id: metadata.entity_id,
  certificates: metadata.certificates,
  address,
  audience: ctx.service_provider?.entity_id ?? '',
  now_ms: ctx.now(),
})

const day_s = 86_400

/** Whether metadata should be fetched again: it says so itself, or says nothing and is a day old. */
export function isStale(ctx: Ctx, provider: SsoProvider, metadata: SamlMetadata): boolean {
  const { valid_until_ms, cache_duration_ms } = metadata
  if (!provider.metadata_url) return false
  if (valid_until_ms !== null && valid_until_ms < ctx.now()) return true
  if (cache_duration_ms !== null) return provider.metadata_age_s * 1000 > cache_duration_ms
  return valid_until_ms === null && provider.metadata_age_s > day_s
}

/** Fetches metadata again; what is not of the same provider, or cannot be had, changes nothing but the log. */
export async function refreshMetadata(ctx: Ctx, provider: SsoProvider): Promise<SamlMetadata | null> {
  const { id, entity_id, metadata_url } = provider
  if (!metadata_url) return null
  return ctx.saml_refresh(id, async () => {
    try {
      const { status, text } = await ctx.providers.fetchDocument(metadata_url)
      if (status !== 200) throw new Error(`the address answers ${status}`)
      const metadata = await ctx.saml.readMetadata(text)
      if (metadata.entity_id !== entity_id) throw new Error('the address has the metadata of another entity')
      await refreshSsoMetadata(ctx.db, { id, metadata_url }, text)
      return metadata
    } catch (error) {
      ctx.log.warn(
        { err: error, sso_provider_id: id },
        'SAML metadata could not be fetched; what is stored stays in use',
      )
      return null
    }
  })
}

/** The hash under which a message of a provider is remembered, which counts once (SAML Profiles §4.1.4.5). */
export const messageHash = ({ entity_id }: SsoProvider, id: string): string =>
  createHash('sha256')
    .update(JSON.stringify(['saml', entity_id, id]))
    .digest('hex')

/** Until when it is remembered, in seconds since 1970: longer than the message lasts, since clocks of servers differ. */
export const rememberedUntil_s = (until_ms: number): number => until_ms / 1000 + 600
