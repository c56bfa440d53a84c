// Tables auth.sessions and auth.mfa_amr_claims: who is signed in, since when, and how they proved it.
import type { Queryable } from './db.ts'
import { instance_id, proofsOf } from './sql.ts'
import { type User, userColumns } from './users.ts'

/** A row of auth.sessions. */
export interface Session {
  id: string
  user_id: string
  created_at: string
  updated_at: string
  factor_id: string | null
  aal: 'aal1' | 'aal2' | 'aal3' | null
  not_after: string | null
  refreshed_at: string | null
  user_agent: string | null
  ip: string | null
  tag: string | null
  oauth_client_id: string | null
  scopes: string | null
  refresh_token_hmac_key: string | null
  refresh_token_counter: number | null
}

/** One proof of identity of a session; `timestamp` in seconds since the epoch. */
export interface Amr {
  method: string
  timestamp: number
}

/** What a new session is made of. */
export interface NewSession {
  id: string
  user_id: string
  method: string
  user_agent: string
  ip: string
  /** Stored refresh token (version 1), or null. */
  refresh_token: string | null
  /** Key of signed refresh tokens (version 2), or null. */
  refresh_token_hmac_key: string | null
  not_after?: string | null
  oauth_client_id?: string | null
  scopes?: string | null
}

/** An account as it is once its session is open, and the time of the database in seconds. */
export type OpenedSession = User & { opened_at: number }

/**
 * Opens a session in one statement: the session, its proof, its refresh token and the account's last sign-in.
 * @returns null when the account is gone
 */
export async function insertSession(db: Queryable, session: NewSession): Promise<OpenedSession | null> {
  const [user] = await db.query<OpenedSession>(
    `with opened as (
        insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip, not_after,
            refresh_token_hmac_key, refresh_token_counter, oauth_client_id, scopes)
          select $1::uuid, $2::uuid, now(), now(), 'aal1', nullif($4::text, ''), nullif($5::text, '')::inet, $8::timestamptz,
            $7::text, case when $7::text is null then null else 0 end, $9::uuid, $10::text
          where exists (select from auth.users where id = $2::uuid) returning id),
      proof as (
        insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
          select gen_random_uuid(), id, now(), now(), $3 from opened),
      token as (
        insert into auth.refresh_tokens (instance_id, token, user_id, session_id, revoked, parent, created_at, updated_at)
          select '${instance_id}'::uuid, $6::text, ($2::uuid)::text, id, false, null, now(), now() from opened where $6::text is not null)
      update auth.users u set last_sign_in_at = now(), updated_at = now() where u.id = $2::uuid
        returning ${userColumns}, floor(extract(epoch from now()))::float8 as opened_at`,
    [
      session.id,
      session.user_id,
      session.method,
      session.user_agent,
      session.ip,
      session.refresh_token,
      session.refresh_token_hmac_key,
      session.not_after ?? null,
      session.oauth_client_id ?? null,
      session.scopes ?? null,
    ],
  )
  return user ?? null
}

/**
 * Ends sessions of an account, with their refresh tokens: all, one, all but one, or an OAuth client's; tells how many. With all, or all
 * but one, the codes end that wait to be exchanged for one.
 */
export async function deleteSessions(
  db: Queryable,
  user_id: string,
  which: { only?: string; except?: string; client_id?: string } = {},
): Promise<number> {
  const ended = await db.query(
    `with codes as (
        delete from auth.flow_state where id in (
          select id from auth.flow_state where user_id = $1 and auth_code_issued_at is not null and $2::uuid is null and $4::uuid is null
            for update skip locked))
      delete from auth.sessions where user_id = $1 and ($2::uuid is null or id = $2::uuid) and ($3::uuid is null or id <> $3::uuid)
        and ($4::uuid is null or oauth_client_id = $4::uuid) returning id`,
    [user_id, which.only ?? null, which.except ?? null, which.client_id ?? null],
  )
  return ended.length
}

/** Locks a session row until the transaction ends. */
export async function lockSession(tx: Queryable, session_id: string): Promise<void> {
  await tx.query('select from auth.sessions where id = $1 for update', [session_id])
}

/** Records a refresh: time, user agent and address, and for signed tokens the key and counter. */
export async function touchSession(
  tx: Queryable,
  session_id: string,
  from: { user_agent: string; ip: string },
  signed?: { key: string; counter: number },
): Promise<void> {
  await tx.query(
    `update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now(),
        user_agent = nullif($2::text, ''), ip = nullif($3::text, '')::inet,
        refresh_token_hmac_key = coalesce($4::text, refresh_token_hmac_key),
        refresh_token_counter = coalesce($5::bigint, refresh_token_counter)
      where id = $1`,
    [session_id, from.user_agent, from.ip, signed?.key ?? null, signed?.counter ?? null],
  )
}

/** Moves the counter of a session's signed tokens, which is no refresh. */
export async function moveTokenCounter(tx: Queryable, session_id: string, counter: number): Promise<void> {
  await tx.query('update auth.sessions set refresh_token_counter = $2, updated_at = now() where id = $1', [
    session_id,
    counter,
  ])
}

/** A session of an account with what decides which of several may go on. */
export interface SiblingSession {
  id: string
  tag: string | null
  aal: string | null
  age_s: number
  ended: boolean
  /** Seconds since the last refresh, or since the session began. */
  idle_s: number
  /** Seconds from the beginning of the session in question to the last refresh of this one. */
  active_after_s: number
}

/** The other sessions of an account, for the rule of one session per person. */
export async function findSiblingSessions(
  tx: Queryable,
  { user_id, id }: Pick<Session, 'user_id' | 'id'>,
): Promise<SiblingSession[]> {
  return tx.query<SiblingSession>(
    `select s.id, s.tag, s.aal, extract(epoch from now() - s.created_at)::float8 as age_s, coalesce(s.not_after <= now(), false) as ended,
        extract(epoch from now() - active.at)::float8 as idle_s,
        extract(epoch from active.at - (select own.created_at from auth.sessions own where own.id = $2))::float8 as active_after_s
      from auth.sessions s, lateral (select greatest(s.created_at, s.refreshed_at at time zone 'utc',
        (select max(r.updated_at) from auth.refresh_tokens r where r.session_id = s.id and not r.revoked)) as at) as active
      where s.user_id = $1 and s.id <> $2`,
    [user_id, id],
  )
}

/** Whether an account has a session that is not over: a certain one, or any with null. */
export async function hasSession(db: Queryable, user_id: string, id: string | null): Promise<boolean> {
  const text = `select from auth.sessions
    where user_id = $1 and ($2::uuid is null or id = $2) and (not_after is null or not_after > now()) limit 1`
  return (await db.query(text, [user_id, id])).length > 0
}

/** A session as its owner sees it. */
export interface OwnSession {
  id: string
  created_at: string
  refreshed_at: string | null
  not_after: string | null
  user_agent: string | null
  ip: string | null
  aal: string | null
  methods: string[]
  /** The application that the pages handed it to; null for all others. */
  application: string | null
}

/** The sessions of an account, newest first; at most a thousand. */
export async function findOwnSessions(db: Queryable, user_id: string): Promise<OwnSession[]> {
  return db.query<OwnSession>(
    `select s.id, s.created_at, s.refreshed_at at time zone 'utc' as refreshed_at, s.not_after, s.user_agent, host(s.ip) as ip, s.aal,
        array(select a.authentication_method from auth.mfa_amr_claims a where a.session_id = s.id order by a.created_at) as methods,
        (select n.application from postern.application_sessions n where n.session_id = s.id) as application
      from auth.sessions s where s.user_id = $1 order by s.created_at desc, s.id limit 1000`,
    [user_id],
  )
}

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
        ${proofsOf('s.id')}
      from auth.sessions s where s.user_id = $1 order by s.created_at desc, s.id`,
    [user_id],
  )
}

/**
 * Raises a session to aal2 by a factor, records the proof, and ends the account's sessions below that level, among them
 * those that a factor had raised which is gone.
 */
export async function raiseSession(
  tx: Queryable,
  session: { id: string; user_id: string },
  factor_id: string | null,
  method: string,
): Promise<void> {
  await tx.query(
    `with proof as (
        insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
          values (gen_random_uuid(), $1, now(), now(), $4)
          on conflict (session_id, authentication_method) do update set updated_at = now()),
      weaker as (
        delete from auth.sessions s where s.user_id = $2 and s.id <> $1 and (coalesce(s.aal, 'aal1') < 'aal2'::auth.aal_level
          or (s.factor_id is not null and not exists (select from auth.mfa_factors f where f.id = s.factor_id))))
      update auth.sessions set aal = 'aal2', factor_id = $3, updated_at = now() where id = $1`,
    [session.id, session.user_id, factor_id, method],
  )
}
