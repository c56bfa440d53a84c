// Tables postern.bound_sessions and postern.bound_codes: keys without which refresh tokens and codes are worth nothing (RFC 9449).
import type { Queryable } from './db.ts'

/** Binds the refresh tokens of a session to a key. */
export async function bindSession(tx: Queryable, session_id: string, jkt: string): Promise<void> {
  await tx.query('insert into postern.bound_sessions (session_id, jkt) values ($1, $2)', [session_id, jkt])
}

/** Binds the code of a request for authorization to a key. */
export async function bindCode(db: Queryable, authorization: string, jkt: string): Promise<void> {
  await db.query('insert into postern.bound_codes (id, jkt) values ($1, $2)', [authorization, jkt])
}

/** The key of a code; null for none. */
export async function findKeyOfCode(db: Queryable, authorization: string): Promise<string | null> {
  const [row] = await db.query<{ jkt: string }>('select jkt from postern.bound_codes where id = $1', [authorization])
  return row?.jkt ?? null
}
