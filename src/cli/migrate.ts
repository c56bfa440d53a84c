// postern migrate: brings the database up to date, or says what that would do.

import { withDatabaseExplained } from '../flows/doctor/database-problem.ts'
import { migrate as applyMigrations } from '../storage/migrate.ts'
import { openDatabase, openDatabaseToRead, openScratchDatabase } from '../storage/open-database.ts'
import { planMigration } from '../storage/plan-migration.ts'
import type { Values } from './command.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'
import type { migrateOptions } from './options.ts'

/** Brings the schemas `auth` and `postern` up to date. */
export async function migrate({ config: files, 'dry-run': dry_run }: Values<typeof migrateOptions>): Promise<number> {
  const loaded = loadOrExplain(await readEnvironment({ config: files }))
  if (!loaded) return 1
  const config = { ...loaded.config, api_max_request_duration: 0 }
  const db = dry_run ? openDatabaseToRead(config) : openDatabase(config)
  try {
    const changes = await withDatabaseExplained(loaded, async () => {
      if (dry_run) return planMigration(db, config.db_namespace, () => openScratchDatabase(config.db_namespace))
      await applyMigrations(db, { namespace: config.db_namespace })
      return null
    })
    if (changes === null) {
      console.log('The database is up to date.')
      return 0
    }
    console.log('postern migrate would, in one transaction:')
    for (const { kind, name, definition, from } of changes)
      console.log(
        from === undefined ? `  make ${kind} ${name}` : `  change ${kind} ${name} from ${from} to ${definition}`,
      )
    console.log('  write down that this is done, and give accounts without identities those of their addresses')
    return 0
  } finally {
    await db.close()
  }
}
