// A worker of `postern serve`: serves its part of a machine until its supervisor wants it to end.
import { availableParallelism } from 'node:os'
import type { Config } from '../config/keys.ts'
import { loadConfig } from '../config/load.ts'
import { createLog } from '../log.ts'
import { startProfilerIfAsked } from '../operations/profiler.ts'
import { startTelemetry } from '../operations/telemetry.ts'
import { takePost } from '../operations/worker.ts'
import { startServer } from './start-server.ts'

/** Serves as the supervisor says; the exit code is 1 when it cannot. */
export async function serveAsWorker(): Promise<number> {
  const { variables, share, machine, drained, report, onMetrics } = await takePost()
  const loaded = loadConfig(variables)
  const config = partOf(loaded.config, share)
  const log = createLog({ ...config, log_fields: { ...config.log_fields, worker: String(process.pid) } })
  try {
    const telemetry = await startTelemetry(config, log)
    onMetrics(async () => (await telemetry.registry?.getMetricsAsJSON()) ?? [])
    const profiler = await startProfilerIfAsked(config, log)
    const server = await startServer({ ...loaded, config }, log, telemetry, machine)
    report({ kind: 'serves', port: server.port })
    await drained
    await server.close()
    await Promise.all([telemetry.close(), profiler?.close()])
    return 0
  } catch (error) {
    report({ kind: 'fails', reason: error instanceof Error ? error.message : String(error) })
    return 1
  } finally {
    process.disconnect?.()
  }
}

/** The connections and cores of a machine, divided; two connections at least, so that no lock waits for itself. */
function partOf(config: Config, share: number): Config {
  const connections = config.db_max_pool_size > 0 ? config.db_max_pool_size : 10
  const hashes = config.hash_concurrency > 0 ? config.hash_concurrency : availableParallelism()
  return {
    ...config,
    db_max_pool_size: Math.max(2, Math.ceil(connections / share)),
    db_conn_percentage: config.db_conn_percentage / share,
    hash_concurrency: Math.max(1, Math.ceil(hashes / share)),
  }
}
