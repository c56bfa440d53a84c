// Starts a server that listens, once its database is up to date.
import { composeAuth } from '../auth.ts'
import type { Config } from '../config/keys.ts'
import type { Loaded } from '../config/load.ts'
import type { Logger } from '../log.ts'
import type { Db } from '../storage/db.ts'
import { openDatabase } from '../storage/open-database.ts'
import { ensureSearchIndexes } from '../storage/search-indexes.ts'
import { bringUpToDate, warnOfChecks } from './doctor/report-checks.ts'
import { listenFrom } from './listen-from.ts'

/** A server that serves. */
export interface RunningServer {
  port: number
  /** Resolves once everything that a server can start without was looked at. */
  checked: Promise<void>
  close(): Promise<void>
}

/**
 * Warns of what doctor would refuse, and serves nonetheless.
 * @throws Error with a line for each thing that keeps it from starting
 */
export async function startServer({ config, warnings, inNamesOf }: Loaded, log: Logger): Promise<RunningServer> {
  for (const warning of warnings) log.warn({}, warning)
  const db = openDatabase(config)
  try {
    const starting = { config, db, log, inNamesOf }
    await bringUpToDate(starting)
    const indexer = makeSearchIndexes(config, log)
    const auth = composeAuth({ config, db, log })
    const server = await listenFrom(auth.fetch, { host: config.api_host, port: config.api_port, tries: 1 })
    let isOver = false
    const close = async () => {
      isOver = true
      await server.close()
      await auth.close()
      await Promise.all([db.close(), indexer?.close(0)])
    }
    return { port: server.port, checked: warnOfChecks(starting, () => isOver), close }
  } catch (error) {
    await db.close(0)
    throw error
  }
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
