// Who sends a request: an account with the session that its token names, read from auth.users and auth.sessions.
import type { Db } from './db.ts'
import { gathered, inPlaces, mostGathered } from './gather.ts'
import type { Amr, Session } from './sessions.ts'
import { proofsOf } from './sql.ts'
import { type User, userColumns } from './users.ts'

interface Asked {
  id: string
  session_id: string | null
}

type AskedRow = User & { session: Session | null; amr: Amr[]; now_ms: number }

const askedColumns = (
  session_id: string,
): string => `${userColumns}, extract(epoch from clock_timestamp())::float8 * 1000 as now_ms,
        (select to_json(s) from auth.sessions s where s.id = ${session_id} and (s.oauth_client_id is null
          or exists (select from auth.oauth_clients c where c.id = s.oauth_client_id and c.deleted_at is null))) as session,
        ${proofsOf(session_id)}`

const findAsked = gathered<Asked, AskedRow | undefined>(async (db, asked) => {
  const [only] = asked
  if (only && asked.length === 1)
    return db.lookup<AskedRow>(`select ${askedColumns('$2')} from auth.users u where u.id = $1`, [
      only.id,
      only.session_id,
    ])
  // Each by the index, as one alone would be: a join would read a whole table while it is small, by a plan that stays when it
  // has grown. And not from arrays, for each length of which PostgreSQL would make another plan.
  const rows = await db.lookup<AskedRow & { place: number }>(
    `select asked.place, ${askedColumns('asked.session_id')}
      from (select * from json_to_recordset($1::json) as list (place int, id uuid, session_id uuid) limit ${mostGathered}) asked
        cross join lateral (select * from auth.users where id = asked.id limit 1) u`,
    [asked.map((one, place) => ({ place, ...one }))],
  )
  return inPlaces(rows, asked.length)
})

/**
 * An account and one of its sessions with its proofs, for a request with an access token: one round trip. A session of an application
 * that an administrator removed is none.
 */
export async function findUserWithSession(
  db: Db,
  id: string,
  session_id: string | null,
): Promise<{ user: User; session: Session | null; amr: Amr[]; now_ms: number } | null> {
  const row = await findAsked(db, { id, session_id })
  // The account keeps what else its row has: a copy without it would cost more than the statement's answer takes to read.
  return row ? { user: row, session: row.session, amr: row.amr, now_ms: row.now_ms } : null
}
