// Table postern.used_tokens: signed messages of others that are accepted once, such as ID tokens, and codes of our own.
import type { Queryable } from './db.ts'

/**
 * Notes a message as used until it has expired by itself; of several requests at once one wins.
 * @param expires_s seconds since the epoch
 * @param session_id the session that it opened, for codes whose second use ends it
 * @returns false when it was used before
 */
export async function markUsed(
  tx: Queryable,
  hash: string,
  expires_s: number,
  session_id: string | null = null,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into postern.used_tokens (hash, expires_at, session_id)
      values ($1, to_timestamp(least($2::float8, 253402300799)), $3::uuid) on conflict (hash) do nothing returning hash`,
    [hash, expires_s, session_id],
  )
  return rows.length > 0
}

/** Whether a message was noted as used, and has not expired by itself. */
export async function isUsed(db: Queryable, hash: string): Promise<boolean> {
  return (await db.query('select from postern.used_tokens where hash = $1', [hash])).length > 0
}

/** Ends the session that a used code had opened; gives its account, or null where there is nothing to end. */
export async function endSessionOfUsed(tx: Queryable, hash: string): Promise<string | null> {
  const [row] = await tx.query<{ user_id: string }>(
    `delete from auth.sessions where id = (select session_id from postern.used_tokens where hash = $1) returning user_id`,
    [hash],
  )
  return row?.user_id ?? null
}
