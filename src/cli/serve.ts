// postern serve: one process that answers, or a supervisor whose workers do.

import type { Config } from '../config/keys.ts'
import { findListener } from '../config/listeners.ts'
import { ConfigError, type Environment, type Loaded, loadConfig } from '../config/load.ts'
import { createLog, type Logger } from '../log.ts'
import type { ControlAnswer } from '../operations/control-socket.ts'
import { fixedDifferences } from '../operations/fixed-differences.ts'
import { listenBeside } from '../operations/listen-beside.ts'
import { startProfilerIfAsked } from '../operations/profiler.ts'
import { followReloads } from '../operations/reloads.ts'
import { startTelemetry } from '../operations/telemetry.ts'
import { isWorker } from '../operations/worker.ts'
import { version } from '../version.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'
import type { Options } from './options.ts'
import { serveAsWorker } from './serve-as-worker.ts'
import { startServer } from './start-server.ts'
import { type Serving, startWorkers } from './start-workers.ts'
import { untilStopped } from './until-stopped.ts'

/** What `postern serve` is told. */
export interface ServeOptions extends Options {
  workers?: string | undefined
}

/** Applies migrations and serves until a signal comes. */
export async function serve(options: ServeOptions): Promise<number> {
  if (isWorker()) return serveAsWorker()
  const read = async (): Promise<Environment> => ({
    ...(await readEnvironment(options)),
    ...(options.workers !== undefined && { POSTERN_WORKERS: options.workers }),
  })
  const variables = await read()
  const loaded = loadOrExplain(variables)
  if (!loaded) return 1
  const { config } = loaded
  const log = createLog(config)
  const stopped = untilStopped(['SIGTERM', 'SIGINT'])
  const serving = config.workers > 1 ? await startWorkers(loaded, variables, log) : await startAlone(loaded, log)
  const ends: (() => Promise<unknown> | undefined)[] = [() => serving.close()]
  try {
    const scraped = await listenForPrometheus(config, log, serving.metrics)
    ends.push(() => scraped?.close())
    const unfollow = await followReloads({
      config,
      port: serving.port,
      folder: options['config-dir'],
      log,
      reload: () => reloadFrom(read, serving, config),
    })
    ends.push(unfollow)
    log.info({ version, host: config.api_host, port: serving.port }, 'postern is listening')
    const signal = await Promise.race([stopped, ...(serving.failed ? [serving.failed] : [])])
    log.info({ signal }, 'postern is stopping')
    return 0
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

/** One process, with what is seen of it from outside. */
async function startAlone(loaded: Loaded, log: Logger): Promise<Serving> {
  const telemetry = await startTelemetry(loaded.config, log)
  const profiler = await startProfilerIfAsked(loaded.config, log)
  const server = await startServer(loaded, log, telemetry)
  return {
    port: server.port,
    reload: server.reload,
    metrics: async () => (await telemetry.registry?.metrics()) ?? '',
    async close() {
      await server.close()
      await Promise.all([telemetry.close(), profiler?.close()])
    },
  }
}

/** Metrics for whoever fetches them, on any path; one process of a machine answers for all. */
async function listenForPrometheus(config: Config, log: Logger, metrics: () => Promise<string>) {
  const listener = findListener(config, 'metrics')
  if (!listener) return null
  const type = 'text/plain; version=0.0.4; charset=utf-8'
  return listenBeside({ ...listener, log, answer: async () => ({ type, body: await metrics() }) })
}

/** The new configuration is read and checked as a whole before anything changes. */
async function reloadFrom(read: () => Promise<Environment>, serving: Serving, first: Config): Promise<ControlAnswer> {
  try {
    const variables = await read()
    const next = loadConfig(variables)
    const told = fixedDifferences(first, next.config)
    await serving.reload(next, variables)
    return { ok: true, lines: ['The server serves with the new configuration.', ...told] }
  } catch (error) {
    const lines =
      error instanceof ConfigError ? error.problems : [error instanceof Error ? error.message : String(error)]
    return { ok: false, lines: ['The server serves on with the old configuration:', ...lines] }
  }
}
