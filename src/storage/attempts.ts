// Table postern.attempts: how often secrets of a subject were guessed in its current window.
import type { Queryable } from './db.ts'

/**
 * Counts an attempt unless the window of `window_s` seconds holds `limit` already, in one statement: of parallel
 * attempts never more than `limit` are allowed. Run it on the pool, before the comparison: within a transaction a wrong
 * secret would undo the count.
 * @returns whether it is allowed, and where not, the whole seconds (at least 1) until the window ends
 */
export async function countAttempt(
  db: Queryable,
  scope: string,
  subject: string,
  limit: number,
  window_s: number,
): Promise<{ allowed: boolean; retry_after_s: number }> {
  const [row] = await db.query<{ allowed: boolean; retry_after_s: number }>(
    `with counted as (
        insert into postern.attempts as a (scope, subject, window_start, count)
          select $1, $2, clock_timestamp(), 1 where $3::int > 0
          on conflict (scope, subject) do update set
            window_start = case when a.window_start + $4::float8 * interval '1 second' <= excluded.window_start
              then excluded.window_start else a.window_start end,
            count = case when a.window_start + $4::float8 * interval '1 second' <= excluded.window_start
              then 1 else a.count + 1 end
          where a.count < $3::int or a.window_start + $4::float8 * interval '1 second' <= excluded.window_start
          returning 1)
      select exists (select from counted) as allowed, greatest(1, ceil(coalesce(
          (select extract(epoch from a.window_start + $4::float8 * interval '1 second' - clock_timestamp())
            from postern.attempts a where a.scope = $1 and a.subject = $2), $4::float8)))::int as retry_after_s`,
    [scope, subject, limit, window_s],
  )
  return row?.allowed ? { allowed: true, retry_after_s: 0 } : { allowed: false, retry_after_s: row?.retry_after_s ?? 1 }
}

/** Gives back one attempt that turned out right; those of others stay counted. */
export async function giveBackAttempt(db: Queryable, scope: string, subject: string): Promise<void> {
  await db.query('update postern.attempts set count = count - 1 where scope = $1 and subject = $2 and count > 0', [
    scope,
    subject,
  ])
}

/** Forgets the attempts at a secret that is gone, such as a used code; never those of an account. */
export async function clearAttempts(db: Queryable, scope: string, subject: string): Promise<void> {
  await db.query('delete from postern.attempts where scope = $1 and subject = $2', [scope, subject])
}
