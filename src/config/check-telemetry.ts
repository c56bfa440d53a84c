// What metrics and traces need.
import type { Config } from './keys.ts'

/** Sentences on what is wrong, each with the name of its variable. */
export function checkTelemetry(config: Config): string[] {
  const problems: string[] = []
  const sendsMetrics = config.metrics_enabled && config.metrics_exporter === 'opentelemetry'
  const protocols: [isUsed: boolean, value: string, name: string][] = [
    [sendsMetrics, config.metrics_otel_exporter_otlp_protocol, 'GOTRUE_METRICS_OTEL_EXPORTER_OTLP_PROTOCOL'],
    [config.tracing_enabled, config.tracing_otel_exporter_otlp_protocol, 'GOTRUE_TRACING_OTEL_EXPORTER_OTLP_PROTOCOL'],
  ]
  for (const [isUsed, value, name] of protocols)
    if (isUsed && value !== 'http/protobuf')
      problems.push(`${name} must be http/protobuf, which collectors take on port 4318; ${value} is not spoken here`)
  const addresses: [value: string, name: string][] = [
    [config.otel_exporter_otlp_endpoint, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    [config.otel_exporter_otlp_traces_endpoint, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
    [config.otel_exporter_otlp_metrics_endpoint, 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'],
  ]
  for (const [value, name] of addresses)
    if (value !== '' && !/^https?:\/\/./.test(value)) problems.push(`${name} must begin with http:// or https://`)
  if (config.otel_traces_sampler_arg > 1) problems.push('OTEL_TRACES_SAMPLER_ARG must be 0 to 1')
  if (config.otel_metric_export_interval < 100)
    problems.push('OTEL_METRIC_EXPORT_INTERVAL must be 100 or more, in milliseconds')
  return problems
}
