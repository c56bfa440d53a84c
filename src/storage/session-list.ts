// Sessions of one account as an administrator sees them.
import type { Queryable } from './db.ts'

/** A session with its proofs, most recent first; times are RFC 3339. */
export interface ListedSession {
  id: string
  user_id: string
  created_at: string | null
  updated_at: string | null
  refreshed_at: string | null
  not_after: string | null
  aal: string | null
  factor_id: string | null
  user_agent: string | null
  ip: string | null
  tag: string | null
  oauth_client_id: string | null
  scopes: string | null
  amr: { method: string; timestamp: number }[]
}

/** The sessions of an account, newest first; nothing of it lets anybody act in one. */
export async function findSessionsOfUser(db: Queryable, user_id: string): Promise<ListedSession[]> {
  return db.query<ListedSession>(
    `select s.id, s.user_id, s.created_at, s.updated_at, s.refreshed_at at time zone 'utc' as refreshed_at, s.not_after,
        s.aal::text, s.factor_id, s.user_agent, host(s.ip) as ip, s.tag, s.oauth_client_id, s.scopes,
        coalesce((select json_agg(json_build_object('method', a.authentication_method,
          'timestamp', floor(extract(epoch from a.updated_at))) order by a.updated_at desc, a.id)
          from auth.mfa_amr_claims a where a.session_id = s.id), '[]') as amr
      from auth.sessions s where s.user_id = $1 order by s.created_at desc, s.id`,
    [user_id],
  )
}

/** Ends the sessions of an account, or one of them, with their refresh tokens; tells how many there were. */
export async function endSessions(tx: Queryable, user_id: string, session_id: string | null): Promise<number> {
  const ended = await tx.query<{ id: string }>(
    'delete from auth.sessions where user_id = $1 and ($2::uuid is null or id = $2::uuid) returning id',
    [user_id, session_id],
  )
  return ended.length
}
