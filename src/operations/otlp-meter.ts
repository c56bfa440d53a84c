// Metrics as an OpenTelemetry collector gets them (OTLP over HTTP); loaded only where they are sent.
import type { Histogram } from '@opentelemetry/api'
import type { Config } from '../config/keys.ts'
import { counters, gauges, type Meter, timers } from '../meter.ts'
import { createGaugeReaders, entriesOf } from './gauge-readers.ts'
import { otlpResource } from './otlp-resource.ts'
import { otlpTarget } from './otlp-target.ts'

/** A meter whose measures are sent once in a while, and when it closes. */
export interface OtlpMeter {
  meter: Meter
  close(): Promise<void>
}

/** Bounds of timers in milliseconds. */
const boundaries = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]

/** Begins to send. */
export async function createOtlpMeter(config: Config): Promise<OtlpMeter> {
  const { MeterProvider, PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics')
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto')
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(otlpTarget(config, 'metrics')),
    exportIntervalMillis: config.otel_metric_export_interval,
    exportTimeoutMillis: Math.min(config.otel_metric_export_interval, 10_000),
  })
  const provider = new MeterProvider({ resource: await otlpResource(config), readers: [reader] })
  const source = provider.getMeter('postern')
  const counted = new Map(
    entriesOf(counters).map(([key, { name, about }]) => [key, source.createCounter(name, { description: about })]),
  )
  const timed = new Map<keyof typeof timers, Histogram>(
    entriesOf(timers).map(([key, { name, about }]) => [
      key,
      source.createHistogram(name, {
        description: about,
        unit: 'ms',
        advice: { explicitBucketBoundaries: boundaries },
      }),
    ]),
  )
  const readers = createGaugeReaders()
  const observed = new Map(
    entriesOf(gauges).map(([key, { name, about }]) => [
      key,
      source.createObservableGauge(name, { description: about }),
    ]),
  )
  source.addBatchObservableCallback(
    async (result) => {
      for (const [key, value] of await readers.read()) {
        const gauge = observed.get(key)
        if (gauge) result.observe(gauge, value)
      }
    },
    [...observed.values()],
  )
  return {
    meter: {
      count: (name, labels, by = 1) => counted.get(name)?.add(by, labels),
      time: (name, labels, ms) => timed.get(name)?.record(ms, labels),
      watch: readers.add,
    },
    close: () => provider.shutdown(),
  }
}
