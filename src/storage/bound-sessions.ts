// Table postern.bound_sessions: keys without which the refresh tokens of a session are worth nothing (RFC 9449 §5).
import type { Queryable } from './db.ts'

/** Binds the refresh tokens of a session to a key. */
export async function bindSession(tx: Queryable, session_id: string, jkt: string): Promise<void> {
  await tx.query('insert into postern.bound_sessions (session_id, jkt) values ($1, $2)', [session_id, jkt])
}
