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

/** An entry to be added. */
export interface NewAuditEntry {
  id: string
  payload: AuditPayload
}

/** Adds entries in one statement; `ip_address` is `''` when unknown. */
export async function insertAuditEntries(
  tx: Queryable,
  entries: readonly NewAuditEntry[],
  ip_address: string,
): Promise<void> {
  await tx.query(
    `insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
      select '${instance_id}', (e ->> 'id')::uuid, e -> 'payload', now(), $2 from json_array_elements($1::json) e`,
    [entries, ip_address],
  )
}
