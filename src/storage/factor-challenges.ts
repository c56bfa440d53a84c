// Table auth.mfa_challenges: questions put to second factors.
import type { Queryable } from './db.ts'
import type { WebAuthnSession } from './webauthn-challenges.ts'

/** A question put to a factor. */
export interface Challenge {
  id: string
  /** Seconds since it was put, by the database's clock. */
  age_s: number
  verified_at: string | null
  ip_address: string
  /** Sealed; `''` but for phones. */
  otp_code: string | null
  created_at: string
  /** What a security key was asked. */
  web_authn_session_data: WebAuthnSession | null
}

/**
 * Notes that a factor is asked, unless it was within `interval_ms`.
 * @returns seconds to wait, or null when it may be asked
 */
export async function claimChallenge(db: Queryable, factor_id: string, interval_ms: number): Promise<number | null> {
  const [row] = await db.query<{ wait_s: number | null }>(
    `with claimed as (
        update auth.mfa_factors set last_challenged_at = now(), updated_at = now() where id = $1
          and (last_challenged_at is null or last_challenged_at + $2::float8 * interval '1 millisecond' <= now()) returning 1)
      select case when exists (select from claimed) then null else greatest(1, ceil(extract(epoch from
        (select last_challenged_at from auth.mfa_factors where id = $1) - now()) + $2::float8 / 1000))::int end as wait_s`,
    [factor_id, interval_ms],
  )
  return row?.wait_s ?? null
}

/** Forgets that a factor was asked, where the message could not be sent. */
export async function unclaimChallenge(db: Queryable, factor_id: string, last: string | null): Promise<void> {
  await db.query('update auth.mfa_factors set last_challenged_at = $2::timestamptz where id = $1', [factor_id, last])
}

/** Adds a challenge; gives the time of the database in whole seconds. */
export async function insertChallenge(
  tx: Queryable,
  challenge: {
    id: string
    factor_id: string
    ip_address: string
    otp_code: string
    web_authn_session_data: WebAuthnSession | null
  },
): Promise<number> {
  const [row] = await tx.query<{ now_s: number }>(
    `insert into auth.mfa_challenges (id, factor_id, ip_address, otp_code, web_authn_session_data, created_at)
      values ($1, $2, $3::inet, $4, $5, now()) returning floor(extract(epoch from created_at))::float8 as now_s`,
    [challenge.id, challenge.factor_id, challenge.ip_address, challenge.otp_code, challenge.web_authn_session_data],
  )
  return row?.now_s ?? 0
}

/** A challenge of a factor, or null. */
export async function findChallenge(db: Queryable, factor_id: string, id: string): Promise<Challenge | null> {
  const [row] = await db.query<Challenge>(
    `select id, extract(epoch from now() - created_at)::float8 as age_s, verified_at, host(ip_address) as ip_address, otp_code,
        created_at, web_authn_session_data
      from auth.mfa_challenges where id = $1 and factor_id = $2`,
    [id, factor_id],
  )
  return row ?? null
}

/** Uses a challenge up; of parallel callers one gets true. */
export async function consumeChallenge(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    'update auth.mfa_challenges set verified_at = now() where id = $1 and verified_at is null returning id',
    [id],
  )
  return rows.length > 0
}

/** Deletes a challenge; of parallel callers one gets true. */
export async function deleteChallenge(db: Queryable, id: string): Promise<boolean> {
  const rows = await db.query('delete from auth.mfa_challenges where id = $1 returning id', [id])
  return rows.length > 0
}
