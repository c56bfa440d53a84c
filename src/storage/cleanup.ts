// Deletes what is over: one statement after each write, in turn, so that no request pays for all of it.
import type { Queryable } from './db.ts'
import { tokenColumns } from './one-time-tokens.ts'

/** What decides which rows are over. */
export interface CleanupSettings {
  sessions_timebox: number
  sessions_inactivity_timeout: number
  external_anonymous_users_enabled: boolean
}

const olderThan = (table: string, condition: string, limit = 100) =>
  `delete from auth.${table} where id in (select id from auth.${table} where ${condition} limit ${limit} ${free})`

/** Rows that a statement removes at most. */
const bite = 100

/** What somebody changes at this moment may be alive again: it is neither waited for nor deleted. */
const free = 'for update skip locked'

/** Rows whose age is in an index. */
const aged = (table: string, condition: string) =>
  `delete from postern.${table} where ctid = any (array(select ctid from postern.${table} where ${condition} limit ${bite} ${free}))`

/** Pages of a table that a statement reads which no index helps, on average: 80 KB. */
const sampledPages = 10

/**
 * Rows that are told by what is not there any more, or by a column without an index: of a few pages that are drawn by lot, so
 * that a table of millions costs no more than a small one, which is read as a whole. In the condition the row is `r`.
 */
const drawn = (table: string, condition: string, column: string) =>
  `array(select r.${column} from postern.${table} r tablesample system (least(100, ${sampledPages * 100}.0
      * current_setting('block_size')::int / greatest(1, pg_relation_size('postern.${table}')))) where ${condition} limit ${bite} ${free})`

const sampled = (table: string, condition: string) =>
  `delete from postern.${table} where ctid = any (${drawn(table, condition, 'ctid')})`

/** Looked up for each row that was drawn: NOT EXISTS would be planned as a join that may read all of the other table. */
const isGone = (table: string, condition: string) => `(select true from ${table} o where ${condition} limit 1) is null`

/**
 * The statements for rows that anybody can make without an account, and for what is left of accounts that are gone, which are
 * deleted without being asked for (security REV-20): those of our own schema, and round trips that nobody came back from.
 */
export const ownStatements = (): string[] => [
  aged('used_tokens', 'expires_at < now()'),
  sampled('trusted_devices', 'r.expires_at < now()'),
  aged('attempts', "window_start < now() - interval '2 days'"),
  sampled('pending_credentials', isGone('auth.users', 'o.id = r.user_id')),
  sampled('foreign_passwords', isGone('auth.users', 'o.id = r.user_id')),
  sampled(
    'link_tokens',
    isGone(
      'auth.users',
      `o.id = r.user_id and r.token_hash in (${tokenColumns.map((name) => `o.${name}`).join(', ')})`,
    ),
  ),
  sampled('pending_links', "r.created_at < now() - interval '24 hours'"),
  // No cookie lives that long, and nothing else leads to such a session.
  `delete from auth.sessions where id = any (${drawn('page_sessions', "r.created_at < now() - interval '31 days'", 'session_id')})`,
  sampled('page_hand_offs', "r.created_at < now() - interval '24 hours'"),
  aged('imported_accounts', "created_at < now() - interval '30 days'"),
  aged('pushed_requests', 'expires_at < now()'),
  aged('document_requests', 'expires_at < now()'),
  aged('device_codes', "expires_at < now() - interval '1 hour'"),
  // Where signing out is switched off again, nobody tells applications any more; a session that lasts keeps its notice.
  sampled(
    'logout_notices',
    `r.next_attempt_at < now() - interval '1 day' and ${isGone('auth.sessions', 'o.id = r.session_id')}`,
  ),
  aged('daily_counts', "day < now() - interval '400 days'"),
  sampled('console_sessions', 'r.expires_at < now()'),
  sampled('console_links', 'r.expires_at < now()'),
  sampled('import_jobs', "r.started_at < now() - interval '30 days'"),
  sampled('provider_tokens', isGone('auth.identities', 'o.id = r.identity_id')),
  sampled(
    'saml_sessions',
    `${isGone('auth.sessions', 'o.id = r.holder_id')} and ${isGone('auth.flow_state', 'o.id = r.holder_id')}`,
  ),
  sampled('scim_tokens', "r.expires_at < now() - interval '30 days'"),
  sampled('scim_groups', isGone('auth.sso_providers', 'o.id = r.sso_provider_id')),
  // An import may bring members before their group.
  sampled(
    'scim_members',
    `r.created_at < now() - interval '1 day' and ${isGone('postern.scim_groups', 'o.id = r.group_id')}`,
  ),
  ...strangersStatements(),
]

const lostRoundTrips = ['flow_state', 'oauth_client_states', 'saml_relay_states']

/** Questions that nobody answered, each with an end of its own. */
const questions = ['oauth_authorizations', 'webauthn_challenges']

/** Rows of schema auth that anybody can make. */
const strangersStatements = (): string[] => [
  ...lostRoundTrips.map((table) => olderThan(table, "created_at < now() - interval '24 hours'")),
  ...questions.map((table) => olderThan(table, "expires_at < now() - interval '24 hours'")),
]

const tables = ['mfa_challenges']

/** The statements for schema auth that GOTRUE_DB_CLEANUP_ENABLED asks for; durations are milliseconds, 0 for none. */
export function cleanupStatements(settings: CleanupSettings): string[] {
  const { sessions_timebox, sessions_inactivity_timeout } = settings
  const day = "interval '24 hours'"
  const ms = (value: number) => `interval '${Math.round(value)} milliseconds'`
  const statements = [
    olderThan('refresh_tokens', `revoked and updated_at < now() - ${day}`),
    `update auth.refresh_tokens set revoked = true, updated_at = now() where id in (
      select r.id from auth.refresh_tokens r join auth.sessions s on s.id = r.session_id
        where s.not_after < now() - ${day} and not r.revoked limit 100 for update of r skip locked)`,
    olderThan('sessions', "not_after < now() - interval '72 hours'", 10),
    ...tables.map((table) => olderThan(table, `created_at < now() - ${day}`)),
    olderThan('mfa_factors', `created_at < now() - ${day} and status = 'unverified'`),
    olderThan('webauthn_challenges', 'expires_at < now()'),
    ...strangersStatements(),
  ]
  if (settings.external_anonymous_users_enabled)
    statements.push(olderThan('users', "is_anonymous and created_at < now() - interval '30 days'"))
  if (sessions_timebox > 0)
    statements.push(olderThan('sessions', `created_at + ${ms(sessions_timebox)} < now() - ${day}`))
  if (sessions_inactivity_timeout > 0) {
    const idle = `${ms(sessions_inactivity_timeout)} + ${day}`
    statements.push(
      olderThan('sessions', `refreshed_at is not null and refreshed_at + ${idle} < now() at time zone 'utc'`),
      `delete from auth.sessions where id in (select s.id from auth.sessions s join auth.refresh_tokens r on r.session_id = s.id
        where not r.revoked and s.refreshed_at is null and r.updated_at + ${idle} < now() limit 100 for update of s skip locked)`,
    )
  }
  return statements
}

/** What a clean-up runs, and whom it tells. */
export interface CleanerOptions {
  statements: readonly string[]
  /** Writes between two statements. */
  every: number
  /** Called with how many rows a statement removed or changed. */
  onSwept(rows: number): void
  onFailed(error: unknown): void
}

/**
 * Runs statements in turn, each after so many writes. One that found something is run again after the next write, so that rows
 * go as quickly as they can be made; there is never more than one at a time.
 */
export function createCleaner(db: Queryable, { statements, every, onSwept, onFailed }: CleanerOptions): () => void {
  let next = 0
  let writes = 0
  let isRunning = false
  return () => {
    if (isRunning || ++writes < every) return
    writes = 0
    isRunning = true
    runCleanup(db, statements[next] ?? '')
      .then((rows) => {
        if (rows > 0) writes = every
        else next = (next + 1) % statements.length
        onSwept(rows)
      })
      .catch((error: unknown) => {
        next = (next + 1) % statements.length
        onFailed(error)
      })
      .finally(() => {
        isRunning = false
      })
  }
}

/** Runs one statement of a list; gives how many rows it removed or changed. */
export async function runCleanup(db: Queryable, statement: string): Promise<number> {
  const [row] = await db.query<{ swept: number }>(
    `with swept as (${statement} returning 1) select count(*)::int as swept from swept`,
  )
  return row?.swept ?? 0
}
