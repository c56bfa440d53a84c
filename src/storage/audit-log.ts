// Table auth.audit_log_entries: what happened to whom.
import type { Param, Queryable } from './db.ts'
import { instance_id } from './sql.ts'

/** The payload of an entry, as the reference writes it, and the address that it leaves out. */
export interface AuditPayload {
  action: string
  actor_id: string
  actor_username: string
  actor_via_sso: boolean
  log_type: string
  actor_name?: string
  /** The operator at the shell or in the console who did it (RFC 8693 §4.1). */
  act?: { sub: string }
  traits?: Record<string, unknown>
  ip_address?: string
}

/** An entry to be added; `ip_address` is the column of the reference, `''` for most actions. */
export interface NewAuditEntry {
  id: string
  payload: AuditPayload
  ip_address: string
}

/** An entry as it is stored. */
export interface AuditEntry extends NewAuditEntry {
  /** RFC 3339. */
  created_at: string
}

/** Which entries; all that is given must hold. */
export interface AuditSearch {
  /** Columns of the payload of which one contains a text (LIKE wildcards act). */
  containing?: { members: readonly ('actor_username' | 'actor_name' | 'action' | 'log_type')[]; text: string }
  /** The account that did it or that it was done to. */
  user_id?: string
  action?: string
  /** An action that is left out. */
  without_action?: string
  ip_address?: string
  /** RFC 3339; from then on. */
  created_after?: string
  /** RFC 3339; before then. */
  created_before?: string
}

/**
 * Adds the entries of a JSON list; part of a larger statement, or one by itself. Each is a microsecond after the one before:
 * the log is read back by time, and what happened in one statement keeps its order.
 */
export const insertAuditEntriesText = (list: string): string =>
  `insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
    select '${instance_id}', (e ->> 'id')::uuid, e -> 'payload', clock_timestamp() + place * interval '1 microsecond',
        e ->> 'ip_address'
      from json_array_elements(${list}::json) with ordinality as entries (e, place)`

/** Adds entries in one statement. */
export async function insertAuditEntries(tx: Queryable, entries: readonly NewAuditEntry[]): Promise<void> {
  await tx.query(insertAuditEntriesText('$1'), [entries])
}

/** The address of an entry, wherever it is kept; an index on request is made of this very text. */
export const auditAddress = `coalesce(nullif(ip_address, ''), payload ->> 'ip_address')`

/** A place in the list of entries. */
export interface AuditPlace {
  /** RFC 3339, as an entry has it. */
  created_at: string
  id: string
}

/** Entries from the newest on, or from behind a place. */
export async function findAuditEntries(
  db: Queryable,
  search: AuditSearch,
  page: { limit: number; offset: number; after?: AuditPlace },
): Promise<AuditEntry[]> {
  const { text, params } = conditionsOf(search, page.after)
  return db.query<AuditEntry>(
    `select id, payload, created_at, ip_address from auth.audit_log_entries e ${text}
      order by created_at desc, id desc limit $${params.length + 1} offset $${params.length + 2}`,
    [...params, page.limit, page.offset],
  )
}

/** How many entries a search finds. */
export async function countAuditEntries(db: Queryable, search: AuditSearch): Promise<number> {
  const { text, params } = conditionsOf(search)
  const [row] = await db.query<{ total: number }>(
    `select count(*) as total from auth.audit_log_entries e ${text}`,
    params,
  )
  return row?.total ?? 0
}

function conditionsOf(search: AuditSearch, after?: AuditPlace): { text: string; params: Param[] } {
  const params: Param[] = []
  const parts: string[] = []
  const place = (value: Param): string => `$${params.push(value)}`
  const { containing, user_id, action, without_action, ip_address, created_after, created_before } = search
  if (containing) {
    const pattern = place(`%${containing.text}%`)
    parts.push(`(${containing.members.map((member) => `payload ->> '${member}' ilike ${pattern}`).join(' or ')})`)
  }
  if (user_id !== undefined) {
    const id = place(user_id)
    parts.push(`(payload ->> 'actor_id' = ${id} or payload -> 'traits' ->> 'user_id' = ${id})`)
  }
  if (action !== undefined) parts.push(`payload ->> 'action' = ${place(action)}`)
  if (without_action !== undefined) parts.push(`payload ->> 'action' is distinct from ${place(without_action)}`)
  if (ip_address !== undefined) parts.push(`${auditAddress} = ${place(ip_address)}`)
  if (created_after !== undefined) parts.push(`created_at >= ${place(created_after)}::timestamptz`)
  if (created_before !== undefined) parts.push(`created_at < ${place(created_before)}::timestamptz`)
  if (after) parts.push(`(created_at, id) < (${place(after.created_at)}::timestamptz, ${place(after.id)}::uuid)`)
  return { text: parts.length > 0 ? `where ${parts.join(' and ')}` : '', params }
}
