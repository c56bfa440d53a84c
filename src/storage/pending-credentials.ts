// Table postern.pending_credentials: what a sign-up asked for before it proved its address.
import type { Queryable } from './db.ts'
import type { Metadata } from './metadata.ts'

/** `token_hash` of a row that says: an administrator made this account, its credentials are trusted. */
export const TRUSTED = ''

/** Password (hash, or null for none) and metadata that belong to one mail. */
export interface PendingCredentials {
  token_hash: string
  encrypted_password: string | null
  user_metadata: Metadata | null
}

/** Keeps the credentials of a later sign-up beside the token of its mail; those of earlier mails are dead. */
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

/** Moves the pending credentials of an account to the token of a mail that was sent again. */
export async function movePendingCredentials(tx: Queryable, user_id: string, token_hash: string): Promise<void> {
  await tx.query(
    `update postern.pending_credentials set token_hash = $2 where user_id = $1 and token_hash <> '${TRUSTED}'`,
    [user_id, token_hash],
  )
}

/** Takes away all pending credentials of an account and returns them. */
export async function takePendingCredentials(tx: Queryable, user_id: string): Promise<PendingCredentials[]> {
  return tx.query<PendingCredentials>(
    'delete from postern.pending_credentials where user_id = $1 returning token_hash, encrypted_password, user_metadata',
    [user_id],
  )
}
