// Metrics as Prometheus reads them, by prom-client.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { counters, gauges, type Meter, type Readings, timers } from '../meter.ts'
import { version } from '../version.ts'

/** Bounds of timers in seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A meter and what it has measured. */
export interface PrometheusMeter {
  meter: Meter
  registry: Registry
}

const rows = <Table extends object>(table: Table) => Object.entries(table) as [keyof Table, Table[keyof Table]][]

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
      rows(counters).map(([key, { name, about: help, labels }]) => [
        key,
        new Counter<string>({ name: `${name}_total`, help, labelNames: [...labels], registers }),
      ]),
    ),
    timers: new Map(
      rows(timers).map(([key, { name, about: help, labels }]) => [
        key,
        new Histogram<string>({ name: `${name}_seconds`, help, labelNames: [...labels], buckets, registers }),
      ]),
    ),
  }
  const readers = new Set<() => Promise<Readings> | Readings>()
  /** Gauges are read together: one reading serves all that are collected at once. */
  let reading: Promise<Map<keyof typeof gauges, number>> | null = null
  const read = (): Promise<Map<keyof typeof gauges, number>> => {
    reading ??= readAll([...readers]).finally(() => setImmediate(() => (reading = null)))
    return reading
  }
  for (const [key, { name, about: help }] of rows(gauges))
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
    watch(read) {
      readers.add(read)
      return () => readers.delete(read)
    },
  }
  return { meter, registry }
}

async function readAll(
  readers: readonly (() => Promise<Readings> | Readings)[],
): Promise<Map<keyof typeof gauges, number>> {
  const sums = new Map<keyof typeof gauges, number>()
  for (const one of await Promise.allSettled(readers.map(async (read) => read())))
    if (one.status === 'fulfilled')
      for (const [key, value] of rows(one.value)) sums.set(key, (sums.get(key) ?? 0) + (value ?? 0))
  return sums
}
