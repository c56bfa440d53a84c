// Table postern.logout_notices: sessions whose applications are told when they are over (back-channel logout).
import type { Queryable } from './db.ts'

/** A session, and whom to tell of its end. */
export interface LogoutNotice {
  session_id: string
  user_id: string
  client_id: string
}

/** A notice that is due, with where it goes; null where the application has no such address any more. */
export interface DueLogoutNotice extends LogoutNotice {
  address: string | null
  /** Its name to the outside, where that is the address of a document. */
  client_document: string | null
  /** This one included. */
  attempts: number
}

/** Remembers to tell an application of the end of a session. */
export async function insertLogoutNotice(tx: Queryable, notice: LogoutNotice): Promise<void> {
  await tx.query(
    'insert into postern.logout_notices (session_id, user_id, client_id, live_session_id) values ($1, $2, $3, $1)',
    [notice.session_id, notice.user_id, notice.client_id],
  )
}

/**
 * Takes notices of sessions that are over, however they ended, by an index of these alone; of several servers one gets each. One that is not deleted comes
 * again after 30 seconds, two minutes, eight, and so on.
 */
export const takeLogoutNotices = (db: Queryable, limit: number): Promise<DueLogoutNotice[]> =>
  db.query<DueLogoutNotice>(
    `update postern.logout_notices n set attempts = n.attempts + 1,
        next_attempt_at = now() + interval '30 seconds' * power(4, n.attempts)
      from (select o.session_id, c.metadata ->> 'backchannel_logout_uri' as address, c.metadata ->> 'client_document' as client_document
            from postern.logout_notices o left join postern.oauth_client_metadata c on c.id = o.client_id
            where o.live_session_id is null and o.next_attempt_at <= now() and not exists (select from auth.sessions s where s.id = o.session_id)
            order by o.next_attempt_at limit $1 for update of o skip locked) due
      where n.session_id = due.session_id
      returning n.session_id, n.user_id, n.client_id, n.attempts, due.address, due.client_document`,
    [limit],
  )

/** Forgets a notice that was delivered, or never will be. */
export async function deleteLogoutNotice(db: Queryable, session_id: string): Promise<void> {
  await db.query('delete from postern.logout_notices where session_id = $1', [session_id])
}
