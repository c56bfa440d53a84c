// Where a server listens: for its API, for Prometheus, for whoever fetches profiles.
import type { Config } from './keys.ts'

/** A listener that the configuration asks for. */
export interface Listener {
  what: 'API' | 'metrics' | 'profiles'
  host: string
  port: number
  /** The variables that set port and host. */
  port_name: string
  host_name: string
}

/** That of the API, wherever it listens. */
export const apiListener = { what: 'API', port_name: 'GOTRUE_API_PORT', host_name: 'GOTRUE_API_HOST' } as const

/** All of them. */
export function listenersOf(config: Config): Listener[] {
  const hasMetrics = config.metrics_enabled && config.metrics_exporter === 'prometheus'
  const rows: [isOn: boolean, listener: Listener][] = [
    [true, { ...apiListener, host: config.api_host, port: config.api_port }],
    [
      hasMetrics,
      {
        what: 'metrics',
        host: config.metrics_otel_exporter_prometheus_host,
        port: config.metrics_otel_exporter_prometheus_port,
        port_name: 'OTEL_EXPORTER_PROMETHEUS_PORT',
        host_name: 'OTEL_EXPORTER_PROMETHEUS_HOST',
      },
    ],
    [
      config.profiler_enabled,
      {
        what: 'profiles',
        host: config.profiler_host,
        port: config.profiler_port,
        port_name: 'GOTRUE_PROFILER_PORT',
        host_name: 'GOTRUE_PROFILER_HOST',
      },
    ],
  ]
  return rows.flatMap(([isOn, listener]) => (isOn ? [listener] : []))
}

/** The one for that; undefined where the configuration asks for none. */
export const findListener = (config: Config, what: Listener['what']): Listener | undefined =>
  listenersOf(config).find((listener) => listener.what === what)

/** Sentences on listeners that would take one port twice; 0 is any that is free. */
export function checkListeners(config: Config): string[] {
  const all = listenersOf(config)
  return all.flatMap((one, at) =>
    all
      .slice(0, at)
      .filter((other) => one.port !== 0 && one.port === other.port && isOneAddress(one.host, other.host))
      .map((other) => `${one.port_name} is ${one.port}, which is the port of ${other.what}: set another`),
  )
}

const loopback = new Set(['localhost', '127.0.0.1'])
const everywhere = new Set(['', '0.0.0.0', '::'])

/** Whether two hosts share an address to listen on. */
const isOneAddress = (one: string, other: string): boolean =>
  one === other || everywhere.has(one) || everywhere.has(other) || (loopback.has(one) && loopback.has(other))
