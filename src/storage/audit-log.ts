// Table auth.audit_log_entries: what happened to whom.
import type { Queryable } from './db.ts'
import { instance_id } from './sql.ts'

/** The payload of an entry, as the reference writes it. */
export interface AuditPayload {
  action: string
  actor_id: string
  actor_username: string
  actor_via_sso: boolean
  log_type: string
  actor_name?: string
  traits?: Record<string, unknown>
}

/** Adds an entry; `ip_address` is `''` when unknown. */
export async function insertAuditEntry(
  tx: Queryable,
  id: string,
  payload: AuditPayload,
  ip_address: string,
): Promise<void> {
  await tx.query(
    `insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
      values ('${instance_id}', $1, $2::json, now(), $3)`,
    [id, payload, ip_address],
  )
}
