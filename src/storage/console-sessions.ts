// Table postern.console_sessions: sessions of the console that belong to no account.
import type { Queryable } from './db.ts'

/** Opens a session for so many seconds; sessions that are over go at the same time. */
export async function insertConsoleSession(
  tx: Queryable,
  session: { handle_hash: Uint8Array; operator: string; expires_in_s: number },
): Promise<void> {
  await tx.query(
    `with over as (delete from postern.console_sessions where expires_at <= now())
      insert into postern.console_sessions (handle_hash, operator, expires_at)
        values ($1, $2, now() + $3::float8 * interval '1 second')`,
    [session.handle_hash, session.operator, session.expires_in_s],
  )
}

/** Whose session it is; null when it is over. */
export async function findConsoleSession(db: Queryable, handle_hash: Uint8Array): Promise<string | null> {
  const [session] = await db.query<{ operator: string }>(
    'select operator from postern.console_sessions where handle_hash = $1 and expires_at > now()',
    [handle_hash],
  )
  return session?.operator ?? null
}

/** Ends a session. */
export async function deleteConsoleSession(db: Queryable, handle_hash: Uint8Array): Promise<void> {
  await db.query('delete from postern.console_sessions where handle_hash = $1', [handle_hash])
}
