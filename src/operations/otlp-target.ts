// Where traces and metrics are sent (OpenTelemetry protocol exporter: endpoint and headers).
import type { Config } from '../config/keys.ts'

/** The address for a kind of signal, and what goes along. */
export interface OtlpTarget {
  url: string
  headers: Record<string, string>
  timeoutMillis: number
}

/** A signal's own address is used as it is; the common one gets the path of the signal. */
export function otlpTarget(config: Config, signal: 'traces' | 'metrics'): OtlpTarget {
  const { tracing_host, tracing_port, otel_exporter_otlp_endpoint } = config
  const older = tracing_host === '' ? 'http://localhost:4318' : `http://${tracing_host}:${tracing_port || '4318'}`
  const own =
    signal === 'traces' ? config.otel_exporter_otlp_traces_endpoint : config.otel_exporter_otlp_metrics_endpoint
  const url = own || `${(otel_exporter_otlp_endpoint || older).replace(/\/+$/, '')}/v1/${signal}`
  return { url, headers: config.otel_exporter_otlp_headers, timeoutMillis: 10_000 }
}
