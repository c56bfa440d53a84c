// Table postern.scim_tokens: by which the identity provider of a company manages its people.
import type { Queryable } from './db.ts'

/** A token as administrators see it. */
export interface ScimToken {
  id: string
  name: string
  created_at: string
  /** To the minute. */
  last_used_at: string | null
  expires_at: string | null
}

/** The provider that a request manages people of, and the token by which. */
export interface ScimScope {
  token_id: string
  token_name: string
  provider_id: string
  /** The provider's own name, as SAML has it. */
  entity_id: string | null
}

/** Adds a token to a provider. */
export async function insertScimToken(
  db: Queryable,
  token: { id: string; sso_provider_id: string; name: string; token_hash: string; life_s: number | null },
): Promise<ScimToken | null> {
  const [row] = await db.query<ScimToken>(
    `insert into postern.scim_tokens (id, sso_provider_id, name, token_hash, expires_at)
      values ($1, $2, $3, $4, now() + make_interval(secs => $5::float8))
      returning id, name, created_at, last_used_at, expires_at`,
    [token.id, token.sso_provider_id, token.name, token.token_hash, token.life_s],
  )
  return row ?? null
}

/** The tokens of a provider, oldest first. */
export const findScimTokens = (db: Queryable, sso_provider_id: string): Promise<ScimToken[]> =>
  db.query<ScimToken>(
    `select id, name, created_at, last_used_at, expires_at from postern.scim_tokens
      where sso_provider_id = $1 order by created_at, id`,
    [sso_provider_id],
  )

/** Removes a token of a provider; its name, or null when there was none. */
export async function deleteScimToken(db: Queryable, sso_provider_id: string, id: string): Promise<string | null> {
  const [row] = await db.query<{ name: string }>(
    'delete from postern.scim_tokens where sso_provider_id = $1 and id = $2 returning name',
    [sso_provider_id, id],
  )
  return row?.name ?? null
}

/** What a token that is in force opens, or null; notes its use. */
export async function useScimToken(db: Queryable, token_hash: string): Promise<ScimScope | null> {
  const [scope] = await db.query<ScimScope>(
    `with used as (
        update postern.scim_tokens set last_used_at = now()
          where token_hash = $1 and coalesce(last_used_at < now() - interval '1 minute', true))
      select t.id as token_id, t.name as token_name, t.sso_provider_id as provider_id, s.entity_id
        from postern.scim_tokens t left join auth.saml_providers s on s.sso_provider_id = t.sso_provider_id
        where t.token_hash = $1 and (t.expires_at is null or t.expires_at > now()) limit 1`,
    [token_hash],
  )
  return scope ?? null
}
