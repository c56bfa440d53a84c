// POST /admin/sso/providers: connects a company's identity provider.
import { randomUUID } from 'node:crypto'
import type { AdminCtx } from '../../../context.ts'
import { AuthError, invalid } from '../../../errors.ts'
import type { Reply } from '../../../reply.ts'
import {
  findSsoProviders,
  insertSsoProvider,
  type NewSsoProvider,
  replaceSsoDomains,
  type SsoProvider,
} from '../../../storage/sso-providers.ts'
import { keptMapping } from './attribute-mapping.ts'
import {
  asSsoConflict,
  checkSsoProvider,
  givesMetadata,
  idpAlreadyExists,
  presentSsoProvider,
  readGivenMetadata,
  type SsoProviderBody,
} from './sso-provider.ts'

/** Answers with the provider. */
export async function createSsoProvider(ctx: AdminCtx, body: SsoProviderBody): Promise<Reply> {
  if (body.type !== 'saml') throw invalid("Only 'saml' supported for SSO provider type")
  if (!givesMetadata(body)) throw invalid('Either metadata_xml or metadata_url must be set')
  checkSsoProvider(body)
  const metadata = await readGivenMetadata(ctx, body)
  const domains = [...new Set(body.domains ?? [])]
  if (domains.includes('')) throw invalid('domains must not hold an empty one')
  const provider: NewSsoProvider = {
    id: randomUUID(),
    resource_id: body.resource_id ?? null,
    disabled: body.disabled ?? null,
    ...metadata,
    metadata_url: body.metadata_url || null,
    attribute_mapping: keptMapping(body.attribute_mapping),
    name_id_format: body.name_id_format || null,
    domains,
  }
  const created = await ctx.db
    .transaction(async (tx) => {
      const [known] = await findSsoProviders(tx, { entity_id: metadata.entity_id })
      if (known) throw idpAlreadyExists(known.entity_id)
      for (const domain of domains) {
        const [holder] = await findSsoProviders(tx, { domain })
        if (holder) throw domainTaken(domain, holder)
      }
      await insertSsoProvider(tx, provider)
      await replaceSsoDomains(tx, provider.id, domains)
      return (await findSsoProviders(tx, { id: provider.id }))[0]
    })
    .catch(asSsoConflict(metadata.entity_id))
  if (!created) throw new AuthError(500, 'unexpected_failure', 'Database error creating SSO provider')
  return { status: 201, body: presentSsoProvider(created) }
}

const domainTaken = (domain: string, { id }: SsoProvider): AuthError =>
  new AuthError(
    400,
    'sso_domain_already_exists',
    `SSO Domain '${domain}' is already assigned to an SSO identity provider (${id})`,
  )
