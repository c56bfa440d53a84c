// Starts a server that listens, once its database is up to date, and exchanges its configuration while it serves.
import { composeAuth, type Machine } from '../auth.ts'
import type { Config } from '../config/keys.ts'
import type { Loaded } from '../config/load.ts'
import { connectionBound, openFileLimit } from '../config/open-files.ts'
import type { Logger } from '../log.ts'
import { createKeptAnswer } from '../operations/kept-answer.ts'
import { createSwappable, type Served } from '../operations/swappable.ts'
import type { Telemetry } from '../operations/telemetry.ts'
import type { KeptAnswer } from '../runtimes/node.ts'
import type { Db } from '../storage/db.ts'
import { openDatabase } from '../storage/open-database.ts'
import { ensureSearchIndexes } from '../storage/search-indexes.ts'
import { bringUpToDate, warnOfChecks } from './doctor/report-checks.ts'
import { growHeap } from './heap-growth.ts'
import { listenFrom } from './listen-from.ts'

/** A server that serves. */
export interface RunningServer {
  port: number
  /** Resolves once everything that a server can start without was looked at. */
  checked: Promise<void>
  /**
   * Serves with another configuration from the next request on; resolves once the last one of the old has its answer.
   * @throws Error with a line for each thing that keeps it from that; the old one serves on
   */
  reload(next: Loaded): Promise<void>
  /** Takes no more connections and answers what runs. */
  close(): Promise<void>
}

/** Milliseconds that requests which run at the end may take. */
export const drain_ms = 60_000
/** Milliseconds for which connections that are kept alive may bring one more request, which is answered as the last. */
const linger_ms = 1000

/**
 * Warns of what doctor would refuse, and serves nonetheless; a worker of a machine leaves that to its supervisor.
 * @throws Error with a line for each thing that keeps it from starting
 */
export async function startServer(
  loaded: Loaded,
  log: Logger,
  telemetry: Telemetry,
  machine?: Machine,
): Promise<RunningServer> {
  const around = { log, telemetry, machine }
  const first = await makeServed(loaded, around)
  const swappable = createSwappable(first)
  const { api_host: host, api_port: port } = loaded.config
  let current = first
  try {
    const handle = telemetry.handle(swappable.handle)
    const max_connections = connectionBound(loaded.config.max_connections, openFileLimit())
    const where = { host, port, tries: 1, max_connections }
    const server = await listenFrom(handle, where, (request) => current.kept(request))
    growHeap()
    return {
      port: server.port,
      checked: machine ? Promise.resolve() : first.check(),
      async reload(next) {
        const made = await makeServed(next, around, current)
        current = made
        if (!machine) void made.check()
        await swappable.swap(made)
      },
      async close() {
        await server.close(drain_ms, linger_ms)
        await swappable.close()
      },
    }
  } catch (error) {
    await first.close(0)
    throw error
  }
}

interface Made extends Served {
  config: Config
  db: Db
  /** Whether the database ends with it; false once a successor has it. */
  owns_db: boolean
  /** Warns of what doctor would refuse. */
  check(): Promise<void>
  kept: KeptAnswer
  close(grace_ms?: number): Promise<void>
}

/** A server without a socket; a database of our own has one owner, and goes over from the one before. */
async function makeServed(
  loaded: Loaded,
  { log, telemetry, machine }: { log: Logger; telemetry: Telemetry; machine: Machine | undefined },
  before?: Made,
): Promise<Made> {
  const { config, warnings, inNamesOf } = loaded
  for (const warning of machine ? [] : warnings) log.warn({}, warning)
  const kept = before && config.db_kind !== 'postgres' ? before.db : null
  const db = kept ?? openDatabase(config)
  try {
    const starting = { config, db, log, inNamesOf }
    if (!machine) await bringUpToDate(starting)
    const indexer = machine ? null : makeSearchIndexes(config, log)
    const auth = composeAuth({
      config,
      db: telemetry.db(db),
      log,
      loaded,
      fetch: telemetry.fetch(globalThis.fetch),
      fetch_chosen: telemetry.fetch(globalThis.fetch, 'other'),
      meter: telemetry.meter,
      ...(machine && { machine }),
    })
    let isOver = false
    const made: Made = {
      config,
      db,
      owns_db: true,
      fetch: auth.fetch,
      kept: createKeptAnswer({ handle: auth.fetch, config, meter: telemetry.meter }),
      check: () => warnOfChecks(starting, () => isOver),
      async close(grace_ms) {
        isOver = true
        await auth.close()
        await Promise.all([made.owns_db ? db.close(grace_ms) : undefined, indexer?.close(0)])
      },
    }
    if (kept && before) before.owns_db = false
    return made
  } catch (error) {
    if (!kept) await db.close(0)
    throw error
  }
}

/** Makes the indexes for administrators' searches beside the serving, where that is asked for. */
function makeSearchIndexes(config: Config, log: Logger): Db | null {
  if (!config.index_worker_ensure_user_search_indexes_exist || config.db_kind !== 'postgres') return null
  const db = openDatabase({ ...config, api_max_request_duration: 0, db_max_pool_size: 1, db_conn_percentage: 0 })
  ensureSearchIndexes(db, { log, max_users: config.index_worker_max_users_threshold })
    .catch((error: unknown) => log.warn({ err: error }, 'indexes for searches could not be made'))
    .finally(() => db.close())
  return db
}
