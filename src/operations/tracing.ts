// Traces as OpenTelemetry has them: a span a request, statement, hook, mail and outbound call; loaded only where they are sent.
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { Config } from '../config/keys.ts'
import { type Meter, noMeter } from '../meter.ts'
import type { Handle } from '../runtimes/node.ts'
import { otlpResource } from './otlp-resource.ts'
import { otlpTarget } from './otlp-target.ts'
import { readTraceparent, traceparentOf } from './trace-context.ts'

/** Records traces. */
export interface Tracing {
  /** Makes spans of what is timed. */
  meter: Meter
  /** A span a request, as the continuation of the caller's trace. */
  handle(handle: Handle): Handle
  /** A span a call, which goes along with it. */
  fetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch
  close(): Promise<void>
}

/** Begins to record and to send. */
export async function createTracing(config: Config): Promise<Tracing> {
  const sdk = await import('@opentelemetry/sdk-trace-base')
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto')
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks')
  const provider = new sdk.BasicTracerProvider({
    resource: await otlpResource(config),
    sampler: new sdk.ParentBasedSampler({
      root: new sdk.TraceIdRatioBasedSampler(config.otel_traces_sampler_arg),
      // Anybody can send a traceparent: it asks for a record, and does not order it. Its id is no dice either, since it is chosen.
      remoteParentSampled: {
        shouldSample: () => ({
          decision:
            Math.random() < config.otel_traces_sampler_arg
              ? sdk.SamplingDecision.RECORD_AND_SAMPLED
              : sdk.SamplingDecision.NOT_RECORD,
        }),
        toString: () => 'part of what callers ask for',
      },
    }),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter(otlpTarget(config, 'traces')))],
  })
  const tracer = provider.getTracer('postern')
  const contexts = new AsyncLocalStorageContextManager().enable()
  /** Runs work within a span, which ends with it. */
  const within = async <T>(span: Span, parent: Context, work: () => Promise<T>): Promise<T> => {
    try {
      return await contexts.with(trace.setSpan(parent, span), work)
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  }
  return {
    meter: spanMeter(tracer, () => contexts.active()),
    handle: (handle) => async (request, connection) => {
      const given = readTraceparent(request.headers)
      const parent = given ? trace.setSpanContext(ROOT_CONTEXT, given) : ROOT_CONTEXT
      const { pathname, host } = new URL(request.url)
      const attributes = { 'http.request.method': request.method, 'url.path': pathname, 'server.address': host }
      const span = tracer.startSpan(request.method, { kind: SpanKind.SERVER, attributes }, parent)
      return within(span, parent, async () => {
        const response = await handle(request, connection)
        span.setAttribute('http.response.status_code', response.status)
        if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        return response
      })
    },
    fetch: (fetch) => async (input, init) => {
      const parent = contexts.active()
      const { host } = new URL(input instanceof Request ? input.url : input)
      const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
      const attributes = { 'server.address': host, 'http.request.method': method }
      const span = tracer.startSpan(`${method} ${host}`, { kind: SpanKind.CLIENT, attributes }, parent)
      return within(span, parent, async () => {
        const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
        headers.set('traceparent', traceparentOf(span.spanContext()))
        const response = await fetch(input, { ...init, headers })
        span.setAttribute('http.response.status_code', response.status)
        return response
      })
    },
    async close() {
      await provider.shutdown()
      contexts.disable()
    },
  }
}

/** What was timed becomes a span that has ended; the request's own gets its name. */
function spanMeter(tracer: Tracer, active: () => Context): Meter {
  return {
    ...noMeter,
    time(name, labels, ms) {
      const parent = active()
      if (name === 'requests') {
        const { method, route } = Object(labels)
        trace.getSpan(parent)?.updateName(`${method} ${route}`).setAttribute('http.route', String(route))
        return
      }
      // Calls have spans of their own, which go along with them.
      if (name === 'calls') return
      const { statement, hook, kind, outcome } = Object(labels)
      const what = name === 'statements' ? statement : name === 'hooks' ? `hook ${hook}` : `mail ${kind}`
      const span = tracer.startSpan(
        what,
        {
          kind: name === 'hooks' ? SpanKind.INTERNAL : SpanKind.CLIENT,
          startTime: Date.now() - ms,
          attributes:
            name === 'statements' ? { 'db.system.name': 'postgresql', 'db.query.summary': what } : { outcome },
        },
        parent,
      )
      if (outcome !== undefined && outcome !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}
