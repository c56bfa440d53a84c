// postern migrate

import { migrate as applyMigrations } from '../storage/migrate.ts'
import { openDatabase } from '../storage/open-database.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'
import type { Options } from './options.ts'

/** Brings the schemas `auth` and `postern` up to date. */
export async function migrate(options: Options): Promise<number> {
  const loaded = loadOrExplain(await readEnvironment(options))
  if (!loaded) return 1
  const db = openDatabase({ ...loaded.config, api_max_request_duration: 0 })
  try {
    await applyMigrations(db, { namespace: loaded.config.db_namespace })
    console.log('The database is up to date.')
    return 0
  } finally {
    await db.close()
  }
}
