// Metrics as Prometheus reads them, by prom-client.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { counters, gauges, type Meter, timers } from '../meter.ts'
import { version } from '../version.ts'
import { createGaugeReaders, entriesOf } from './gauge-readers.ts'

/** Bounds of timers in seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A meter and what it has measured. */
export interface PrometheusMeter {
  meter: Meter
  registry: Registry
}

/** Makes a registry of all metrics, with those of the process. */
export function createPrometheusMeter(): PrometheusMeter {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const about = new Gauge({
    name: 'postern_info',
    help: 'The version that serves.',
    labelNames: ['version'],
    registers: [registry],
    aggregator: 'first',
  })
  about.set({ version }, 1)
  const registers = [registry]
  const made = {
    counters: new Map(
      entriesOf(counters).map(([key, { name, about: help, labels }]) => [
        key,
        new Counter<string>({ name: `${name}_total`, help, labelNames: [...labels], registers }),
      ]),
    ),
    timers: new Map(
      entriesOf(timers).map(([key, { name, about: help, labels }]) => [
        key,
        new Histogram<string>({ name: `${name}_seconds`, help, labelNames: [...labels], buckets, registers }),
      ]),
    ),
  }
  const readers = createGaugeReaders()
  /** Gauges are read together: one reading serves all that are collected at once. */
  let reading: ReturnType<typeof readers.read> | null = null
  const read = (): ReturnType<typeof readers.read> => {
    reading ??= readers.read().finally(() => setImmediate(() => (reading = null)))
    return reading
  }
  for (const [key, { name, about: help }] of entriesOf(gauges))
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set((await read()).get(key) ?? 0)
      },
    })
  const meter: Meter = {
    count: (name, labels, by = 1) => made.counters.get(name)?.inc(labels, by),
    time: (name, labels, ms) => made.timers.get(name)?.observe(labels, ms / 1000),
    watch: readers.add,
  }
  return { meter, registry }
}
