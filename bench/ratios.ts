// npm run bench -- ratios: processor time of server and database for a request, in multiples of a bound measured beside it.
import { availableParallelism } from 'node:os'
import { bareBcrypt } from './support/bare-bcrypt.ts'
import type { Bench } from './support/bench.ts'
import { benchClient } from './support/bench-client.ts'
import { type Found, rounded } from './support/found.ts'
import { connections, type Item, type Measured, measureInTurns } from './support/in-turns.ts'
import { signUpPeople } from './support/people.ts'
import type { Started } from './support/start-process.ts'

/** A cost beside its bound: no more of it than `most` times the other. */
const bounds: Record<string, { to: string; most: number }> = {
  'GET /health': { to: 'bare node:http, health', most: 2 },
  'GET /user': { to: 'bare node:http, health', most: 8 },
  'list of 50': { to: 'GET /user', most: 3 },
  refresh: { to: 'GET /user', most: 3 },
  password: { to: 'bare bcrypt', most: 1 / 0.95 },
  'sign-up': { to: 'bare bcrypt', most: 1 / 0.95 },
}

/** Requests after which V8 has compiled what they run. */
const warm = 6000

/** Measures each request beside what bounds it. */
export async function ratios(bench: Bench): Promise<Found> {
  const server = await bench.serve(await bench.database())
  const people = await signUpPeople(server.port)
  // A page of a list is full.
  for (let n = 0; n < Math.min(44, bench.users); n++) await people.signUp()
  const ask = people.client.ask
  const answers = [await ask('GET', '/health'), await people.user(0)].map((answer) => JSON.stringify(answer))
  const bare = await startBare(bench, answers)
  const found = await measureInTurns(
    [
      bareItem('bare node:http, health', bare, '/0'),
      bareItem('bare node:http, user', bare, '/1'),
      { name: 'GET /health', warm, run: () => ask('GET', '/health'), used: server.used },
      { name: 'GET /user', warm, run: people.user, used: server.used },
      { name: 'list of 50', warm, run: () => people.list(), used: server.used },
      { name: 'refresh', warm, run: people.refresh, used: server.used },
      { name: 'password', warm: 32, run: people.signIn, used: server.used },
      { name: 'sign-up', warm: 32, run: people.signUp, used: server.used },
      await bareBcrypt(),
    ],
    bench,
  )
  const memory = rounded(server.memory().now)
  for (const one of [server, bare]) await one.close()
  return {
    columns: ['request', 'server µs', 'PostgreSQL µs', 'of its bound', 'at most', 'bound'],
    rows: found.map((row) => rowOf(row, found)),
    how: `Microseconds of the processor for a request, from ${connections} connections (bcrypt: ${availableParallelism()} at once), medians of ${bench.rounds} rounds in turns. The server held ${memory} MB at the end.`,
  }
}

const startBare = (bench: Bench, answers: readonly string[]): Promise<Started> =>
  bench.start((port) => ({
    command: [process.execPath, 'bench/support/bare-server.ts', String(port), ...answers],
    env: {},
    health: '/0',
  }))

function bareItem(name: string, server: Started, path: string): Item {
  const { ask } = benchClient(server.port, connections)
  return { name, warm, run: () => ask('GET', path), used: server.used }
}

function rowOf({ name, server_us, database_us }: Measured, all: readonly Measured[]): (string | number)[] {
  const bound = bounds[name]
  const beside = all.find((other) => other.name === bound?.to)
  // What PostgreSQL does for itself meanwhile is no part of a bound.
  if (!bound || !beside) return [name, rounded(server_us), '–', '–', '–', '–']
  const of = beside.server_us + (beside.name in bounds ? beside.database_us : 0)
  const ratio = (server_us + database_us) / of
  return [name, ...[server_us, database_us, ratio, bound.most].map(rounded), bound.to]
}
