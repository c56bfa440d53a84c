// Tables auth.sso_providers and auth.saml_providers and auth.sso_domains: identity providers of companies.
import { randomUUID } from 'node:crypto'
import type { Queryable } from './db.ts'
import type { Metadata } from './metadata.ts'

/** A provider with its SAML settings and the domains whose people it signs in. */
export interface SsoProvider {
  id: string
  resource_id: string | null
  disabled: boolean | null
  created_at: string
  updated_at: string
  entity_id: string
  metadata_xml: string
  metadata_url: string | null
  attribute_mapping: Metadata | null
  name_id_format: string | null
  domains: string[]
  /** Seconds since its SAML settings were written, by the database's clock. */
  metadata_age_s: number
}

const select = `select p.id, p.resource_id, p.disabled, p.created_at, p.updated_at, s.entity_id, s.metadata_xml, s.metadata_url,
    s.attribute_mapping, s.name_id_format, extract(epoch from now() - coalesce(s.updated_at, 'epoch'))::float8 as metadata_age_s,
    coalesce((select json_agg(d.domain order by d.created_at, d.domain) from auth.sso_domains d where d.sso_provider_id = p.id), '[]') as domains
  from auth.sso_providers p join auth.saml_providers s on s.sso_provider_id = p.id`

/** How providers are looked for; what is absent restricts nothing. */
export interface SsoProviderSearch {
  id?: string
  /** The id in another system, as written. */
  resource_id?: string
  /** As recorded a pattern of LIKE: `_` and `%` in it stand for other characters. */
  resource_id_prefix?: string
  domain?: string
  entity_id?: string
}

/** The providers that fit, oldest first. */
export const findSsoProviders = (db: Queryable, search: SsoProviderSearch): Promise<SsoProvider[]> =>
  db.query<SsoProvider>(
    `${select} where ($1::uuid is null or p.id = $1) and ($2::text is null or p.resource_id = $2)
        and ($3::text is null or p.resource_id like $3 || '%')
        and ($4::text is null or exists (select from auth.sso_domains d where d.sso_provider_id = p.id and d.domain = $4))
        and ($5::text is null or s.entity_id = $5)
      order by p.created_at, p.id`,
    [
      search.id ?? null,
      search.resource_id ?? null,
      search.resource_id_prefix ?? null,
      search.domain ?? null,
      search.entity_id ?? null,
    ],
  )

/** What a provider is made of. */
export type NewSsoProvider = Omit<SsoProvider, 'created_at' | 'updated_at' | 'metadata_age_s'>

/** Adds a provider; its domains are set with `replaceSsoDomains`. */
export async function insertSsoProvider(tx: Queryable, provider: NewSsoProvider): Promise<void> {
  await tx.query(
    'insert into auth.sso_providers (id, resource_id, disabled, created_at, updated_at) values ($1, $2, $3, now(), now())',
    [provider.id, provider.resource_id, provider.disabled],
  )
  await tx.query(
    `insert into auth.saml_providers (id, sso_provider_id, entity_id, metadata_xml, metadata_url, attribute_mapping,
        name_id_format, created_at, updated_at) values ($1, $2, $3, $4, $5, $6::jsonb, $7, now(), now())`,
    [
      randomUUID(),
      provider.id,
      provider.entity_id,
      provider.metadata_xml,
      provider.metadata_url,
      provider.attribute_mapping ?? {},
      provider.name_id_format,
    ],
  )
}

/** Writes a provider as it is now, but for its SAML settings. */
export async function updateSsoProvider(tx: Queryable, provider: SsoProvider): Promise<void> {
  await tx.query('update auth.sso_providers set resource_id = $2, disabled = $3, updated_at = now() where id = $1', [
    provider.id,
    provider.resource_id,
    provider.disabled,
  ])
}

/** Writes the SAML settings of a provider as they are now, which makes its metadata new. */
export async function updateSamlSettings(tx: Queryable, provider: SsoProvider): Promise<void> {
  await tx.query(
    `update auth.saml_providers set metadata_xml = $2, metadata_url = $3, attribute_mapping = $4::jsonb, name_id_format = $5,
        updated_at = now() where sso_provider_id = $1`,
    [
      provider.id,
      provider.metadata_xml,
      provider.metadata_url,
      provider.attribute_mapping ?? {},
      provider.name_id_format,
    ],
  )
}

/** Makes the domains of a provider those of the list; what stays keeps its row. */
export async function replaceSsoDomains(tx: Queryable, id: string, domains: readonly string[]): Promise<void> {
  await tx.query('delete from auth.sso_domains where sso_provider_id = $1 and not (domain = any($2::text[]))', [
    id,
    [...domains],
  ])
  await tx.query(
    `insert into auth.sso_domains (id, sso_provider_id, domain, created_at, updated_at)
      select gen_random_uuid(), $1, d.domain, now() + d.place * interval '1 microsecond', now()
      from unnest($2::text[]) with ordinality d(domain, place)
      where not exists (select from auth.sso_domains o where o.sso_provider_id = $1 and o.domain = d.domain)`,
    [id, [...domains]],
  )
}

/** Removes a provider with its settings and domains; accounts stay. */
export async function deleteSsoProvider(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from auth.sso_providers where id = $1', [id])
}

/** Replaces metadata by what its address says now, unless an administrator has changed the address meanwhile. */
export async function refreshSsoMetadata(
  db: Queryable,
  provider: { id: string; metadata_url: string },
  metadata_xml: string,
): Promise<void> {
  await db.query(
    'update auth.saml_providers set metadata_xml = $3, updated_at = now() where sso_provider_id = $1 and metadata_url = $2',
    [provider.id, provider.metadata_url, metadata_xml],
  )
}
