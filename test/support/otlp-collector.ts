// An OpenTelemetry collector on loopback: takes traces and metrics over HTTP and reads their protobuf (OTLP 1.x field numbers).
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import protobuf from 'protobufjs'

const schema = protobuf.parse(
  `
  syntax = "proto3";
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Status { string message = 2; int32 code = 3; }
  message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15; }
  message ScopeSpans { repeated Span spans = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Traces { repeated ResourceSpans resource_spans = 1; }
  message NumberPoint { double as_double = 4; sfixed64 as_int = 6; repeated KeyValue attributes = 7; }
  message HistogramPoint { fixed64 count = 4; double sum = 5; repeated KeyValue attributes = 9; }
  message Gauge { repeated NumberPoint data_points = 1; }
  message Sum { repeated NumberPoint data_points = 1; }
  message Histogram { repeated HistogramPoint data_points = 1; }
  message Metric { string name = 1; string unit = 3; oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; } }
  message ScopeMetrics { repeated Metric metrics = 2; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Metrics { repeated ResourceMetrics resource_metrics = 1; }`,
  { keepCase: true },
).root

/** A span as it came; ids in hexadecimal. */
export interface CollectedSpan {
  name: string
  trace_id: string
  span_id: string
  parent_span_id: string
  attributes: Record<string, unknown>
  resource: Record<string, unknown>
}

/** A point of a metric as it came last. */
export interface CollectedPoint {
  name: string
  value: number
  attributes: Record<string, unknown>
}

/** What arrived. */
export interface OtlpCollector {
  url: string
  spans: CollectedSpan[]
  /** The points of the last sending. */
  points(): CollectedPoint[]
  headers: Record<string, string | undefined>[]
  close(): Promise<void>
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

const plain = (list: Attribute[] = []): Record<string, unknown> =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]))
const hex = (bytes: string | undefined): string => Buffer.from(bytes ?? '', 'base64').toString('hex')

interface RawSpan {
  name: string
  trace_id: string
  span_id: string
  parent_span_id?: string
  attributes?: Attribute[]
}
interface RawPoint {
  as_double?: number
  as_int?: number
  count?: number
  attributes?: Attribute[]
}
interface RawMetric {
  name: string
  gauge?: { data_points: RawPoint[] }
  sum?: { data_points: RawPoint[] }
  histogram?: { data_points: RawPoint[] }
}
interface Traces {
  resource_spans: { resource?: { attributes: Attribute[] }; scope_spans: { spans: RawSpan[] }[] }[]
}
interface Metrics {
  resource_metrics: { scope_metrics: { metrics: RawMetric[] }[] }[]
}

/** Decodes a message into an object with snake_case names. */
function decode<T>(type: string, body: Buffer): T {
  const message = schema.lookupType(type)
  return message.toObject(message.decode(body), { bytes: String, longs: Number }) as T
}

function readSpans(body: Buffer): CollectedSpan[] {
  return decode<Traces>('Traces', body).resource_spans.flatMap(({ resource, scope_spans }) =>
    scope_spans.flatMap(({ spans }) =>
      spans.map((span) => ({
        name: span.name,
        trace_id: hex(span.trace_id),
        span_id: hex(span.span_id),
        parent_span_id: hex(span.parent_span_id),
        attributes: plain(span.attributes),
        resource: plain(resource?.attributes),
      })),
    ),
  )
}

function readPoints(body: Buffer): CollectedPoint[] {
  const { resource_metrics } = decode<Metrics>('Metrics', body)
  const all = resource_metrics.flatMap(({ scope_metrics }) => scope_metrics.flatMap(({ metrics }) => metrics))
  return all.flatMap(({ name, gauge, sum, histogram }) =>
    ((gauge ?? sum ?? histogram)?.data_points ?? []).map((point) => ({
      name,
      value: Number(point.as_int ?? point.as_double ?? point.count ?? 0),
      attributes: plain(point.attributes),
    })),
  )
}

/** Starts a collector. */
export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = []
  let points: CollectedPoint[] = []
  const headers: OtlpCollector['headers'] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    headers.push({ ...request.headers } as Record<string, string | undefined>)
    if (request.url === '/v1/traces') spans.push(...readSpans(body))
    if (request.url === '/v1/metrics') points = readPoints(body)
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    points: () => points,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
