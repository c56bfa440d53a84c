// Rows of the tables that move between databases, by the hundred; as text of JSON, which a driver need not look into.
import type { Queryable } from './db.ts'
import type { PortableTable } from './portable-tables.ts'

/** A row in the form that JSON has. */
export type Row = Record<string, unknown>

/** Columns of a row that a later one leaves as they are. */
const kept = ['id', 'created_at']

/**
 * Adds rows of an account's table, or brings those with the same key up to date; what is null stays as it is.
 * @returns how many were written: one that belongs to another account is not
 */
export async function putAccountRows(
  tx: Queryable,
  { table, columns, key, merged = [] }: PortableTable,
  rows: readonly (Row & { user_id: string })[],
): Promise<number> {
  const set = columns
    .filter((name) => !key.includes(name) && !kept.includes(name))
    .map((name) =>
      merged.includes(name)
        ? `${name} = t.${name} || excluded.${name}`
        : `${name} = coalesce(excluded.${name}, t.${name})`,
    )
  // A table that is nothing but its key has nothing to bring up to date.
  const assigned = set.length > 0 ? set : key.map((name) => `${name} = excluded.${name}`)
  const written = await tx.query(
    `insert into ${table} as t (user_id, ${columns.join(', ')})
      select r.user_id, ${columns.map((name) => `r.${name}`).join(', ')} from json_populate_recordset(null::${table}, $1::json) as r
      on conflict (${key.join(', ')}) do update set ${assigned.join(', ')} where t.user_id = excluded.user_id returning 1`,
    [JSON.stringify(rows)],
  )
  return written.length
}

/** Adds rows that belong to nobody; with `replace` those that are there are brought up to date. */
export async function putSharedRows(
  tx: Queryable,
  { table, columns, key }: PortableTable,
  rows: readonly Row[],
  replace: boolean,
): Promise<number> {
  const set = columns.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`)
  const written = await tx.query(
    `insert into ${table} (${columns.join(', ')})
      select ${columns.map((name) => `r.${name}`).join(', ')} from json_populate_recordset(null::${table}, $1::json) as r
      on conflict (${key.join(', ')}) do ${replace ? `update set ${set.join(', ')}` : 'nothing'} returning 1`,
    [JSON.stringify(rows)],
  )
  return written.length
}
