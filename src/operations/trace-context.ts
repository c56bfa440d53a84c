// The header `traceparent` (W3C Trace Context, version 00).
import type { SpanContext } from '@opentelemetry/api'

const form = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-.*)?$/

/** The caller's place in a trace; null without one, or with one that is not valid (§3.2.2). */
export function readTraceparent(headers: Headers): SpanContext | null {
  const value = headers.get('traceparent') ?? ''
  const [, traceId = '', spanId = '', flags = ''] = form.exec(value) ?? []
  if (value.startsWith('ff') || /^0*$/.test(traceId) || /^0*$/.test(spanId)) return null
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
}

/** The header for a span. */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${(traceFlags & 1) === 1 ? '01' : '00'}`
