// Table postern.trusted_devices: devices on which a person is spared the second factor for a while.
import type { Queryable } from './db.ts'

/** A device as its owner sees it. */
export interface TrustedDevice {
  id: string
  user_agent: string | null
  ip: string | null
  created_at: string
  last_used_at: string
  expires_at: string
}

/**
 * What a device was trusted with: it counts no more once the password or the verified factors are others, whoever
 * changed them and in whatever way.
 */
const basis = `encode(sha256(convert_to(coalesce(u.encrypted_password, '') || coalesce((select string_agg(f.id::text, ',' order by f.id)
  from auth.mfa_factors f where f.user_id = u.id and f.status = 'verified'), ''), 'UTF8')), 'hex')`

/** Trusts a device of an account for so many seconds; gives when that ends (RFC 3339). */
export async function insertTrustedDevice(
  tx: Queryable,
  device: { id: string; user_id: string; token_hash: string; user_agent: string; ip: string },
  life_s: number,
): Promise<string | null> {
  const [row] = await tx.query<{ expires_at: string }>(
    `insert into postern.trusted_devices (id, user_id, token_hash, basis, user_agent, ip, expires_at)
      select $1, u.id, $3, ${basis}, nullif($4::text, ''), nullif($5::text, ''), now() + make_interval(secs => $6::float8)
      from auth.users u where u.id = $2 returning expires_at`,
    [device.id, device.user_id, device.token_hash, device.user_agent, device.ip, life_s],
  )
  return row?.expires_at ?? null
}

/**
 * Lets a device stand for the second factor of a session that has just opened, and gives it another token; of several
 * requests at once one wins. Null where the token is of no device of the account that counts now.
 */
export async function useTrustedDevice(
  tx: Queryable,
  session: { id: string; user_id: string },
  token: { hash: string; next_hash: string },
): Promise<string | null> {
  const [row] = await tx.query<{ expires_at: string }>(
    `with used as (
        update postern.trusted_devices d set token_hash = $4, last_used_at = now() from auth.users u
          where u.id = $2 and d.user_id = u.id and d.token_hash = $3 and d.expires_at > now() and d.basis = ${basis}
          returning d.expires_at),
      proof as (
        insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
          select gen_random_uuid(), $1, now(), now(), 'trusted_device' from used),
      raised as (
        update auth.sessions set aal = 'aal2', updated_at = now() where id = $1 and exists (select from used))
      select expires_at from used`,
    [session.id, session.user_id, token.hash, token.next_hash],
  )
  return row?.expires_at ?? null
}

/** The devices of an account that count, newest first. */
export const listTrustedDevices = (db: Queryable, user_id: string): Promise<TrustedDevice[]> =>
  db.query<TrustedDevice>(
    `select d.id, d.user_agent, d.ip, d.created_at, d.last_used_at, d.expires_at
      from postern.trusted_devices d join auth.users u on u.id = d.user_id
      where d.user_id = $1 and d.expires_at > now() and d.basis = ${basis} order by d.created_at desc, d.id`,
    [user_id],
  )

/** Trusts devices of an account no more: all, or one; tells how many there were. */
export async function deleteTrustedDevices(
  tx: Queryable,
  user_id: string,
  only: string | null = null,
): Promise<number> {
  const rows = await tx.query(
    'delete from postern.trusted_devices where user_id = $1 and ($2::uuid is null or id = $2::uuid) returning id',
    [user_id, only],
  )
  return rows.length
}
