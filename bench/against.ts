// npm run bench -- against --against "CMD": the main requests beside another server that speaks the same API.
import type { Bench } from './support/bench.ts'
import { type Found, rounded } from './support/found.ts'
import { type Item, measureInTurns } from './support/in-turns.ts'
import { signUpPeople } from './support/people.ts'
import type { Started } from './support/start-process.ts'

/**
 * Compares both on databases of one PostgreSQL.
 * @throws Error when no command is given
 */
export async function against(bench: Bench): Promise<Found> {
  if (bench.against === null) throw new Error('give the command of the other server by --against "CMD"')
  const ours = await bench.serve(await bench.database())
  const other = await bench.other(await bench.database(), bench.against)
  const [own, theirs] = [await itemsOf(ours, 'Postern', bench), await itemsOf(other, 'the other', bench)]
  const found = await measureInTurns(
    own.flatMap((item, n) => [item, ...theirs.slice(n, n + 1)]),
    bench,
  )
  for (const server of [ours, other]) await server.close()
  return {
    columns: ['request', 'server µs', 'PostgreSQL µs', 'a second', 'p50 ms', 'p99 ms'],
    rows: found.map((row) => [
      row.name,
      ...[row.server_us, row.database_us, row.per_s, row.p50_ms, row.p99_ms].map(rounded),
    ]),
    how: `The other server is \`${bench.against}\`. Each has a database of its own in one PostgreSQL; 16 connections, medians of ${bench.rounds} rounds in turns; microseconds of the processor for a request.`,
    panel: {
      title: 'Postern and the other server: a request',
      unit: 'µs of the processor',
      parts: ['server', 'PostgreSQL'],
      bars: found
        .filter(({ name }) => !name.startsWith('password'))
        .map(({ name, server_us, database_us }) => ({ name, values: [server_us, database_us].map(rounded) })),
    },
  }
}

async function itemsOf(server: Started, name: string, bench: Bench): Promise<Item[]> {
  const people = await signUpPeople(server.port)
  // A page of a list is full.
  for (let n = 0; n < Math.min(40, bench.users); n++) await people.signUp()
  const item = (what: string, run: Item['run']): Item => ({ name: `${what}, ${name}`, run, used: server.used })
  return [
    item('GET /health', () => people.client.ask('GET', server.health)),
    item('GET /user', people.user),
    item('list of 50', () => people.list()),
    item('refresh', people.refresh),
    { ...item('password', people.signIn), warm: 32 },
  ]
}
