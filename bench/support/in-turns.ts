// Compares requests in turns, so that what else the machine does meets all alike; figures are medians of the rounds.
import type { Bench } from './bench.ts'

/** What is compared. */
export interface Item {
  name: string
  /** So many at once; 16 by default. */
  clients?: number
  /** Requests after which V8 has compiled what they run; 1 500 by default. */
  warm?: number
  run(client: number, turn: number): Promise<unknown>
  /** Microseconds of the processor that its server has run so far. */
  used(): number
}

/** What one request of it costs: requests a second, milliseconds, microseconds of the processor. */
export interface Measured {
  name: string
  per_s: number
  p50_ms: number
  p99_ms: number
  server_us: number
  database_us: number
}

/** Milliseconds of a turn. */
const slice_ms = 1000

/** Connections that ask at once. */
export const connections = 16

/** A value below which the given share of others lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** The value in the middle. */
export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** Runs one request by so many clients at once for a while; returns milliseconds of each. */
export async function runFor(item: Item, for_ms: number): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + for_ms
  const turns = async (client: number) => {
    for (let turn = 0; performance.now() < end; turn++) {
      const started = performance.now()
      await item.run(client, turn)
      times.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: item.clients ?? connections }, (_, client) => turns(client)))
  return times
}

async function measureOnce(item: Item, bench: Bench, for_ms: number): Promise<Measured> {
  const before = { server: item.used(), database: bench.databaseTime(), at: performance.now() }
  const times = await runFor(item, for_ms)
  const took_s = (performance.now() - before.at) / 1000
  return {
    name: item.name,
    per_s: times.length / took_s,
    p50_ms: quantile(times, 0.5),
    p99_ms: quantile(times, 0.99),
    server_us: (item.used() - before.server) / times.length,
    database_us: (bench.databaseTime() - before.database) / times.length,
  }
}

/** Milliseconds that one is willing to wait until something is warm. */
const warmest_ms = 10_000

async function warmUp(item: Item, most_ms: number): Promise<void> {
  let left = item.warm ?? 1500
  const end = performance.now() + most_ms
  const turns = async (client: number) => {
    for (let turn = 0; left-- > 0 && performance.now() < end; turn++) await item.run(client, turn)
  }
  await Promise.all(Array.from({ length: item.clients ?? connections }, (_, client) => turns(client)))
}

/** Warms each up, then measures all in turns. */
export async function measureInTurns(items: readonly Item[], bench: Bench): Promise<Measured[]> {
  const short = Math.min(1, bench.seconds)
  for (const item of items) await warmUp(item, warmest_ms * short)
  const found = items.map((): Measured[] => [])
  for (let round = 0; round < bench.rounds; round++) {
    bench.say(`  round ${round + 1} of ${bench.rounds}`)
    for (const [n, item] of items.entries()) found[n]?.push(await measureOnce(item, bench, slice_ms * short))
  }
  return items.map(({ name }, n) => {
    const of = (key: Exclude<keyof Measured, 'name'>) => median((found[n] ?? []).map((one) => one[key]))
    return {
      name,
      per_s: of('per_s'),
      p50_ms: of('p50_ms'),
      p99_ms: of('p99_ms'),
      server_us: of('server_us'),
      database_us: of('database_us'),
    }
  })
}
