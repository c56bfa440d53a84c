// Deletes what is over: one statement after each write, in turn, so that no request pays for all of it.
import type { Queryable } from './db.ts'

/** What decides which rows are over. */
export interface CleanupSettings {
  sessions_timebox: number
  sessions_inactivity_timeout: number
  external_anonymous_users_enabled: boolean
}

const olderThan = (table: string, condition: string, limit = 100) =>
  `delete from auth.${table} where id in (select id from auth.${table} where ${condition} limit ${limit} for update skip locked)`

/**
 * The statements for rows that anybody can make without an account, which are deleted without being asked for (security
 * REV-20): those of our own schema, and round trips that nobody came back from.
 */
export const ownStatements = (): string[] => [
  `delete from postern.used_tokens where ctid in (select ctid from postern.used_tokens where expires_at < now() limit 100)`,
  `delete from postern.trusted_devices where ctid in (select ctid from postern.trusted_devices where expires_at < now() limit 100)`,
  `delete from postern.attempts where ctid in (select ctid from postern.attempts where window_start < now() - interval '2 days' limit 100)`,
  `delete from postern.pending_credentials where ctid in (select p.ctid from postern.pending_credentials p
    where not exists (select from auth.users u where u.id = p.user_id) limit 100)`,
  `delete from postern.link_tokens where ctid in (select l.ctid from postern.link_tokens l
    where not exists (select from auth.one_time_tokens o where o.user_id = l.user_id
      and o.token_type::text = l.token_type and o.token_hash = l.token_hash) limit 100)`,
  `delete from postern.pending_links where ctid in (select ctid from postern.pending_links
    where created_at < now() - interval '24 hours' limit 100)`,
  // No cookie lives that long, and nothing else leads to such a session.
  `delete from auth.sessions where id in (select session_id from postern.page_sessions
    where created_at < now() - interval '31 days' limit 100 for update skip locked)`,
  `delete from postern.page_hand_offs where ctid in (select ctid from postern.page_hand_offs
    where created_at < now() - interval '24 hours' limit 100)`,
  `delete from postern.imported_accounts where ctid in (select ctid from postern.imported_accounts
    where created_at < now() - interval '30 days' limit 100)`,
  `delete from postern.pushed_requests where ctid in (select ctid from postern.pushed_requests where expires_at < now() limit 100)`,
  `delete from postern.document_requests where ctid in (select ctid from postern.document_requests where expires_at < now() limit 100)`,
  `delete from postern.device_codes where ctid in (select ctid from postern.device_codes
    where expires_at < now() - interval '1 hour' limit 100)`,
  // Where signing out is switched off again, nobody tells applications any more.
  `delete from postern.logout_notices where ctid in (select ctid from postern.logout_notices
    where next_attempt_at < now() - interval '1 day' limit 100)`,
  `delete from postern.daily_counts where ctid in (select ctid from postern.daily_counts where day < now() - interval '400 days' limit 100)`,
  `delete from postern.console_sessions where ctid in (select ctid from postern.console_sessions where expires_at < now() limit 100)`,
  `delete from postern.provider_tokens where ctid in (select p.ctid from postern.provider_tokens p
    where not exists (select from auth.identities i where i.id = p.identity_id) limit 100)`,
  `delete from postern.saml_sessions where ctid in (select m.ctid from postern.saml_sessions m
    where not exists (select from auth.sessions s where s.id = m.holder_id)
      and not exists (select from auth.flow_state f where f.id = m.holder_id) limit 100)`,
  `delete from postern.scim_tokens where ctid in (select ctid from postern.scim_tokens where expires_at < now() - interval '30 days' limit 100)`,
  `delete from postern.scim_groups where ctid in (select g.ctid from postern.scim_groups g
    where not exists (select from auth.sso_providers p where p.id = g.sso_provider_id) limit 100)`,
  `delete from postern.scim_members where ctid in (select m.ctid from postern.scim_members m join postern.scim_users u on u.user_id = m.user_id
    where u.created_at < now() - interval '1 day' and not exists (select from postern.scim_groups g where g.id = m.group_id) limit 100)`,
  ...lostRoundTrips.map((table) => olderThan(table, "created_at < now() - interval '24 hours'")),
  ...questions.map((table) => olderThan(table, "expires_at < now() - interval '24 hours'")),
]

const lostRoundTrips = ['flow_state', 'oauth_client_states', 'saml_relay_states']

/** Questions that nobody answered, each with an end of its own. */
const questions = ['oauth_authorizations', 'webauthn_challenges']

const tables = ['mfa_challenges']

/** The statements of a server's settings; durations are milliseconds, 0 for none. */
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
    ...ownStatements(),
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

/** Runs one statement of a list; gives how many rows it removed or changed. */
export async function runCleanup(db: Queryable, statement: string): Promise<number> {
  const [row] = await db.query<{ swept: number }>(
    `with swept as (${statement} returning 1) select count(*)::int as swept from swept`,
  )
  return row?.swept ?? 0
}
