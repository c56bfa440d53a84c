// PUT /admin/sso/providers/{id}: changes a company's identity provider.
import { isDeepStrictEqual } from 'node:util'
import type { SsoProviderCtx } from '../../../context.ts'
import { AuthError, invalid } from '../../../errors.ts'
import { json, type Reply } from '../../../reply.ts'
import {
  findSsoProviders,
  replaceSsoDomains,
  type SsoProvider,
  updateSsoProvider as writeSsoProvider,
} from '../../../storage/sso-providers.ts'
import {
  asSsoConflict,
  checkSsoProvider,
  presentSsoProvider,
  readGivenMetadata,
  type SsoProviderBody,
} from './sso-provider.ts'

/** Answers with the provider as it is now. */
export async function updateSsoProvider(ctx: SsoProviderCtx, body: SsoProviderBody): Promise<Reply> {
  const { sso_provider: provider } = ctx
  checkSsoProvider(body)
  const metadata = await readGivenMetadata(ctx, body)
  if (metadata && metadata.entity_id !== provider.entity_id)
    throw new AuthError(
      400,
      'saml_entity_id_mismatch',
      `SAML Metadata can be updated only if the EntityID matches for the provider; expected '${provider.entity_id}' but got '${metadata.entity_id}'`,
    )
  const { domains, attribute_mapping: mapping } = body
  if (domains?.includes('')) throw invalid('domains must not hold an empty one')
  // As recorded, the format of names is written with new metadata or a new mapping only; absent, it is removed then.
  const writesSaml = metadata !== null || changesMapping(provider, mapping)
  const changed: SsoProvider = {
    ...provider,
    ...metadata,
    ...(metadata && { metadata_url: body.metadata_url || null }),
    ...(mapping?.keys !== undefined && { attribute_mapping: withoutEmpty(mapping) }),
    ...(writesSaml && { name_id_format: body.name_id_format || null }),
    ...(body.resource_id !== undefined && { resource_id: body.resource_id || null }),
    ...(body.disabled !== undefined && { disabled: body.disabled }),
  }
  const now = await ctx.db
    .transaction(async (tx) => {
      for (const domain of domains ?? []) {
        const [holder] = await findSsoProviders(tx, { domain })
        if (holder && holder.id !== provider.id)
          throw new AuthError(
            400,
            'sso_domain_already_exists',
            `SSO domain '${domain}' already assigned to another provider (${holder.id})`,
          )
      }
      await writeSsoProvider(tx, changed)
      if (domains) await replaceSsoDomains(tx, provider.id, [...new Set(domains)])
      return (await findSsoProviders(tx, { id: provider.id }))[0]
    })
    .catch(asSsoConflict(provider.entity_id))
  return json(presentSsoProvider(now ?? changed, true))
}

const changesMapping = ({ attribute_mapping }: SsoProvider, mapping: Record<string, unknown> | undefined): boolean =>
  mapping?.keys !== undefined && !isDeepStrictEqual(withoutEmpty(mapping), attribute_mapping ?? {})

/** A mapping without keys is none. */
const withoutEmpty = (mapping: Record<string, unknown>): Record<string, unknown> =>
  Object.keys(Object(mapping.keys)).length === 0 ? {} : mapping
