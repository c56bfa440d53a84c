// Table auth.custom_oauth_providers: providers that administrators added.
import type { Queryable } from './db.ts'
import type { Metadata } from './metadata.ts'
import { assignments, type Changes, NOW } from './sql.ts'

/** A row of auth.custom_oauth_providers. */
export interface CustomProvider {
  id: string
  provider_type: 'oauth2' | 'oidc'
  identifier: string
  name: string
  client_id: string
  /** Encrypted where encryption of the database is on. */
  client_secret: string
  acceptable_client_ids: string[]
  scopes: string[]
  pkce_enabled: boolean
  attribute_mapping: Metadata
  custom_claims_allowlist: string[]
  authorization_params: Metadata
  enabled: boolean
  email_optional: boolean
  issuer: string | null
  discovery_url: string | null
  skip_nonce_check: boolean
  cached_discovery: Metadata | null
  authorization_url: string | null
  token_url: string | null
  userinfo_url: string | null
  jwks_uri: string | null
  created_at: string
  updated_at: string
}

/** What a new row is made of. */
export type NewCustomProvider = Omit<CustomProvider, 'created_at' | 'updated_at'>

const columns = `id, provider_type, identifier, name, client_id, client_secret, acceptable_client_ids, scopes,
  pkce_enabled, attribute_mapping, custom_claims_allowlist, authorization_params, enabled, email_optional, issuer,
  discovery_url, skip_nonce_check, cached_discovery, authorization_url, token_url, userinfo_url, jwks_uri, created_at,
  updated_at`

/**
 * Adds a provider unless there are `most` already (0 is no limit); null when there are.
 * @throws DatabaseError 23505 for a known identifier
 */
export async function insertCustomProvider(
  tx: Queryable,
  provider: NewCustomProvider,
  most: number,
): Promise<CustomProvider | null> {
  // Two at once must not both be the last that fits.
  if (most > 0) await tx.query(`select pg_advisory_xact_lock(hashtext('postern custom providers'))`)
  const [row] = await tx.query<CustomProvider>(
    `insert into auth.custom_oauth_providers (id, provider_type, identifier, name, client_id, client_secret,
        acceptable_client_ids, scopes, pkce_enabled, attribute_mapping, custom_claims_allowlist, authorization_params,
        enabled, email_optional, issuer, discovery_url, skip_nonce_check, cached_discovery, discovery_cached_at,
        authorization_url, token_url, userinfo_url, jwks_uri)
      select $1, $2, $3, $4, $5, $6, $7::text[], $8::text[], $9, $10::jsonb, $11::text[], $12::jsonb, $13, $14, $15, $16,
        $17, $18::jsonb, case when $18::jsonb is not null then now() end, $19, $20, $21, $22
      where $23::int = 0 or (select count(*) from auth.custom_oauth_providers) < $23::int
      returning ${columns}`,
    [
      provider.id,
      provider.provider_type,
      provider.identifier,
      provider.name,
      provider.client_id,
      provider.client_secret,
      provider.acceptable_client_ids,
      provider.scopes,
      provider.pkce_enabled,
      provider.attribute_mapping,
      provider.custom_claims_allowlist,
      provider.authorization_params,
      provider.enabled,
      provider.email_optional,
      provider.issuer,
      provider.discovery_url,
      provider.skip_nonce_check,
      provider.cached_discovery,
      provider.authorization_url,
      provider.token_url,
      provider.userinfo_url,
      provider.jwks_uri,
      most,
    ],
  )
  return row ?? null
}

/** A provider by its identifier, or null. */
export async function findCustomProvider(db: Queryable, identifier: string): Promise<CustomProvider | null> {
  const [row] = await db.query<CustomProvider>(
    `select ${columns} from auth.custom_oauth_providers where identifier = $1`,
    [identifier],
  )
  return row ?? null
}

/** How many providers there are. */
export async function countCustomProviders(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>('select count(*)::int as count from auth.custom_oauth_providers')
  return row?.count ?? 0
}

/** All providers, newest first; those of a type, oldest first, as recorded. */
export async function listCustomProviders(db: Queryable, type: string | null): Promise<CustomProvider[]> {
  return db.query<CustomProvider>(
    `select ${columns} from auth.custom_oauth_providers where $1::text is null or provider_type = $1
      order by case when $1::text is null then created_at end desc, created_at, id`,
    [type],
  )
}

/** Changes columns of a provider and returns it; null when it is gone. */
export async function updateCustomProvider(
  tx: Queryable,
  id: string,
  changes: Changes,
): Promise<CustomProvider | null> {
  const { text, values } = assignments({ ...changes, updated_at: NOW }, 1)
  const [row] = await tx.query<CustomProvider>(
    `update auth.custom_oauth_providers set ${text} where id = $1 returning ${columns}`,
    [id, ...values],
  )
  return row ?? null
}

/** Removes a provider; false when there is none. */
export async function deleteCustomProvider(db: Queryable, identifier: string): Promise<boolean> {
  const rows = await db.query('delete from auth.custom_oauth_providers where identifier = $1 returning id', [
    identifier,
  ])
  return rows.length > 0
}
