// npm run bench -- workers: two workers beside one process.
import type { Bench } from './support/bench.ts'
import { type Found, rounded } from './support/found.ts'
import { type Item, measureInTurns } from './support/in-turns.ts'
import { type People, signUpPeople } from './support/people.ts'
import type { Started } from './support/start-process.ts'

/** Compares both by the same requests. */
export async function workers(bench: Bench): Promise<Found> {
  const one = await bench.serve(await bench.database())
  const two = await bench.serve(await bench.database(), { args: ['--workers', '2'] })
  const items = [one, two].map(async (server, n) => itemsOf(server, await signUpPeople(server.port), n + 1))
  const [ofOne = [], ofTwo = []] = await Promise.all(items)
  const pairs = ofOne.flatMap((item, n) => [item, ...ofTwo.slice(n, n + 1)])
  const found = await measureInTurns(pairs, bench)
  for (const server of [one, two]) await server.close()
  const rows = found.map((row, n) => {
    const beside = found[n - (n % 2)] ?? row
    const ratio = (row.server_us + row.database_us) / (beside.server_us + beside.database_us)
    const figures = [row.server_us, row.database_us, ratio, row.per_s, row.p99_ms]
    return [row.name, ...figures.map(rounded)]
  })
  return {
    columns: ['request', 'server µs', 'PostgreSQL µs', 'of one', 'a second', 'p99 ms'],
    rows,
    how: 'Microseconds of the processor for a request, of all processes of the server (supervisor too). Requests a second are of two cores that also run PostgreSQL and the clients, a single process: with more cores two workers answer more.',
    panel: {
      title: 'One process and two workers: a request',
      unit: 'µs of the processor',
      parts: ['server', 'PostgreSQL'],
      bars: found.map(({ name, server_us, database_us }) => ({ name, values: [server_us, database_us].map(rounded) })),
    },
  }
}

function itemsOf(server: Started, people: People, count: number): Item[] {
  const of = count === 1 ? 'one process' : 'two workers'
  return [
    { name: `GET /user, ${of}`, run: people.user, used: server.used },
    { name: `refresh, ${of}`, run: people.refresh, used: server.used },
  ]
}
