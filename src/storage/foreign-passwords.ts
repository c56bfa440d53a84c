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
