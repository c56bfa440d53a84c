// npm run bench -- mixed: what people do on a day, all at once.
import type { Bench } from './support/bench.ts'
import { type Found, rounded } from './support/found.ts'
import { connections, quantile } from './support/in-turns.ts'
import { type People, signUpPeople } from './support/people.ts'

/** How often each is asked for, in a thousand. */
const proportions = { 'GET /user': 650, refresh: 270, list: 40, 'sign-out': 15, 'sign-up': 10, 'sign-in': 15 }
type What = keyof typeof proportions
const kinds = Object.keys(proportions) as What[]
const byKind = <T>(make: () => T): Record<What, T> =>
  Object.fromEntries(kinds.map((what) => [what, make()])) as Record<What, T>

/** Loads a server with a mixture of requests. */
export async function mixed(bench: Bench): Promise<Found> {
  const server = await bench.serve(await bench.database())
  const people = await signUpPeople(server.port)
  const run = runs(people)
  const times = byKind((): number[] => [])
  const failed = byKind(() => 0)
  const before = { server: server.used(), database: bench.databaseTime(), at: performance.now() }
  const end = before.at + bench.seconds * 1000
  const next = chooser()
  const turns = async (client: number) => {
    while (performance.now() < end) {
      const what = people.isSignedIn(client) ? next() : 'sign-in'
      const started = performance.now()
      await run[what](client).catch(() => failed[what]++)
      times[what].push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: connections }, (_, client) => turns(client)))
  const took_s = (performance.now() - before.at) / 1000
  const count = Object.values(times).reduce((sum, { length }) => sum + length, 0)
  const cost = [server.used() - before.server, bench.databaseTime() - before.database].map((us) => us / count)
  people.client.close()
  await server.close()
  const [server_us = 0, database_us = 0] = cost.map(rounded)
  return {
    columns: ['request', 'answered', 'a second', 'p50 ms', 'p99 ms', 'failed'],
    rows: kinds.map((what) => {
      const found = times[what]
      const figures = [found.length, found.length / took_s, quantile(found, 0.5), quantile(found, 0.99)].map(rounded)
      return [what, ...figures, failed[what]]
    }),
    how: `${connections} people for ${rounded(took_s)} s, in the proportions of the table; whoever has signed out signs in next. A request took ${server_us} µs of the server's processor and ${database_us} µs of PostgreSQL's, most of the first for passwords; while these are hashed, everything else waits for a core.`,
  }
}

const runs = (people: People): Record<What, (client: number) => Promise<unknown>> => ({
  'GET /user': people.user,
  refresh: people.refresh,
  list: () => people.list(),
  'sign-out': people.signOut,
  'sign-up': people.signUp,
  'sign-in': people.signIn,
})

/** The same order in each run: a generator of Lehmer (16,807 modulo the prime 2³¹ − 1) that starts at one. */
function chooser(): () => What {
  let state = 1
  return () => {
    state = (state * 16_807) % 2_147_483_647
    let left = state % 1000
    for (const [what, share] of Object.entries(proportions)) {
      left -= share
      if (left < 0) return what as What
    }
    return 'GET /user'
  }
}
