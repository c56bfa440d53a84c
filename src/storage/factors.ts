// Table auth.mfa_factors: second factors of an account, and the level that they give its sessions.
import type { Queryable } from './db.ts'
import { assignments, type Changes, NOW } from './sql.ts'

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
  web_authn_credential: FactorCredential | null
  last_webauthn_challenge_data: unknown
}

/** A security key as the reference writes it; byte strings are standard base64. */
export interface FactorCredential {
  id: string
  publicKey: string
  attestationType: string
  attestationFormat?: string
  transport: string[] | null
  flags: { userPresent: boolean; userVerified: boolean; backupEligible: boolean; backupState: boolean }
  authenticator: { AAGUID: string; signCount: number; cloneWarning: boolean; attachment: string }
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

/** Deletes factors of an account that are not verified: all, those of a number, or those of a type; but never `except`. */
export async function deleteUnverifiedFactors(
  tx: Queryable,
  user_id: string,
  which: { phone?: string; factor_type?: Factor['factor_type']; except?: string },
): Promise<void> {
  await tx.query(
    `delete from auth.mfa_factors where user_id = $1 and status = 'unverified' and ($2::text is null or phone = $2)
        and ($3::auth.factor_type is null or factor_type = $3::auth.factor_type) and ($4::uuid is null or id <> $4::uuid)`,
    [user_id, which.phone ?? null, which.factor_type ?? null, which.except ?? null],
  )
}

/** What can change of a factor. */
export type FactorChange = Partial<
  Pick<
    Factor,
    | 'status'
    | 'friendly_name'
    | 'phone'
    | 'secret'
    | 'web_authn_aaguid'
    | 'web_authn_credential'
    | 'last_webauthn_challenge_data'
  >
>

/** Changes a factor; what is undefined stays. */
export async function updateFactor(tx: Queryable, id: string, change: FactorChange): Promise<void> {
  const { text, values } = assignments({ ...change, updated_at: NOW } as Changes, 1)
  await tx.query(`update auth.mfa_factors set ${text} where id = $1`, [id, ...values])
}

/**
 * Moves the counter of a security key on, unless it goes back (WebAuthn §6.1.1); marks a key that it goes back for as
 * a copy.
 * @returns whether the counter went on; one that stays at 0 is not kept by the key
 */
export async function advanceFactorCounter(db: Queryable, id: string, sign_count: number): Promise<boolean> {
  const [row] = await db.query<{ is_ahead: boolean }>(
    `with counted as (
        select id, web_authn_credential as credential,
            coalesce((web_authn_credential #>> '{authenticator,signCount}')::bigint, 0) as last
          from auth.mfa_factors where id = $1 for no key update),
      judged as (select *, $2::bigint > last or ($2::bigint = 0 and last = 0) as is_ahead from counted)
      update auth.mfa_factors f set web_authn_credential = case
          when j.is_ahead then jsonb_set(j.credential, '{authenticator,signCount}', to_jsonb($2::bigint))
          else jsonb_set(j.credential, '{authenticator,cloneWarning}', 'true') end
        from judged j where f.id = j.id returning j.is_ahead`,
    [id, sign_count],
  )
  return row?.is_ahead ?? false
}

/**
 * Deletes a factor of an account; sessions that it had raised fall back to aal1 and lose its proof, and no session
 * keeps a proof of a type of which there is no verified factor any more.
 * @returns whether it was there
 */
export async function deleteFactor(tx: Queryable, user_id: string, id: string, method: string): Promise<boolean> {
  const rows = await tx.query(
    `with others as (
        select exists (select from auth.mfa_factors o where o.user_id = $2::uuid and o.id <> $1::uuid and o.status = 'verified'
          and o.factor_type = (select factor_type from auth.mfa_factors where id = $1::uuid and user_id = $2::uuid)) as remain),
      unproved as (
        delete from auth.mfa_amr_claims a using auth.sessions s where s.id = a.session_id and s.user_id = $2::uuid
          and a.authentication_method = $3 and (s.factor_id = $1::uuid or not (select remain from others))),
      lowered as (
        update auth.sessions set aal = 'aal1', factor_id = null, updated_at = now()
          where factor_id = $1::uuid and user_id = $2::uuid)
      delete from auth.mfa_factors where id = $1::uuid and user_id = $2::uuid returning id`,
    [id, user_id, method],
  )
  // Recovery codes can never be the only factor.
  await tx.query(
    `delete from postern.recovery_code_sets where user_id = $1
      and not exists (select from auth.mfa_factors where user_id = $1 and status = 'verified')`,
    [user_id],
  )
  return rows.length > 0
}
