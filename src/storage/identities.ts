// Table auth.identities: the ways an account can sign in.
import type { Queryable } from './db.ts'
import type { Metadata } from './metadata.ts'
import { instance_id } from './sql.ts'

/** A row of auth.identities. */
export interface Identity {
  id: string
  provider_id: string
  user_id: string
  identity_data: Metadata
  provider: string
  last_sign_in_at: string | null
  created_at: string | null
  updated_at: string | null
  email: string | null
}

/** Adds an identity to an account. */
export async function insertIdentity(
  tx: Queryable,
  identity: { id: string; user_id: string; provider: string; provider_id: string; identity_data: Metadata },
): Promise<void> {
  await tx.query(
    `insert into auth.identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
      values ($5, $1, $2, $3, $4::jsonb, now(), now(), now())`,
    [identity.user_id, identity.provider, identity.provider_id, identity.identity_data, identity.id],
  )
}

/** Marks the identities of an account that have an address as verified, whoever they are of. */
export async function verifyEmailIdentity(tx: Queryable, user_id: string, email: string): Promise<void> {
  await tx.query(
    `update auth.identities set identity_data = identity_data || '{"email_verified":true}'
      where user_id = $1 and email = lower($2)`,
    [user_id, email],
  )
}

/**
 * Creates the e-mail or phone identity of an account, or merges data into the one that is there. Its `updated_at` moves only
 * where the reference moves it: with a change of address that the person has proved.
 */
export async function upsertOwnIdentity(
  tx: Queryable,
  identity: { user_id: string; provider: 'email' | 'phone'; identity_data: Metadata },
  { is_moved = false } = {},
): Promise<void> {
  await tx.query(
    `with changed as (
        update auth.identities set identity_data = identity_data || $3::jsonb,
            updated_at = case when $4::boolean then now() else updated_at end
          where user_id = $1 and provider = $2 returning id)
      insert into auth.identities (user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
        select $1::uuid, $2::text, ($1::uuid)::text, '{"email_verified":false,"phone_verified":false}'::jsonb || $3::jsonb, now(), now(), now() where not exists (select from changed)`,
    [identity.user_id, identity.provider, identity.identity_data, is_moved],
  )
}

/** Removes one identity of an account; false when it was gone. */
export async function deleteIdentity(tx: Queryable, id: string, user_id: string): Promise<boolean> {
  const rows = await tx.query('delete from auth.identities where id = $1 and user_id = $2 returning id', [id, user_id])
  return rows.length > 0
}

/** The identity of a person at a provider, or null. */
export async function findIdentity(db: Queryable, provider: string, provider_id: string): Promise<Identity | null> {
  const [row] = await db.query<Identity>(
    `select id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at, email
      from auth.identities where provider = $1 and provider_id = $2`,
    [provider, provider_id],
  )
  return row ?? null
}

/** An identity whose id at the provider is written in one of several ways; whoever asks for one of them next waits. */
export async function findIdentityBySpelling(
  tx: Queryable,
  provider: string,
  spellings: string[],
): Promise<Identity | null> {
  const name = `postern ${provider} ${spellings[0]?.toLowerCase()}`
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name])
  const [row] = await tx.query<Identity>(
    `select id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at, email
      from auth.identities where provider = $1 and provider_id = any($2::text[]) order by created_at, id limit 1`,
    [provider, spellings],
  )
  return row ?? null
}

/** Replaces what a provider said of a person. */
export async function replaceIdentityData(tx: Queryable, id: string, identity_data: Metadata): Promise<void> {
  await tx.query('update auth.identities set identity_data = $2::jsonb, updated_at = now() where id = $1', [
    id,
    identity_data,
  ])
}

/**
 * Accounts that proved addresses (lower case) lead to: by identities whose provider proved the address or that sign in
 * by it, and by the address of the account itself. `provider` is null for the latter, which is never of an SSO account.
 */
export async function findAccountsByEmails(
  tx: Queryable,
  emails: readonly string[],
): Promise<{ user_id: string; provider: string | null }[]> {
  return tx.query<{ user_id: string; provider: string | null }>(
    `select user_id, provider from auth.identities
        where email = any($1::text[]) and (provider = 'email' or identity_data->'email_verified' = 'true'::jsonb)
      union all
      select id, null from auth.users
        where instance_id = '${instance_id}' and lower(email) = any($1::text[]) and not is_sso_user`,
    [emails],
  )
}

/** Whether an account that is not of an SSO provider has an address (lower case). */
export async function isEmailTaken(tx: Queryable, email: string, but_user_id: string | null): Promise<boolean> {
  const rows = await tx.query(
    `select from auth.users where instance_id = '${instance_id}' and lower(email) = $1 and not is_sso_user
        and ($2::uuid is null or id <> $2::uuid) limit 1`,
    [email, but_user_id],
  )
  return rows.length > 0
}
