// PUT /admin/sso/providers/{id}: changes a company's identity provider.
import { isDeepStrictEqual } from 'node:util'
import type { SsoProviderCtx } from '../../../context.ts'
import { AuthError, invalid } from '../../../errors.ts'
import { json, type Reply } from '../../../reply.ts'
import type { Queryable } from '../../../storage/db.ts'
import {
  findSsoProviders,
  replaceSsoDomains,
  type SsoProvider,
  updateSamlSettings,
  updateSsoProvider as writeSsoProvider,
} from '../../../storage/sso-providers.ts'
import { keptMapping } from './attribute-mapping.ts'
import {
  asSsoConflict,
  checkSsoProvider,
  givesMetadata,
  presentSsoProvider,
  readGivenMetadata,
  type SsoProviderBody,
} from './sso-provider.ts'

/** Answers with the provider as it is now; what says nothing new writes nothing. */
export async function updateSsoProvider(ctx: SsoProviderCtx, body: SsoProviderBody): Promise<Reply> {
  const { sso_provider: provider } = ctx
  checkSsoProvider(body)
  const metadata = givesMetadata(body) ? await readGivenMetadata(ctx, body) : null
  if (metadata && metadata.entity_id !== provider.entity_id)
    throw new AuthError(
      400,
      'saml_entity_id_mismatch',
      `SAML Metadata can be updated only if the EntityID matches for the provider; expected '${provider.entity_id}' but got '${metadata.entity_id}'`,
    )
  const domains = body.domains ? [...new Set(body.domains)] : provider.domains
  if (domains.includes('')) throw invalid('domains must not hold an empty one')
  const attribute_mapping = mappingOf(provider, body)
  const writesSaml = metadata !== null || !isDeepStrictEqual(attribute_mapping, provider.attribute_mapping ?? {})
  const changed: SsoProvider = {
    ...provider,
    ...(body.resource_id !== undefined && { resource_id: body.resource_id || null }),
    ...(body.disabled !== undefined && { disabled: body.disabled }),
    ...(writesSaml && { ...metadata, attribute_mapping, name_id_format: body.name_id_format || null }),
    ...(body.metadata_url !== '' && { metadata_url: body.metadata_url }),
  }
  // As recorded, a format of names alone makes the provider a changed one, though it is written with the settings only.
  const namesFormat = body.name_id_format !== (provider.name_id_format ?? '')
  const isChanged =
    writesSaml || namesFormat || !isDeepStrictEqual([changed, new Set(domains)], [provider, new Set(provider.domains)])
  const now = await ctx.db
    .transaction(async (tx) => {
      await requireFree(tx, provider, domains)
      if (!isChanged) return provider
      await writeSsoProvider(tx, changed)
      if (writesSaml) await updateSamlSettings(tx, changed)
      if (body.domains) await replaceSsoDomains(tx, provider.id, domains)
      return (await findSsoProviders(tx, { id: provider.id }))[0]
    })
    .catch(asSsoConflict(provider.entity_id))
  return json(presentSsoProvider(now ?? changed))
}

const mappingOf = ({ attribute_mapping }: SsoProvider, { attribute_mapping: given }: SsoProviderBody) =>
  given?.keys === undefined ? (attribute_mapping ?? {}) : keptMapping(given)

/** @throws AuthError 400 sso_domain_already_exists */
async function requireFree(tx: Queryable, { id }: SsoProvider, domains: readonly string[]): Promise<void> {
  for (const domain of domains) {
    const [holder] = await findSsoProviders(tx, { domain })
    if (holder && holder.id !== id)
      throw new AuthError(
        400,
        'sso_domain_already_exists',
        `SSO domain '${domain}' already assigned to another provider (${holder.id})`,
      )
  }
}
