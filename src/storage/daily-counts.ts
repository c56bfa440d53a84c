// Table postern.daily_counts: what happened on a day, by way and outcome.
import type { Queryable } from './db.ts'

/** What is counted. */
export interface DailyEvent {
  event: 'sign_up' | 'sign_in' | 'deletion' | 'failure'
  /** How people sign in, or the code of a failure. */
  way: string
  outcome: 'ok' | 'failed'
}

/** How often it happened on a day of UTC, `2026-01-31`. */
export interface DailyCount extends DailyEvent {
  day: string
  count: number
}

/** Adds to the counts of their days in one statement; rows in one order, so that several servers never wait in a circle. */
export async function addDailyCounts(db: Queryable, counts: readonly DailyCount[]): Promise<void> {
  await db.query(
    `insert into postern.daily_counts as d (day, event, way, outcome, count)
      select day, event, way, outcome, count from json_populate_recordset(null::postern.daily_counts, $1::json)
        order by day, event, way, outcome
      on conflict (day, event, way, outcome) do update set count = d.count + excluded.count`,
    [JSON.stringify(counts)],
  )
}

/** The counts of the last days, today included, in order. */
export async function findDailyCounts(db: Queryable, days: number): Promise<DailyCount[]> {
  return db.query<DailyCount>(
    `select day::text, event, way, outcome, count from postern.daily_counts
      where day > (now() at time zone 'utc')::date - $1::int order by day, event, way, outcome`,
    [days],
  )
}
