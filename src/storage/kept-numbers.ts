// Table postern.kept_numbers: numbers that take long to count, kept until they are counted anew.
import type { Queryable } from './db.ts'

/** How many accounts there are, and how many of them were active within days. */
export interface AccountNumbers {
  accounts: number
  active_1: number
  active_7: number
  active_30: number
}

/** The numbers as they were counted last. */
export interface KeptNumbers {
  numbers: AccountNumbers
  took_ms: number
  /** RFC 3339. */
  counted_at: string
  age_s: number
}

/** The numbers of accounts; undefined before they were counted for the first time. */
export async function findAccountNumbers(db: Queryable): Promise<KeptNumbers | undefined> {
  const [row] = await db.query<KeptNumbers>(
    `select numbers, took_ms, counted_at, extract(epoch from now() - counted_at)::float8 as age_s
      from postern.kept_numbers where name = 'accounts' and counted_at is not null`,
  )
  return row
}

/** How many rows the database believes that there are; 0 for a table that nobody has looked at yet. */
export async function estimateAccounts(db: Queryable): Promise<number> {
  const [row] = await db.query<{ rows: number }>(
    `select greatest(reltuples, 0)::float8 as rows from pg_class where oid = 'auth.users'::regclass`,
  )
  return row?.rows ?? 0
}

/** Whether nobody counts just now, so that the caller does; who began and never ended is forgotten after a minute. */
export async function beginCounting(db: Queryable): Promise<boolean> {
  const rows = await db.query(
    `insert into postern.kept_numbers as k (name, numbers, counting_until)
      values ('accounts', '{}', now() + interval '1 minute')
      on conflict (name) do update set counting_until = excluded.counting_until
        where k.counting_until is null or k.counting_until < now() returning 1`,
  )
  return rows.length > 0
}

/** Counts the accounts. Active is who signed in or refreshed a session. */
export async function countAccounts(db: Queryable): Promise<AccountNumbers> {
  const [row] = await db.query<AccountNumbers>(
    `select count(*) as accounts, count(*) filter (where seen_at > now() - interval '1 day') as active_1,
        count(*) filter (where seen_at > now() - interval '7 days') as active_7,
        count(*) filter (where seen_at > now() - interval '30 days') as active_30
      from (select greatest(u.last_sign_in_at, s.seen_at) as seen_at from auth.users u
        left join (select user_id, max(coalesce(refreshed_at at time zone 'utc', created_at)) as seen_at
          from auth.sessions group by user_id) s on s.user_id = u.id
        where u.deleted_at is null) as accounts`,
  )
  return row ?? { accounts: 0, active_1: 0, active_7: 0, active_30: 0 }
}

/** Keeps what was counted. */
export async function keepAccountNumbers(db: Queryable, numbers: AccountNumbers, took_ms: number): Promise<void> {
  await db.query(
    `update postern.kept_numbers set numbers = $1, took_ms = $2::int, counted_at = now(), counting_until = null
      where name = 'accounts'`,
    [numbers, took_ms],
  )
}
