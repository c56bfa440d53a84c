// Variables of metrics, traces and profiles, under the names of the recorded server and of OpenTelemetry.
import {
  address,
  assignments,
  bool,
  choice,
  duration,
  filledText,
  map,
  number,
  port,
  secret,
  text,
} from './key-types.ts'

/** Metrics, traces and profiles. */
export const telemetryKeys = {
  metrics_enabled: bool('GOTRUE_METRICS_ENABLED', '', 'Measures, and lets it be read.'),
  metrics_exporter: choice('opentelemetry', 'prometheus')(
    'GOTRUE_METRICS_EXPORTER',
    'opentelemetry',
    'Whether metrics are sent to an OpenTelemetry collector, or fetched by Prometheus.',
  ),
  metrics_otel_exporter_otlp_protocol: filledText(
    'GOTRUE_METRICS_OTEL_EXPORTER_OTLP_PROTOCOL OTEL_EXPORTER_OTLP_PROTOCOL',
    'http/protobuf',
    'Protocol of metrics for OpenTelemetry: http/protobuf; grpc is not spoken.',
  ),
  metrics_otel_exporter_prometheus_host: address(
    'GOTRUE_METRICS_OTEL_EXPORTER_PROMETHEUS_HOST OTEL_EXPORTER_PROMETHEUS_HOST',
    '0.0.0.0',
    'Address that Prometheus fetches metrics from.',
  ),
  metrics_otel_exporter_prometheus_port: port(
    'GOTRUE_METRICS_OTEL_EXPORTER_PROMETHEUS_PORT OTEL_EXPORTER_PROMETHEUS_PORT',
    '9100',
    'Port that Prometheus fetches metrics from.',
  ),
  otel_metric_export_interval: number(
    'OTEL_METRIC_EXPORT_INTERVAL',
    '60000',
    'Milliseconds between two sendings of metrics.',
  ),
  otel_exporter_otlp_endpoint: address(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    '',
    'Address of the collector; http://localhost:4318 when empty.',
  ),
  otel_exporter_otlp_traces_endpoint: address(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    '',
    'Whole address for traces, where it is another.',
  ),
  otel_exporter_otlp_metrics_endpoint: address(
    'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    '',
    'Whole address for metrics, where it is another.',
  ),
  otel_exporter_otlp_headers: secret(
    assignments('OTEL_EXPORTER_OTLP_HEADERS', '', 'Headers that go along, such as an API key.'),
  ),
  otel_service_name: text('OTEL_SERVICE_NAME', '', 'Name of this server; GOTRUE_TRACING_SERVICE_NAME when empty.'),
  otel_resource_attributes: assignments('OTEL_RESOURCE_ATTRIBUTES', '', 'Further facts about this server.'),
  otel_traces_sampler_arg: number(
    'OTEL_TRACES_SAMPLER_ARG',
    '1',
    'Part of the traces that are recorded, 0 to 1, of those too that a caller wants recorded; one that a caller does not want recorded is not.',
  ),
  tracing_enabled: bool('GOTRUE_TRACING_ENABLED', '', 'Records traces of requests, and sends them.'),
  tracing_exporter: choice('opentelemetry')(
    'GOTRUE_TRACING_EXPORTER',
    'opentelemetry',
    'Where traces go; there is only one kind.',
  ),
  tracing_otel_exporter_otlp_protocol: filledText(
    'GOTRUE_TRACING_OTEL_EXPORTER_OTLP_PROTOCOL OTEL_EXPORTER_OTLP_PROTOCOL',
    'http/protobuf',
    'Protocol of traces for OpenTelemetry: http/protobuf; grpc is not spoken.',
  ),
  tracing_host: address('GOTRUE_TRACING_HOST', '', 'Host that traces are sent to, where no endpoint is named.'),
  tracing_port: text('GOTRUE_TRACING_PORT', '', 'Port that traces are sent to there.'),
  tracing_service_name: text('GOTRUE_TRACING_SERVICE_NAME', 'gotrue', 'Name of this server in traces.'),
  tracing_tags: map('GOTRUE_TRACING_TAGS', '', 'Tags that every trace gets.'),
  profiler_enabled: bool(
    'GOTRUE_PROFILER_ENABLED',
    'false',
    'Lets profiles of processor and heap be fetched: /debug/pprof/profile?seconds=N and /debug/pprof/heap, as V8 writes them.',
  ),
  profiler_host: address('GOTRUE_PROFILER_HOST', 'localhost', 'Address that profiles are fetched from.'),
  profiler_port: port('GOTRUE_PROFILER_PORT', '9998', 'Port that profiles are fetched from.'),
  log_slow_statements: duration(
    'POSTERN_LOG_SLOW_STATEMENTS',
    '0s',
    'Time from which on a statement of the database is written into the log, without its values; never when 0.',
  ),
}
