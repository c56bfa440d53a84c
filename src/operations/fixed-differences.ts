// Settings that a server has from its start to its end; a reload leaves them and says so.
import type { Config } from '../config/keys.ts'

const fixed = {
  api_host: 'GOTRUE_API_HOST',
  api_port: 'PORT',
  workers: 'POSTERN_WORKERS',
  max_connections: 'POSTERN_MAX_CONNECTIONS',
  control_socket: 'POSTERN_CONTROL_SOCKET',
  db_kind: 'POSTERN_DB_DRIVER',
  data_dir: 'POSTERN_DATA_DIR',
  log_level: 'GOTRUE_LOG_LEVEL',
  log_file: 'GOTRUE_LOG_FILE',
  metrics_enabled: 'GOTRUE_METRICS_ENABLED',
  metrics_exporter: 'GOTRUE_METRICS_EXPORTER',
  tracing_enabled: 'GOTRUE_TRACING_ENABLED',
  profiler_enabled: 'GOTRUE_PROFILER_ENABLED',
  reloading_notify_enabled: 'GOTRUE_RELOADING_NOTIFY_ENABLED',
  reloading_pollerenabled: 'GOTRUE_RELOADING_POLLERENABLED',
  reloading_poller_interval: 'GOTRUE_RELOADING_POLLER_INTERVAL',
  reloading_signal_enabled: 'GOTRUE_RELOADING_SIGNAL_ENABLED',
  reloading_signal_number: 'GOTRUE_RELOADING_SIGNAL_NUMBER',
} satisfies Partial<Record<keyof Config, string>>

/** A sentence for each fixed setting in which two configurations differ. */
export function fixedDifferences(before: Config, after: Config): string[] {
  const names = Object.entries(fixed) as [keyof typeof fixed, string][]
  return names
    .filter(([key]) => before[key] !== after[key])
    .map(([, name]) => `${name} has changed; the new value counts from the next start on`)
}
