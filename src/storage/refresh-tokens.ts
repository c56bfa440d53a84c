// Table auth.refresh_tokens: stored refresh tokens (version 1), a chain for each session.
import { insertAuditEntriesText, type NewAuditEntry } from './audit-log.ts'
import type { Queryable } from './db.ts'
import type { Amr, Session } from './sessions.ts'
import { instance_id, proofsOf } from './sql.ts'
import { type User, userColumns } from './users.ts'

/** A row of auth.refresh_tokens. */
export interface RefreshToken {
  id: number
  token: string
  user_id: string
  session_id: string | null
  parent: string | null
  revoked: boolean
  /** Seconds since it last changed, by the database's clock. */
  changed_s: number
}

/** Everything that decides on a refresh. */
export interface RefreshState {
  user: User
  session: Session
  amr: Amr[]
  /** Seconds since the session began, by the database's clock. */
  age_s: number
  /** Seconds since the last refresh; null before the first. */
  refreshed_s: number | null
  /** Whether `not_after` has passed. */
  ended: boolean
  /** Changes with every write to the session's row. */
  version: string
  /** Newest stored token that is not revoked; null also where it was not asked for. */
  active: { token: string; parent: string | null } | null
  /** Thumbprint of the key that the refresh tokens of an application's session are bound to; null for none. */
  bound_jkt: string | null
  /** Time of the database in whole seconds. */
  now_s: number
}

/** Columns of a session `s` and its account `u` that decide on a refresh; a token `t` in use needs no other. */
export const refreshColumns = (inUse = 'false'): string => `to_json(s) as session, s.xmin::text as version,
    extract(epoch from now() - s.created_at)::float8 as age_s,
    extract(epoch from (now() at time zone 'utc') - s.refreshed_at)::float8 as refreshed_s,
    coalesce(s.not_after <= now(), false) as ended, floor(extract(epoch from clock_timestamp()))::float8 as now_s,
    ${proofsOf('s.id')},
    case when s.oauth_client_id is not null then (select b.jkt from postern.bound_sessions b where b.session_id = s.id) end as bound_jkt,
    case when ${inUse} then null else (select json_build_object('token', r.token, 'parent', r.parent)
      from auth.refresh_tokens r where r.session_id = s.id and not r.revoked order by r.id desc limit 1) end as active,
    ${userColumns}`

/** A row of refreshColumns. */
export type RefreshRow = User & Omit<RefreshState, 'user'>

/** A row as flows read it. */
export function toRefreshState(row: RefreshRow): RefreshState {
  const { session, version, amr, age_s, refreshed_s, ended, bound_jkt, active, now_s, ...user } = row
  return { user, session, version, amr, age_s, refreshed_s, ended, bound_jkt, active, now_s }
}

/** Reads a session with its account for a refresh; null when either is gone. */
export async function findRefreshState(tx: Queryable, session_id: string): Promise<RefreshState | null> {
  const [row] = await tx.query<RefreshRow>(
    `select ${refreshColumns()} from auth.sessions s join auth.users u on u.id = s.user_id where s.id = $1`,
    [session_id],
  )
  return row ? toRefreshState(row) : null
}

/** Locks the session that a stored refresh token belongs to. */
export async function lockSessionOfToken(tx: Queryable, token: string): Promise<void> {
  await tx.query(
    'select from auth.sessions where id = (select session_id from auth.refresh_tokens where token = $1) for update',
    [token],
  )
}

const tokenJson = `json_build_object('id', t.id, 'token', t.token, 'user_id', t.user_id, 'session_id', t.session_id,
    'parent', t.parent, 'revoked', coalesce(t.revoked, false),
    'changed_s', extract(epoch from now() - t.updated_at)::float8) as refresh_token`

/**
 * Moves `updated_at` of the account whose id `of` selects, as the reference does whenever a stored token follows another. A row
 * that somebody else has locked is left to them, who move it too: whoever holds a session waits for no account.
 */
const touchAccountText = (of: string): string =>
  `update auth.users u set updated_at = now() from (
      select id from auth.users where id = (${of}) for no key update skip locked) held
    where u.id = held.id returning u.updated_at`

/** A stored token by its text, with its session and account if they are there; null when there is no such token. */
export async function findRefreshToken(
  db: Queryable,
  text: string,
): Promise<{ token: RefreshToken; state: RefreshState | null } | null> {
  const [row] = await db.query<RefreshRow & { refresh_token: RefreshToken }>(
    `select ${tokenJson}, ${refreshColumns('not coalesce(t.revoked, false)')}
      from auth.refresh_tokens t left join (auth.sessions s join auth.users u on u.id = s.user_id) on s.id = t.session_id
      where t.token = $1 limit 1`,
    [text],
  )
  if (!row) return null
  const { refresh_token, ...state } = row
  return { token: refresh_token, state: state.session === null ? null : toRefreshState(state) }
}

/** A swap that was made: when the account changed by it; null where somebody else was changing the account. */
export interface TokenSwap {
  updated_at: string | null
}

/** Revokes a token, inserts its successor and records the refresh of its session and account, in one statement. */
export async function rotateRefreshToken(
  tx: Queryable,
  old: { id: number; token: string; user_id: string; session_id: string },
  next: { token: string; revoked: boolean },
  from: { user_agent: string; ip: string },
  signed?: { key: string; counter: number },
): Promise<TokenSwap> {
  const [swap] = await tx.query<TokenSwap>(
    `with revoked as (update auth.refresh_tokens set revoked = true, updated_at = now() where id = $1),
      touched as (
        update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now(),
            user_agent = nullif($7::text, ''), ip = nullif($8::text, '')::inet,
            refresh_token_hmac_key = coalesce($9::text, refresh_token_hmac_key),
            refresh_token_counter = coalesce($10::bigint, refresh_token_counter)
          where id = $4::uuid),
      account as (${touchAccountText('($3::text)::uuid')})
      insert into auth.refresh_tokens (instance_id, token, user_id, session_id, revoked, parent, created_at, updated_at)
        values ('${instance_id}', $2, $3::text, $4::uuid, $5, $6, now(), now())
        returning (select updated_at from account) as updated_at`,
    [
      old.id,
      next.token,
      old.user_id,
      old.session_id,
      next.revoked,
      old.token,
      from.user_agent,
      from.ip,
      signed?.key ?? null,
      signed?.counter ?? null,
    ],
  )
  return swap ?? { updated_at: null }
}

/**
 * Does the same by itself, with its entries of the audit log, if the token is still in use and its session is as it was
 * read: of parallel callers one gets it, the others null. The session is locked first, as everywhere.
 */
export async function swapRefreshToken(
  db: Queryable,
  old: { id: number; token: string; user_id: string },
  session: { id: string; version: string },
  next: string,
  from: { user_agent: string; ip: string },
  entries: readonly NewAuditEntry[],
): Promise<TokenSwap | null> {
  const [swap] = await db.query<TokenSwap>(
    `with locked as (select id from auth.sessions where id = $4::uuid and xmin::text = $8 for no key update),
      revoked as (
        update auth.refresh_tokens t set revoked = true, updated_at = now() from locked
          where t.id = $1 and t.session_id = locked.id and not coalesce(t.revoked, false) returning t.session_id),
      touched as (
        update auth.sessions s set refreshed_at = now() at time zone 'utc', updated_at = now(),
            user_agent = nullif($6::text, ''), ip = nullif($7::text, '')::inet
          from revoked where s.id = revoked.session_id),
      account as (${touchAccountText('select ($3::text)::uuid from revoked')}),
      entries as (${insertAuditEntriesText('$9')} where exists (select from revoked))
      insert into auth.refresh_tokens (instance_id, token, user_id, session_id, revoked, parent, created_at, updated_at)
        select '${instance_id}', $2, $3::text, session_id, false, $5, now(), now() from revoked
        returning (select updated_at from account) as updated_at`,
    [old.id, next, old.user_id, session.id, old.token, from.user_agent, from.ip, session.version, entries],
  )
  return swap ?? null
}

/** Revokes every token of a session. */
export async function revokeFamily(tx: Queryable, session_id: string): Promise<void> {
  await tx.query(
    'update auth.refresh_tokens set revoked = true, updated_at = now() where session_id = $1 and not revoked',
    [session_id],
  )
}

/** Deletes one token. */
export async function deleteRefreshToken(db: Queryable, id: number): Promise<void> {
  await db.query('delete from auth.refresh_tokens where id = $1', [id])
}

/** Swaps the oldest stored refresh token of a session that is in use, as showing a second factor does. */
export async function swapOldestToken(
  tx: Queryable,
  session: { id: string; user_id: string },
  next: string,
): Promise<TokenSwap> {
  const [swap] = await tx.query<TokenSwap>(
    `with old as (
        update auth.refresh_tokens set revoked = true, updated_at = now() where id = (
          select min(id) from auth.refresh_tokens where session_id = $1 and not coalesce(revoked, false)) returning token),
      account as (${touchAccountText('($2::text)::uuid')})
      insert into auth.refresh_tokens (instance_id, token, user_id, session_id, revoked, parent, created_at, updated_at)
        values ('${instance_id}', $3, $2::text, $1, false, (select token from old), now(), now())
        returning (select updated_at from account) as updated_at`,
    [session.id, session.user_id, next],
  )
  return swap ?? { updated_at: null }
}
