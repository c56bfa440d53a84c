// Tables postern.page_sessions, postern.page_hand_offs and postern.application_sessions: who is signed in to the pages, and in which applications.
import type { Db, Queryable } from './db.ts'
import { type RefreshRow, type RefreshState, refreshColumns, toRefreshState } from './refresh-tokens.ts'
import type { NewSession } from './sessions.ts'
import { instance_id } from './sql.ts'

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

/** Remembers which session of the pages an attempt is continued with; false when that session is over. */
export async function insertHandOff(tx: Queryable, flow_id: string, session_id: string): Promise<boolean> {
  const rows = await tx.query(
    'insert into postern.page_hand_offs (flow_id, session_id) select $1, id from auth.sessions where id = $2 returning flow_id',
    [flow_id, session_id],
  )
  return rows.length > 0
}

/** Takes the session of an attempt, once; null when nothing waits or that session is over. */
export async function takeHandOff(tx: Queryable, flow_id: string): Promise<string | null> {
  const [row] = await tx.query<{ session_id: string }>(
    'delete from postern.page_hand_offs where flow_id = $1 returning session_id',
    [flow_id],
  )
  return row?.session_id ?? null
}

/**
 * Opens a session for an application like another, in one statement: its account, level, proofs with their times, beginning and end are the same,
 * its refresh token its own. False when the other one is over.
 */
export async function copySession(
  tx: Queryable,
  from_id: string,
  session: Pick<NewSession, 'id' | 'user_agent' | 'ip' | 'refresh_token' | 'refresh_token_hmac_key'> & {
    application: string
  },
): Promise<boolean> {
  const rows = await tx.query(
    `with source as (select * from auth.sessions where id = $1 and oauth_client_id is null for key share),
      opened as (
        insert into auth.sessions (id, user_id, created_at, updated_at, refreshed_at, aal, factor_id, not_after, tag, user_agent, ip,
            refresh_token_hmac_key, refresh_token_counter)
          select $2::uuid, user_id, created_at, now(), now() at time zone 'utc', aal, factor_id, not_after, tag,
            nullif($3::text, ''), nullif($4::text, '')::inet, $6::text, case when $6::text is null then null else 0 end
          from source returning id, user_id),
      proofs as (
        insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
          select gen_random_uuid(), o.id, a.created_at, a.updated_at, a.authentication_method
          from opened o, auth.mfa_amr_claims a where a.session_id = $1),
      named as (insert into postern.application_sessions (session_id, application) select id, $7 from opened),
      token as (
        insert into auth.refresh_tokens (instance_id, token, user_id, session_id, revoked, parent, created_at, updated_at)
          select '${instance_id}'::uuid, $5::text, user_id::text, id, false, null, now(), now() from opened where $5::text is not null)
      update auth.users u set last_sign_in_at = now(), updated_at = now() from opened where u.id = opened.user_id returning u.id`,
    [
      from_id,
      session.id,
      session.user_agent,
      session.ip,
      session.refresh_token,
      session.refresh_token_hmac_key,
      session.application,
    ],
  )
  return rows.length > 0
}
