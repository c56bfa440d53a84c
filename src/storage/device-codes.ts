// Table postern.device_codes: devices that wait for somebody to let them in (RFC 8628).
import type { Queryable } from './db.ts'

/** A device that waits. */
export interface DeviceCode {
  id: string
  client_id: string
  scope: string
  status: 'pending' | 'approved' | 'denied'
  user_id: string | null
  /** Seconds that must lie between two questions of the device. */
  interval_s: number
  /** By the database's clock. */
  expired: boolean
}

const columns = 'id, client_id, scope, status, user_id, interval_s, expires_at <= now() as expired'

/** Keeps a device waiting for so many seconds; false when its user code is in use. */
export async function insertDeviceCode(
  db: Queryable,
  device: Pick<DeviceCode, 'id' | 'client_id' | 'scope' | 'interval_s'> & {
    device_code_hash: string
    user_code_hash: string
  },
  life_s: number,
): Promise<boolean> {
  const rows = await db.query(
    `insert into postern.device_codes (id, client_id, device_code_hash, user_code_hash, scope, interval_s, expires_at)
      values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7::float8)) on conflict (user_code_hash) do nothing
      returning id`,
    [
      device.id,
      device.client_id,
      device.device_code_hash,
      device.user_code_hash,
      device.scope,
      device.interval_s,
      life_s,
    ],
  )
  return rows.length > 0
}

/** The device that shows a user code and still waits. */
export async function findWaitingDevice(db: Queryable, user_code_hash: string): Promise<DeviceCode | null> {
  const [row] = await db.query<DeviceCode>(
    `select ${columns} from postern.device_codes where user_code_hash = $1 and status = 'pending' and expires_at > now()`,
    [user_code_hash],
  )
  return row ?? null
}

/** Lets a device in that still waits, or not; of several decisions the first counts. */
export async function decideDevice(
  tx: Queryable,
  id: string,
  decision: { status: 'approved' | 'denied'; user_id: string },
): Promise<boolean> {
  const rows = await tx.query(
    `update postern.device_codes set status = $2, user_id = $3
      where id = $1 and status = 'pending' and expires_at > now() returning id`,
    [id, decision.status, decision.user_id],
  )
  return rows.length > 0
}

/**
 * Notes that a device asks; one that asks too soon has to wait `more_s` seconds longer from then on (RFC 8628 §3.5).
 * @returns null when no device of the client has this code
 */
export async function pollDevice(
  db: Queryable,
  device_code_hash: string,
  client_id: string,
  more_s: number,
): Promise<(DeviceCode & { too_soon: boolean }) | null> {
  const [row] = await db.query<DeviceCode & { too_soon: boolean }>(
    `with before as (
        select id, coalesce(polled_at > now() - make_interval(secs => interval_s), false) as too_soon
          from postern.device_codes where device_code_hash = $1 and client_id = $2 for update)
      update postern.device_codes d set polled_at = now(),
          interval_s = case when before.too_soon then least(d.interval_s + $3, 300) else d.interval_s end
        from before where d.id = before.id
        returning d.id, d.client_id, d.scope, d.status, d.user_id, d.interval_s, d.expires_at <= now() as expired, before.too_soon`,
    [device_code_hash, client_id, more_s],
  )
  return row ?? null
}

/** Uses a device up that was let in; of several at once one wins. */
export async function consumeDevice(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    `delete from postern.device_codes where id = $1 and status = 'approved' and expires_at > now() returning id`,
    [id],
  )
  return rows.length > 0
}
