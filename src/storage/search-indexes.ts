// Indexes that administrators' searches use; made only on request, since schema auth is otherwise the reference's.
import type { Logger } from '../log.ts'
import { auditAddress } from './audit-log.ts'
import type { Db } from './db.ts'

/** Name → what follows `create index … on`. */
const searchIndexes: Record<string, string> = {
  postern_users_aud_idx: 'auth.users (instance_id, aud)',
  postern_users_created_at_idx: 'auth.users (created_at desc, id desc)',
  postern_users_last_sign_in_at_idx: 'auth.users (last_sign_in_at desc nulls last, id desc)',
  postern_users_banned_until_idx: 'auth.users (banned_until) where banned_until is not null',
  postern_users_unconfirmed_idx: 'auth.users (created_at desc, id desc) where confirmed_at is null',
  postern_identities_provider_idx: 'auth.identities (provider, user_id)',
  postern_audit_created_at_idx: 'auth.audit_log_entries (created_at desc, id desc)',
  postern_audit_actor_idx: `auth.audit_log_entries ((payload ->> 'actor_id'), created_at desc)`,
  postern_audit_subject_idx: `auth.audit_log_entries ((payload -> 'traits' ->> 'user_id'), created_at desc)`,
  postern_audit_action_idx: `auth.audit_log_entries ((payload ->> 'action'), created_at desc)`,
  postern_audit_address_idx: `auth.audit_log_entries ((${auditAddress}), created_at desc)`,
}

/** For the reference's `filter`, where the extension pg_trgm is there; the schema of its operators stands for `$`. */
const partIndexes: Record<string, string> = {
  postern_users_email_part_idx: 'auth.users using gin (email $.gin_trgm_ops)',
  postern_users_full_name_part_idx: `auth.users using gin ((raw_user_meta_data ->> 'full_name') $.gin_trgm_ops)`,
}

/** Any number that no application is likely to lock. */
const lockId = 7_305_418_993

/**
 * Makes the indexes that are missing, one after the other and without blocking writes; of several instances one does.
 * @param db a pool of one connection without a time limit: the lock belongs to the connection
 * @param max_users a larger table is left alone; 0 for no limit
 */
export async function ensureSearchIndexes(
  db: Db,
  { log, max_users }: { log: Logger; max_users: number },
): Promise<void> {
  const [lock] = await db.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [lockId])
  if (!lock?.taken) return
  try {
    const [table] = await db.query<{ rows: number }>(
      `select reltuples::float8 as rows from pg_class where oid = 'auth.users'::regclass`,
    )
    if (max_users > 0 && (table?.rows ?? 0) > max_users) {
      log.warn({ rows: table?.rows, max_users }, 'no indexes for searches were made: the table of users is too large')
      return
    }
    for (const [name, definition] of Object.entries({ ...searchIndexes, ...(await indexesOfParts(db)) }))
      await ensureIndex(db, name, definition, log)
  } finally {
    await db.query('select pg_advisory_unlock($1)', [lockId])
  }
}

async function indexesOfParts(db: Db): Promise<Record<string, string>> {
  const [extension] = await db.query<{ schema: string }>(
    `select quote_ident(n.nspname) as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm'`,
  )
  if (!extension) return {}
  return Object.fromEntries(
    Object.entries(partIndexes).map(([name, definition]) => [name, definition.replace('$', extension.schema)]),
  )
}

async function ensureIndex(db: Db, name: string, definition: string, log: Logger): Promise<void> {
  const [index] = await db.query<{ is_valid: boolean }>(
    `select x.indisvalid as is_valid from pg_index x join pg_class c on c.oid = x.indexrelid
      join pg_class t on t.oid = x.indrelid where c.relname = $1 and t.relnamespace = (select relnamespace from pg_class where oid = 'auth.users'::regclass)`,
    [name],
  )
  if (index?.is_valid) return
  // What a build that was cut short leaves behind is of no use and slows every write.
  if (index) await db.script(`drop index concurrently if exists auth.${name}`)
  const started = performance.now()
  await db.script(`create index concurrently if not exists ${name} on ${definition}`)
  log.info({ index: name, duration_ms: Math.round(performance.now() - started) }, 'an index for searches was made')
}
