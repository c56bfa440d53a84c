// Opens the database that the configuration names: a server's, one of our own, or PGlite.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/keys.ts'
import { requirePackages } from '../config/needed-packages.ts'
import { onFirstUse } from '../on-first-use.ts'
import type { Db } from './db.ts'
import { openPostgres } from './driver/postgres.ts'
import { withReplica } from './with-replica.ts'

/**
 * The database of POSTERN_DB_DRIVER; nothing is connected or started before the first statement, so that what cannot be
 * reached or started is the error of that statement. Closing stops what was started.
 */
export function openDatabase(config: Config, onRoundTrip?: () => void): Db {
  if (config.db_kind === 'pglite') return byFirstStatement(() => openInProcess(config))
  if (config.db_kind === 'embedded') return byFirstStatement(() => openOwn(config, onRoundTrip))
  const primary = openPool(config, onRoundTrip)
  if (config.database_replica_url === '') return primary
  return withReplica(primary, openPool({ ...config, database_url: config.database_replica_url }, undefined, true))
}

/**
 * The same for commands that only look: what is not there is not made, and PostgreSQL refuses every write.
 * @throws MissingPackages where it cannot be started here, Error where it never was
 */
export function openDatabaseToRead(config: Config): Db {
  if (config.db_kind === 'embedded' || config.db_kind === 'pglite') requirePackages(config.db_kind)
  const folder = config.data_dir || '.postern'
  const own = { embedded: join(folder, 'postgres.json'), pglite: join(folder, 'pglite', 'PG_VERSION') }
  const kept = config.db_kind === 'embedded' || config.db_kind === 'pglite' ? own[config.db_kind] : null
  if (kept !== null && !existsSync(kept)) throw new Error(`there is no database in ${folder} yet`)
  return kept === null ? openPool(config, undefined, true) : openDatabase(config)
}

function openPool(config: Config, onRoundTrip?: () => void, read_only = false): Db {
  return openPostgres({
    url: config.database_url,
    namespace: config.db_namespace,
    max: config.db_max_pool_size > 0 ? config.db_max_pool_size : 10,
    ...(config.db_conn_percentage > 0 && { percentage: config.db_conn_percentage }),
    ...(config.db_conn_max_lifetime > 0 && { max_lifetime_ms: config.db_conn_max_lifetime }),
    ...(config.db_conn_max_idle_time > 0 && { idle_ms: config.db_conn_max_idle_time }),
    prepare: config.db_prepare,
    read_only,
    ...(config.api_max_request_duration > 0 && { statement_timeout_ms: config.api_max_request_duration }),
    ...(onRoundTrip && { onRoundTrip }),
  })
}

/** Starts a PostgreSQL in POSTERN_DATA_DIR; it stops with the pool. */
async function openOwn(config: Config, onRoundTrip?: () => void): Promise<Db> {
  const { startEmbeddedPostgres } = await import('./embedded/start-embedded-postgres.ts')
  const server = await startEmbeddedPostgres({ state_dir: config.data_dir || '.postern', log: () => {} })
  const pool = openPool({ ...config, database_url: server.url }, onRoundTrip)
  return { ...pool, close: (grace_ms) => pool.close(grace_ms).finally(() => server.stop()) }
}

/** PGlite is loaded where it is used: it takes ten times the memory of all the rest. */
async function openInProcess(config: Config): Promise<Db> {
  requirePackages('pglite')
  const { openPglite } = await import('./embedded/pglite.ts')
  return openPglite({ data_dir: config.data_dir || undefined, namespace: config.db_namespace })
}

/** An empty database in memory, to try things out. */
export async function openScratchDatabase(namespace: string): Promise<Db> {
  requirePackages('scratch')
  const { openPglite } = await import('./embedded/pglite.ts')
  return openPglite({ data_dir: undefined, namespace })
}

/** A database that is opened by its first statement. */
function byFirstStatement(open: () => Promise<Db>): Db {
  const get = onFirstUse(open)
  return {
    query: async (text, params) => (await get()).query(text, params),
    lookup: async (text, params) => (await get()).lookup(text, params),
    transaction: async (work) => (await get()).transaction(work),
    script: async (text) => (await get()).script(text),
    close: async (grace_ms) => (await get.made())?.close(grace_ms),
  }
}
