// Table postern.pending_credentials: what a repeated sign-up asked for before it proved its address.
import type { Queryable } from './db.ts'
import type { Metadata } from './metadata.ts'

/** `token_hash` of a row that says: an administrator made this account, its credentials are trusted. */
export const TRUSTED = ''

/** Password (hash, or null for none) and metadata (null for none) that belong to one mail. */
export interface PendingCredentials {
  token_hash: string
  encrypted_password: string | null
  user_metadata: Metadata | null
}

/** Keeps the credentials that belong to the token of a mail; those of earlier mails are dead. */
export async function storePendingCredentials(
  tx: Queryable,
  user_id: string,
  credentials: PendingCredentials,
): Promise<void> {
  await tx.query(
    `with dead as (delete from postern.pending_credentials where user_id = $1 and token_hash not in ('${TRUSTED}', $2))
      insert into postern.pending_credentials (user_id, token_hash, encrypted_password, user_metadata)
        values ($1, $2, $3, $4::jsonb)
      on conflict (user_id, token_hash) do update
        set encrypted_password = excluded.encrypted_password, user_metadata = excluded.user_metadata`,
    [user_id, credentials.token_hash, credentials.encrypted_password, credentials.user_metadata],
  )
}

/** Keeps what a repeated sign-up asked for; once two of them did not agree, no later one has a say (security REV-02). */
export async function storeRepeatedCredentials(
  tx: Queryable,
  user_id: string,
  credentials: PendingCredentials,
): Promise<void> {
  await tx.query(
    `with before as (select coalesce(bool_or(encrypted_password is null), false) as contested
          from postern.pending_credentials where user_id = $1 and token_hash <> '${TRUSTED}'),
        dead as (delete from postern.pending_credentials where user_id = $1 and token_hash not in ('${TRUSTED}', $2))
      insert into postern.pending_credentials (user_id, token_hash, encrypted_password, user_metadata)
        select $1, $2, case when not contested then $3 end, case when not contested then $4::jsonb end from before
      on conflict (user_id, token_hash) do update
        set encrypted_password = excluded.encrypted_password, user_metadata = excluded.user_metadata`,
    [user_id, credentials.token_hash, credentials.encrypted_password, credentials.user_metadata],
  )
}

/** Moves the pending credentials of an account to the token of a mail that was sent again. */
export async function movePendingCredentials(tx: Queryable, user_id: string, token_hash: string): Promise<void> {
  await tx.query(
    `with moved as (delete from postern.pending_credentials where user_id = $1 and token_hash not in ('${TRUSTED}', $2)
        returning encrypted_password, user_metadata)
      insert into postern.pending_credentials (user_id, token_hash, encrypted_password, user_metadata)
        select $1, $2, case when count(*) = 1 then max(encrypted_password) end,
          case when count(*) = 1 then (array_agg(user_metadata))[1] end
        from moved having count(*) > 0
      on conflict (user_id, token_hash) do nothing`,
    [user_id, token_hash],
  )
}

/** Takes away the pending credentials of an account and returns them; an administrator's word stays. */
export async function takePendingCredentials(tx: Queryable, user_id: string): Promise<PendingCredentials[]> {
  return tx.query<PendingCredentials>(
    `with taken as (delete from postern.pending_credentials where user_id = $1 and token_hash <> '${TRUSTED}')
      select token_hash, encrypted_password, user_metadata from postern.pending_credentials where user_id = $1`,
    [user_id],
  )
}

/** Ends an administrator's word: the account has an address that they said nothing of. */
export async function endTrust(tx: Queryable, user_id: string): Promise<void> {
  await tx.query(`delete from postern.pending_credentials where user_id = $1 and token_hash = '${TRUSTED}'`, [user_id])
}

/** Whether an administrator made the account and answers for what it has. */
export async function hasTrust(db: Queryable, user_id: string): Promise<boolean> {
  const rows = await db.query(
    `select from postern.pending_credentials where user_id = $1 and token_hash = '${TRUSTED}'`,
    [user_id],
  )
  return rows.length > 0
}
