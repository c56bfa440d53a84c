// Roles of the database.
import type { Queryable } from './db.ts'

/** Those of some names that are there. */
export async function findDatabaseRoles(db: Queryable, names: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ rolname: string }>('select rolname from pg_catalog.pg_roles where rolname = any($1)', [
    [...names],
  ])
  return rows.map(({ rolname }) => rolname)
}
