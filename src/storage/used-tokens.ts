// Table postern.used_tokens: signed messages of others that are accepted once, such as ID tokens.
import type { Queryable } from './db.ts'

/**
 * Notes a message as used until it has expired by itself; of several requests at once one wins.
 * @param expires_s seconds since the epoch
 * @returns false when it was used before
 */
export async function markUsed(tx: Queryable, hash: string, expires_s: number): Promise<boolean> {
  const rows = await tx.query(
    `insert into postern.used_tokens (hash, expires_at) values ($1, to_timestamp(least($2::float8, 253402300799)))
      on conflict (hash) do nothing returning hash`,
    [hash, expires_s],
  )
  return rows.length > 0
}
