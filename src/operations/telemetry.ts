// What is seen of a process from outside: its meter, the database, calls and requests as they are measured and traced.
import type { Config } from '../config/keys.ts'
import { requirePackages } from '../config/needed-packages.ts'
import type { Logger } from '../log.ts'
import { type Meter, meters, noMeter } from '../meter.ts'
import type { Handle } from '../runtimes/node.ts'
import type { Db } from '../storage/db.ts'
import { measuredDb, measuredFetch } from './measured.ts'
import type { OtlpMeter } from './otlp-meter.ts'
import type { PrometheusMeter } from './prometheus-meter.ts'
import type { Tracing } from './tracing.ts'

/** Measures and traces a process. */
export interface Telemetry {
  meter: Meter
  /** What Prometheus reads; null where nobody fetches. */
  registry: PrometheusMeter['registry'] | null
  db(db: Db): Db
  /** Times calls by their host, or all by `host`: labels are kept, so that nobody outside may make new ones. */
  fetch(fetch: typeof globalThis.fetch, host?: string): typeof globalThis.fetch
  handle(handle: Handle): Handle
  close(): Promise<void>
}

/** Where nothing is on. */
export const noTelemetry: Telemetry = {
  meter: noMeter,
  registry: null,
  db: (db) => db,
  fetch: (fetch) => fetch,
  handle: (handle) => handle,
  close: async () => {},
}

/**
 * Begins as the configuration says; where nothing is on, nothing is loaded and nothing wrapped.
 * @throws Error that names what has to be installed
 */
export async function startTelemetry(config: Config, log: Logger): Promise<Telemetry> {
  const { metrics_enabled, metrics_exporter, tracing_enabled } = config
  const exporter = metrics_enabled ? metrics_exporter : 'none'
  const prometheus = exporter === 'prometheus' ? await startPrometheus() : null
  const otlp = exporter === 'opentelemetry' ? await startOtlp(config) : null
  const tracing = tracing_enabled ? await startTracing(config) : null
  const used = [prometheus, otlp, tracing].flatMap((one) => (one ? [one.meter] : []))
  const meter = used.length === 0 ? noMeter : used.length === 1 && used[0] ? used[0] : meters(...used)
  const slow_ms = config.log_slow_statements
  const isMeasured = used.length > 0 || slow_ms > 0
  return {
    meter,
    registry: prometheus?.registry ?? null,
    db: (db) => (isMeasured ? measuredDb(db, { meter, log, slow_ms }) : db),
    fetch: (fetch, host) => {
      const traced = tracing ? tracing.fetch(fetch) : fetch
      return used.length > 0 ? measuredFetch(traced, meter, host) : traced
    },
    handle: (handle) => (tracing ? tracing.handle(handle) : handle),
    async close() {
      const ends = await Promise.allSettled([otlp?.close(), tracing?.close()])
      for (const end of ends)
        if (end.status === 'rejected') log.warn({ err: end.reason }, 'the last measures could not be sent')
    },
  }
}

async function startPrometheus(): Promise<PrometheusMeter> {
  requirePackages('prometheus')
  return (await import('./prometheus-meter.ts')).createPrometheusMeter()
}

async function startOtlp(config: Config): Promise<OtlpMeter> {
  requirePackages('otlp')
  return (await import('./otlp-meter.ts')).createOtlpMeter(config)
}

async function startTracing(config: Config): Promise<Tracing> {
  requirePackages('tracing')
  return (await import('./tracing.ts')).createTracing(config)
}
