// Table postern.foreign_passwords: hashes of other systems, until their owner signs in for the first time.
import type { ForeignHash } from '../crypto/foreign-hash.ts'
import type { Queryable } from './db.ts'

/** The hash of an account, or null. */
export async function findForeignPassword(db: Queryable, user_id: string): Promise<ForeignHash | null> {
  const [row] = await db.query<{ params: ForeignHash }>(
    'select params from postern.foreign_passwords where user_id = $1',
    [user_id],
  )
  return row?.params ?? null
}

/** Forgets the hash of an account. */
export async function deleteForeignPassword(db: Queryable, user_id: string): Promise<void> {
  await db.query('delete from postern.foreign_passwords where user_id = $1', [user_id])
}

/** Gives accounts hashes of other systems, in place of those that they had. */
export async function putForeignPasswords(
  tx: Queryable,
  rows: readonly { user_id: string; params: ForeignHash }[],
): Promise<void> {
  await tx.query(
    `insert into postern.foreign_passwords (user_id, scheme, params)
      select r.user_id, r.params ->> 'scheme', r.params from json_to_recordset($1::json) as r(user_id uuid, params jsonb)
      on conflict (user_id) do update set scheme = excluded.scheme, params = excluded.params, created_at = now()`,
    [JSON.stringify(rows)],
  )
}

/** Forgets the hashes of accounts. */
export async function deleteForeignPasswords(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query('delete from postern.foreign_passwords where user_id = any ($1::uuid[])', [ids])
}
