// postern serve
import { composeAuth } from '../auth.ts'
import type { Config } from '../config/keys.ts'
import type { Logger } from '../log.ts'
import { createLog } from '../log.ts'
import type { Db } from '../storage/db.ts'
import { migrate } from '../storage/migrate.ts'
import { openDatabase } from '../storage/open-database.ts'
import { ensureSearchIndexes } from '../storage/search-indexes.ts'
import { version } from '../version.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'
import { listenFrom } from './listen-from.ts'
import type { Options } from './options.ts'
import { untilStopped } from './until-stopped.ts'

/** Applies migrations and serves until a signal comes. */
export async function serve(options: Options): Promise<number> {
  const loaded = loadOrExplain(await readEnvironment(options))
  if (!loaded) return 1
  const { config, warnings } = loaded
  const log = createLog(config)
  for (const warning of warnings) log.warn({}, warning)
  const db = openDatabase(config)
  await bringUpToDate(config, db, log)
  const indexer = makeSearchIndexes(config, log)
  const auth = composeAuth({ config, db, log })
  const stopped = untilStopped()
  const server = await listenFrom(auth.fetch, { host: config.api_host, port: config.api_port, tries: 1 })
  log.info({ version, host: config.api_host, port: server.port }, 'postern is listening')
  const signal = await stopped
  log.info({ signal }, 'postern is stopping')
  await server.close()
  await auth.close()
  await Promise.all([db.close(), indexer?.close(0)])
  return 0
}

/** Migrates on a connection that may take its time; a database of our own has one owner, its pool. */
async function bringUpToDate(config: Config, pool: Db, log: Logger): Promise<void> {
  if (config.db_kind !== 'postgres') return migrate(pool, { namespace: config.db_namespace, log })
  const migrator = openDatabase({ ...config, api_max_request_duration: 0, db_max_pool_size: 1 })
  await migrate(migrator, { namespace: config.db_namespace, log }).finally(() => migrator.close())
}

/** Makes the indexes for administrators' searches beside the serving, where that is asked for. */
function makeSearchIndexes(config: Config, log: Logger): Db | null {
  if (!config.index_worker_ensure_user_search_indexes_exist || config.db_kind !== 'postgres') return null
  const db = openDatabase({ ...config, api_max_request_duration: 0, db_max_pool_size: 1 })
  ensureSearchIndexes(db, { log, max_users: config.index_worker_max_users_threshold })
    .catch((error: unknown) => log.warn({ err: error }, 'indexes for searches could not be made'))
    .finally(() => db.close())
  return db
}
