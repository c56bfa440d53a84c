// Table postern.instances: which servers use the database at present, by the database's clock.
import type { Queryable } from './db.ts'

/** Seconds after which a server that gave no sign counts as gone. */
const gone_after_s = 60

/** Says that server `id` is here, forgets those that are gone, and gives the number of the others. */
export async function announceInstance(db: Queryable, id: string): Promise<number> {
  const [row] = await db.query<{ others: number }>(
    `with here as (
        insert into postern.instances (id, seen_at) values ($1, now())
          on conflict (id) do update set seen_at = excluded.seen_at),
      gone as (delete from postern.instances where id <> $1 and seen_at < now() - $2::int * interval '1 second')
      select count(*)::int as others from postern.instances
        where id <> $1 and seen_at >= now() - $2::int * interval '1 second'`,
    [id, gone_after_s],
  )
  return row?.others ?? 0
}

/** Says that server `id` is leaving. */
export async function forgetInstance(db: Queryable, id: string): Promise<void> {
  await db.query('delete from postern.instances where id = $1', [id])
}
