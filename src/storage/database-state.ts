// Whether the database answers, and lets the server do its work.
import { inTime } from '../in-time.ts'
import type { Queryable } from './db.ts'
import { findUnusableTables } from './unusable-tables.ts'

/** What keeps the server from answering requests; `ok` when nothing does. */
export type DatabaseState = 'ok' | 'unreachable' | 'tables not usable'

/** Whether the tables can be used; unreachable on any failure or after two seconds. */
export async function databaseState(db: Queryable, namespace: string): Promise<DatabaseState> {
  const look = async (): Promise<DatabaseState> => {
    const tables = await findUnusableTables(db, namespace)
    return tables.some(({ is_broken }) => is_broken) ? 'tables not usable' : 'ok'
  }
  return inTime(look(), 2000, () => 'unreachable' as const).catch(() => 'unreachable')
}
