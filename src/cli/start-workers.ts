// Starts the workers of `postern serve --workers N`: one migrates for all, each then serves its part.
import type { Environment, Loaded } from '../config/load.ts'
import type { Logger } from '../log.ts'
import { startSupervisor } from '../operations/supervisor.ts'
import { openDatabase } from '../storage/open-database.ts'
import { bringUpToDate, warnOfChecks } from './doctor/report-checks.ts'

/** What answers, whether here or in workers. */
export interface Serving {
  port: number
  /** @throws Error with the reason why the old configuration stays */
  reload(next: Loaded, variables: Environment): Promise<void>
  /** What all processes have measured, where Prometheus is to fetch it. */
  metrics(): Promise<string>
  close(): Promise<void>
  /** Rejects when it cannot go on. */
  failed?: Promise<never>
}

/**
 * Migrates, then starts as many workers as are configured.
 * @throws Error with the reason why they cannot serve
 */
export async function startWorkers(loaded: Loaded, variables: Environment, log: Logger): Promise<Serving> {
  const { config } = loaded
  if (config.db_kind !== 'postgres')
    throw new Error('POSTERN_WORKERS needs a PostgreSQL server: a database of our own has one process')
  await prepare(loaded, log)
  const { workers: count, api_host, api_port } = config
  const supervisor = await startSupervisor({ count, variables, log })
  // All workers of a machine share the socket that the first one asked for.
  const where = { GOTRUE_API_HOST: api_host, GOTRUE_API_PORT: String(api_port) }
  return {
    port: supervisor.port,
    failed: supervisor.failed,
    async metrics() {
      const { AggregatorRegistry } = await import('prom-client')
      return AggregatorRegistry.aggregate(await supervisor.metrics()).metrics()
    },
    close: () => supervisor.stop(),
    async reload(next, changed) {
      await prepare(next, log)
      await supervisor.exchange({ ...changed, ...where })
    },
  }
}

/** What one process does for all: warnings, migrations, and what doctor would refuse. */
async function prepare({ config, warnings, inNamesOf }: Loaded, log: Logger): Promise<void> {
  for (const warning of warnings) log.warn({}, warning)
  const db = openDatabase({ ...config, db_max_pool_size: 2 })
  const starting = { config, db, log, inNamesOf }
  try {
    await bringUpToDate(starting)
  } catch (error) {
    await db.close(0)
    throw error
  }
  void warnOfChecks(starting, () => false).finally(() => db.close(0))
}
