// Whether the database answers, and lets the server do its work.
import type { Queryable } from './db.ts'
import { findUnusableTables } from './unusable-tables.ts'

/** What keeps the server from answering requests; `ok` when nothing does. */
export type DatabaseState = 'ok' | 'unreachable' | 'tables not usable'

/** Whether the tables can be used; unreachable on any failure or after two seconds. */
export async function databaseState(db: Queryable, namespace: string): Promise<DatabaseState> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'unreachable'>((resolve) => {
    timer = setTimeout(() => resolve('unreachable'), 2000)
  })
  const look = async (): Promise<DatabaseState> => {
    const tables = await findUnusableTables(db, namespace)
    return tables.some(({ is_broken }) => is_broken) ? 'tables not usable' : 'ok'
  }
  try {
    return await Promise.race([look(), late])
  } catch {
    return 'unreachable'
  } finally {
    clearTimeout(timer)
  }
}
