// Table postern.rate_limits: buckets and windows that all instances share, by the database's clock.
import type { Queryable } from './db.ts'

/** A bucket of `burst` tokens that gains one every `interval_ms`, or a window of `window_ms` with at most `limit`. */
export type StoredLimit =
  | { kind: 'bucket'; burst: number; interval_ms: number }
  | { kind: 'window'; limit: number; window_ms: number }

/**
 * Takes one token in one statement, so that parallel takers never get more than there are; a refusal writes nothing.
 * Do not call it in a transaction that may roll back.
 * @returns 0 when taken, else the milliseconds until there will be one
 */
export async function takeFromLimit(db: Queryable, key: string, limit: StoredLimit): Promise<number> {
  const [row] =
    limit.kind === 'bucket'
      ? await db.query<{ wait_ms: number }>(takeFromBucket, [key, limit.burst, limit.interval_ms])
      : await db.query<{ wait_ms: number }>(takeFromWindow, [key, limit.limit, limit.window_ms])
  if (!row) throw new Error('a limit gave no answer')
  return row.wait_ms
}

/** `until` is when a bucket will be full again: a token moves it by one interval, `burst` intervals ahead at most. */
const takeFromBucket = `
  with taken as (
    insert into postern.rate_limits as r (key, count, until)
      select $1, 0, clock_timestamp() + $3::float8 * interval '1 millisecond' where $2::float8 >= 1
      on conflict (key) do update set
        until = greatest(r.until + $3::float8 * interval '1 millisecond', excluded.until)
      where r.until + (2 - $2::float8) * $3::float8 * interval '1 millisecond'
        <= excluded.until + interval '0.1 millisecond'
      returning 1)
  select case when exists (select from taken) then 0::float8 else greatest(1, extract(epoch from coalesce(
      (select r.until from postern.rate_limits r where r.key = $1), clock_timestamp())
      + (1 - $2::float8) * $3::float8 * interval '1 millisecond' - clock_timestamp())::float8 * 1000) end as wait_ms`

/** `until` is the end of the window; the first use of one opens it. */
const takeFromWindow = `
  with taken as (
    insert into postern.rate_limits as r (key, count, until)
      select $1, 1, clock_timestamp() + $3::float8 * interval '1 millisecond' where $2::float8 > 0
      on conflict (key) do update set
        count = case when r.until <= excluded.until - $3::float8 * interval '1 millisecond' then 1 else r.count + 1 end,
        until = case when r.until <= excluded.until - $3::float8 * interval '1 millisecond'
          then excluded.until else r.until end
      where r.count < $2::float8 or r.until <= excluded.until - $3::float8 * interval '1 millisecond'
      returning 1)
  select case when exists (select from taken) then 0::float8 else greatest(1, coalesce((
      select extract(epoch from r.until - clock_timestamp())::float8 * 1000
        from postern.rate_limits r where r.key = $1), $3::float8)) end as wait_ms`

/** Deletes at most 1000 rows that are as good as none: full buckets and ended windows. */
export async function deleteOldLimits(db: Queryable): Promise<void> {
  await db.query(
    `delete from postern.rate_limits where ctid = any (array(
        select ctid from postern.rate_limits where until < now() limit 1000 for update skip locked))`,
  )
}
