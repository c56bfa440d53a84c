// npm run bench -- workers: two workers beside one process.
import type { Bench } from './support/bench.ts'
import { type Found, rounded } from './support/found.ts'
import { connections, type Item, measureInTurns } from './support/in-turns.ts'
import { signUpPeople } from './support/people.ts'

/** Compares both by the same requests of as many clients, and of as many for each process. */
export async function workers(bench: Bench): Promise<Found> {
  const one = await bench.serve(await bench.database())
  const two = await bench.serve(await bench.database(), { args: ['--workers', '2'] })
  const sides = [
    { of: 'one process', server: one, clients: connections },
    { of: 'two workers', server: two, clients: connections },
    { of: `two workers, ${2 * connections} connections`, server: two, clients: 2 * connections },
  ]
  const items: Item[] = []
  const lives = await Promise.all([one, two].map(({ port }) => signUpPeople(port, 2 * connections)))
  for (const what of ['user', 'refresh'] as const)
    for (const { of, server, clients } of sides) {
      const people = lives[server === one ? 0 : 1]
      const run = async (client: number) => people?.[what](client)
      items.push({ name: `${names[what]}, ${of}`, clients, warm: warm[what], run, used: server.used })
    }
  const found = await measureInTurns(items, bench)
  for (const server of [one, two]) await server.close()
  const rows = found.map((row, n) => {
    const beside = found[n - (n % sides.length)] ?? row
    const ratio = (row.server_us + row.database_us) / (beside.server_us + beside.database_us)
    const figures = [row.server_us, row.database_us, ratio, row.per_s, row.p99_ms]
    return [row.name, ...figures.map(rounded)]
  })
  return {
    columns: ['request', 'server µs', 'PostgreSQL µs', 'of one', 'a second', 'p99 ms'],
    rows,
    how: `Microseconds of the processor for a request, of all processes of the server (supervisor too), from ${connections} connections, or ${2 * connections} where each worker is to have as many as the one process. Requests a second are of two cores that also run PostgreSQL and the clients, a single process: with more cores two workers answer more.`,
    panel: {
      title: 'One process and two workers: a request',
      unit: 'µs of the processor',
      parts: ['server', 'PostgreSQL'],
      bars: found.map(({ name, server_us, database_us }) => ({ name, values: [server_us, database_us].map(rounded) })),
    },
  }
}

const names = { user: 'GET /user', refresh: 'refresh' }

/** Requests until V8 of both workers has compiled what they run. */
const warm = { user: 12_000, refresh: 6000 }
