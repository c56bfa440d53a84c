// Table postern.provider_tokens: tokens of external providers, sealed, one row an identity.
import type { Queryable } from './db.ts'

/** Tokens of an identity as they are kept. */
export interface KeptTokens {
  sealed: string
  /** Seconds until the access token expires, by the database's clock; null when the provider did not tell. */
  expires_in_s: number | null
  /** RFC 3339; null when the provider did not tell. */
  expires_at: string | null
  /** Somebody is fetching fresh tokens; seconds since they began. */
  claimed_s: number | null
}

/** Keeps tokens in place of older ones; `expires_in` in seconds. */
export async function storeProviderTokens(
  tx: Queryable,
  tokens: { identity_id: string; sealed: string; expires_in: number | null },
): Promise<void> {
  await tx.query(
    `insert into postern.provider_tokens (identity_id, sealed, expires_at, updated_at)
        values ($1, $2, now() + $3::float8 * interval '1 second', now())
      on conflict (identity_id) do update
        set sealed = excluded.sealed, expires_at = excluded.expires_at, updated_at = excluded.updated_at`,
    [tokens.identity_id, tokens.sealed, tokens.expires_in],
  )
}

/** The tokens of an identity, or null. */
export async function findProviderTokens(db: Queryable, identity_id: string): Promise<KeptTokens | null> {
  const [row] = await db.query<KeptTokens>(
    `select sealed, case when expires_at <> '-infinity' then expires_at end as expires_at,
        case when expires_at <> '-infinity' then extract(epoch from expires_at - now())::float8 end as expires_in_s,
        case when expires_at = '-infinity' then extract(epoch from clock_timestamp() - updated_at)::float8 end as claimed_s
      from postern.provider_tokens where identity_id = $1`,
    [identity_id],
  )
  return row ?? null
}

/**
 * Claims the right to refresh expired tokens: of many requests at once, on however many instances, one wins.
 * The claim stands in the row itself (`expires_at` is -infinity), and is lost after `patience_s` seconds.
 */
export async function claimRefresh(db: Queryable, identity_id: string, patience_s: number): Promise<boolean> {
  const rows = await db.query(
    `update postern.provider_tokens set expires_at = '-infinity', updated_at = clock_timestamp()
      where identity_id = $1 and expires_at < now() + interval '10 seconds'
        and (expires_at <> '-infinity' or updated_at < clock_timestamp() - $2::float8 * interval '1 second')
      returning identity_id`,
    [identity_id, patience_s],
  )
  return rows.length > 0
}

/** Gives a claim back after a refresh that failed: the tokens count as expired. */
export async function releaseRefresh(db: Queryable, identity_id: string): Promise<void> {
  await db.query(
    `update postern.provider_tokens set expires_at = now(), updated_at = now()
      where identity_id = $1 and expires_at = '-infinity'`,
    [identity_id],
  )
}

/** Forgets the tokens of an identity. */
export async function deleteProviderTokens(tx: Queryable, identity_id: string): Promise<void> {
  await tx.query('delete from postern.provider_tokens where identity_id = $1', [identity_id])
}
