// Tables postern.recovery_code_sets and postern.recovery_codes: what people keep for the day they lose their second factor.
import type { Queryable } from './db.ts'

/** The set of an account as it is read with it; the codes themselves are stored nowhere. */
export interface RecoveryCodeSet {
  id: string
  friendly_name: string
  created_at: string
  updated_at: string
}

/** How many codes a set has, and how many of them nobody has used. */
export interface RecoveryCodeCount {
  total: number
  remaining: number
}

/** Adds a set; false when the account has one. */
export async function insertRecoveryCodeSet(
  tx: Queryable,
  set: { id: string; user_id: string; friendly_name: string },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into postern.recovery_code_sets (id, user_id, friendly_name) values ($1, $2, $3)
      on conflict (user_id) do nothing returning id`,
    [set.id, set.user_id, set.friendly_name],
  )
  return rows.length > 0
}

/** Puts codes, hashed, in the place of those that a set had. */
export async function replaceRecoveryCodes(tx: Queryable, set_id: string, hashes: readonly string[]): Promise<void> {
  await tx.query('delete from postern.recovery_codes where set_id = $1', [set_id])
  await tx.query(
    `insert into postern.recovery_codes (set_id, user_id, code_hash)
      select s.id, s.user_id, h from postern.recovery_code_sets s, unnest($2::text[]) h where s.id = $1`,
    [set_id, [...hashes]],
  )
  await tx.query('update postern.recovery_code_sets set updated_at = now() where id = $1', [set_id])
}

/** Uses a code up; of several requests at once one wins. */
export async function consumeRecoveryCode(tx: Queryable, set_id: string, code_hash: string): Promise<boolean> {
  const rows = await tx.query(
    `update postern.recovery_codes set used_at = now() where set_id = $1 and code_hash = $2 and used_at is null
      returning set_id`,
    [set_id, code_hash],
  )
  return rows.length > 0
}

/** Whether a code of a set waits to be used. */
export async function hasRecoveryCode(db: Queryable, set_id: string, code_hash: string): Promise<boolean> {
  const rows = await db.query(
    'select from postern.recovery_codes where set_id = $1 and code_hash = $2 and used_at is null',
    [set_id, code_hash],
  )
  return rows.length > 0
}

/** Counts the codes of a set. */
export async function countRecoveryCodes(db: Queryable, set_id: string): Promise<RecoveryCodeCount> {
  const [row] = await db.query<RecoveryCodeCount>(
    `select count(*)::int as total, (count(*) filter (where used_at is null))::int as remaining
      from postern.recovery_codes where set_id = $1`,
    [set_id],
  )
  return row ?? { total: 0, remaining: 0 }
}

/** Removes the set of an account; its sessions that nothing else had raised fall back to aal1. False when there is none. */
export async function deleteRecoveryCodes(tx: Queryable, user_id: string, method: string): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(
    `with unproved as (
        delete from auth.mfa_amr_claims a using auth.sessions s
          where s.id = a.session_id and s.user_id = $1 and a.authentication_method = $2 returning a.session_id),
      lowered as (
        update auth.sessions s set aal = 'aal1', updated_at = now() from unproved n
          where s.id = n.session_id and s.factor_id is null)
      delete from postern.recovery_code_sets where user_id = $1 returning id`,
    [user_id, method],
  )
  return rows.length > 0
}
