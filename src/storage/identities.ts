// Table auth.identities: the ways an account can sign in.
import type { Queryable } from './db.ts'
import type { Metadata } from './users.ts'

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

/** Marks the e-mail identities of an address as verified. */
export async function verifyEmailIdentity(tx: Queryable, user_id: string, email: string): Promise<void> {
  await tx.query(
    `update auth.identities set identity_data = identity_data || '{"email_verified":true}', updated_at = now()
      where user_id = $1 and provider = 'email' and email = lower($2)`,
    [user_id, email],
  )
}

/** Marks the phone identity of an account as verified. */
export async function verifyPhoneIdentity(tx: Queryable, user_id: string): Promise<void> {
  await tx.query(
    `update auth.identities set identity_data = identity_data || '{"phone_verified":true}', updated_at = now()
      where user_id = $1 and provider = 'phone'`,
    [user_id],
  )
}

/** Creates the e-mail or phone identity of an account, or merges data into the one that is there. */
export async function upsertOwnIdentity(
  tx: Queryable,
  identity: { user_id: string; provider: 'email' | 'phone'; identity_data: Metadata },
): Promise<void> {
  await tx.query(
    `with changed as (
        update auth.identities set identity_data = identity_data || $3::jsonb, updated_at = now()
          where user_id = $1 and provider = $2 returning id)
      insert into auth.identities (user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
        select $1::uuid, $2::text, ($1::uuid)::text, '{"email_verified":false,"phone_verified":false}'::jsonb || $3::jsonb, now(), now(), now() where not exists (select from changed)`,
    [identity.user_id, identity.provider, identity.identity_data],
  )
}

/** Removes one identity of an account; false when it was gone. */
export async function deleteIdentity(tx: Queryable, id: string, user_id: string): Promise<boolean> {
  const rows = await tx.query('delete from auth.identities where id = $1 and user_id = $2 returning id', [id, user_id])
  return rows.length > 0
}
