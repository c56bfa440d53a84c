// Tables auth.mfa_factors and auth.mfa_challenges: second factors of an account, and the questions put to them.
import type { Queryable } from './db.ts'

/** A row of auth.mfa_factors as it is read with its account. */
export interface Factor {
  id: string
  user_id: string
  friendly_name: string | null
  factor_type: 'totp' | 'webauthn' | 'phone'
  status: 'unverified' | 'verified'
  created_at: string
  updated_at: string
  phone: string | null
  /** Sealed. */
  secret: string | null
  last_challenged_at: string | null
  web_authn_aaguid: string | null
  last_webauthn_challenge_data: unknown
}

/** Whether a verified second factor is among them. */
export const hasVerifiedFactor = (factors: readonly Factor[]): boolean =>
  factors.some((factor) => factor.status === 'verified')

/** What a new factor is made of. */
export type NewFactor = Pick<Factor, 'id' | 'user_id' | 'friendly_name' | 'factor_type' | 'phone' | 'secret'>

/** Adds a factor that is not verified yet. */
export async function insertFactor(tx: Queryable, factor: NewFactor): Promise<void> {
  await tx.query(
    `insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, phone, secret, created_at, updated_at)
      values ($1, $2, $3, $4, 'unverified', $5, $6, now(), now())`,
    [factor.id, factor.user_id, factor.friendly_name, factor.factor_type, factor.phone, factor.secret],
  )
}

/** Deletes factors of anybody that were never verified in `age_s` seconds and that nobody was asked for. */
export async function deleteStaleFactors(tx: Queryable, age_s: number): Promise<void> {
  await tx.query(
    `delete from auth.mfa_factors f where f.status = 'unverified' and f.created_at < now() - $1::float8 * interval '1 second'
        and not exists (select from auth.mfa_challenges c where c.factor_id = f.id)`,
    [age_s],
  )
}

/** Deletes factors of an account that are not verified: those of a number, or all of a type but one. */
export async function deleteUnverifiedFactors(
  tx: Queryable,
  user_id: string,
  which: { phone: string } | { factor_type: Factor['factor_type']; except: string },
): Promise<void> {
  if ('phone' in which)
    await tx.query(`delete from auth.mfa_factors where user_id = $1 and status = 'unverified' and phone = $2`, [
      user_id,
      which.phone,
    ])
  else
    await tx.query(
      `delete from auth.mfa_factors where user_id = $1 and status = 'unverified' and factor_type = $2 and id <> $3`,
      [user_id, which.factor_type, which.except],
    )
}

/** Changes a factor; what is undefined stays. */
export async function updateFactor(
  tx: Queryable,
  id: string,
  change: { status?: Factor['status']; friendly_name?: string; phone?: string; secret?: string },
): Promise<void> {
  await tx.query(
    `update auth.mfa_factors set status = coalesce($2::auth.factor_status, status), friendly_name = coalesce($3, friendly_name),
        phone = coalesce($4, phone), secret = coalesce($5, secret), updated_at = now() where id = $1`,
    [id, change.status ?? null, change.friendly_name ?? null, change.phone ?? null, change.secret ?? null],
  )
}

/**
 * Deletes a factor of an account; sessions that it had raised fall back to aal1 and lose its proof.
 * @returns whether it was there
 */
export async function deleteFactor(tx: Queryable, user_id: string, id: string, method: string): Promise<boolean> {
  const rows = await tx.query(
    `with lowered as (
        update auth.sessions set aal = 'aal1', factor_id = null, updated_at = now() where factor_id = $1::uuid and user_id = $2
          returning id),
      unproved as (
        delete from auth.mfa_amr_claims where authentication_method = $3 and session_id in (select id from lowered))
      delete from auth.mfa_factors where id = $1::uuid and user_id = $2 returning id`,
    [id, user_id, method],
  )
  return rows.length > 0
}

/** A question put to a factor. */
export interface Challenge {
  id: string
  /** Seconds since it was put, by the database's clock. */
  age_s: number
  verified_at: string | null
  ip_address: string
  /** Sealed; `''` for authenticator apps. */
  otp_code: string | null
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
  challenge: { id: string; factor_id: string; ip_address: string; otp_code: string },
): Promise<number> {
  const [row] = await tx.query<{ now_s: number }>(
    `insert into auth.mfa_challenges (id, factor_id, ip_address, otp_code, created_at)
      values ($1, $2, $3::inet, $4, now()) returning floor(extract(epoch from created_at))::float8 as now_s`,
    [challenge.id, challenge.factor_id, challenge.ip_address, challenge.otp_code],
  )
  return row?.now_s ?? 0
}

/** A challenge of a factor, or null. */
export async function findChallenge(db: Queryable, factor_id: string, id: string): Promise<Challenge | null> {
  const [row] = await db.query<Challenge>(
    `select id, extract(epoch from now() - created_at)::float8 as age_s, verified_at, host(ip_address) as ip_address, otp_code
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

/** Deletes a challenge. */
export async function deleteChallenge(db: Queryable, id: string): Promise<void> {
  await db.query('delete from auth.mfa_challenges where id = $1', [id])
}
