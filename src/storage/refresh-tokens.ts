// Table auth.refresh_tokens: stored refresh tokens (version 1), a chain for each session.
import type { Queryable } from './db.ts'
import { instance_id } from './sql.ts'

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

/** A stored token by its text, or null. */
export async function findRefreshToken(db: Queryable, token: string): Promise<RefreshToken | null> {
  const [row] = await db.query<RefreshToken>(
    `select id, token, user_id, session_id, parent, coalesce(revoked, false) as revoked,
        extract(epoch from now() - updated_at)::float8 as changed_s
      from auth.refresh_tokens where token = $1 limit 1`,
    [token],
  )
  return row ?? null
}

/** The newest stored token of a session that is not revoked, or null. */
export async function findActiveToken(db: Queryable, session_id: string): Promise<RefreshToken | null> {
  const [row] = await db.query<RefreshToken>(
    `select id, token, user_id, session_id, parent, coalesce(revoked, false) as revoked,
        extract(epoch from now() - updated_at)::float8 as changed_s
      from auth.refresh_tokens where session_id = $1 and not coalesce(revoked, false) order by id desc limit 1`,
    [session_id],
  )
  return row ?? null
}

/** Revokes a token, inserts its successor and records the refresh of its session, in one statement. */
export async function rotateRefreshToken(
  tx: Queryable,
  old: { id: number; token: string; user_id: string; session_id: string },
  next: { token: string; revoked: boolean },
  from: { user_agent: string; ip: string },
  signed?: { key: string; counter: number },
): Promise<void> {
  await tx.query(
    `with revoked as (update auth.refresh_tokens set revoked = true, updated_at = now() where id = $1),
      touched as (
        update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now(),
            user_agent = nullif($7::text, ''), ip = nullif($8::text, '')::inet,
            refresh_token_hmac_key = coalesce($9::text, refresh_token_hmac_key),
            refresh_token_counter = coalesce($10::bigint, refresh_token_counter)
          where id = $4::uuid)
      insert into auth.refresh_tokens (instance_id, token, user_id, session_id, revoked, parent, created_at, updated_at)
        values ('${instance_id}', $2, $3, $4::uuid, $5, $6, now(), now())`,
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
