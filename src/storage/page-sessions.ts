// Table postern.page_sessions: which browsers are signed in to the pages.
import type { Db, Queryable } from './db.ts'
import { type RefreshRow, type RefreshState, refreshColumns, toRefreshState } from './refresh-tokens.ts'

/**
 * Gives a session its handle, in the place of the one that it had, and takes its stored refresh tokens away: the cookie is all
 * that keeps it.
 */
export async function putPageSession(db: Queryable, session_id: string, handle_hash: string): Promise<void> {
  await db.query(
    `with gone as (delete from auth.refresh_tokens where session_id = $1)
      insert into postern.page_sessions (handle_hash, session_id) values ($2, $1)
        on conflict (session_id) do update set handle_hash = excluded.handle_hash, created_at = now()`,
    [session_id, handle_hash],
  )
}

/** The session of a handle with all that decides whether it goes on; null for a handle of none. */
export async function findPageSession(db: Pick<Db, 'lookup'>, handle_hash: string): Promise<RefreshState | null> {
  const [row] = await db.lookup<RefreshRow>(
    `select ${refreshColumns('true')} from postern.page_sessions p
        join auth.sessions s on s.id = p.session_id join auth.users u on u.id = s.user_id
      where p.handle_hash = $1`,
    [handle_hash],
  )
  return row ? toRefreshState(row) : null
}
