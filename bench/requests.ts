// npm run bench -- requests: requests a second and latency of the main requests, beside what bounds them.
import postgres from 'postgres'
import { bareBcrypt } from './support/bare-bcrypt.ts'
import type { Bench } from './support/bench.ts'
import { type Found, rounded } from './support/found.ts'
import { connections, type Item, type Measured, measureInTurns } from './support/in-turns.ts'
import { type People, signUpPeople } from './support/people.ts'

/** Who asks for accounts while all others sign in. */
const few = 4

/** Measures each by itself, and how long others wait while passwords are hashed. */
export async function requests(bench: Bench): Promise<Found> {
  const database = await bench.database()
  const server = await bench.serve(database)
  const people = await signUpPeople(server.port)
  const sql = postgres(database.url, { max: connections, onnotice: () => {} })
  const { used } = server
  const alone = await measureInTurns(
    [
      { name: 'GET /user', warm: 6000, run: people.user, used },
      { name: 'refresh', warm: 3000, run: people.refresh, used },
      { name: 'password', warm: 32, run: people.signIn, used },
      { name: 'sign-up', warm: 32, run: people.signUp, used },
      await bareBcrypt(),
      { name: 'a prepared select', run: () => sql`select id, email from auth.users limit 1`, used: () => 0 },
    ],
    bench,
  )
  const beside = await whileOthersSignIn(people, bench, { name: 'GET /user while 12 sign in', run: people.user, used })
  await sql.end()
  await server.close()
  const rows = [...alone, ...beside].map((row) => [row.name, ...figuresOf(row)])
  return {
    columns: ['request', 'a second', 'p50 ms', 'p99 ms', 'server µs', 'PostgreSQL µs'],
    rows,
    how: `From ${connections} connections, medians of ${bench.rounds} rounds in turns; microseconds of the processor for a request. Bounds: bcrypt of the same cost by itself on all cores, and a select through the same driver.`,
  }
}

const figuresOf = ({ per_s, p50_ms, p99_ms, server_us, database_us }: Measured): number[] =>
  [per_s, p50_ms, p99_ms, server_us, database_us].map(rounded)

/** Measures what a few ask for while everybody else signs in, over and over. */
async function whileOthersSignIn(people: People, bench: Bench, item: Item): Promise<Measured[]> {
  let goesOn = true
  const others = Array.from({ length: connections - few }, async (_, n) => {
    while (goesOn) await people.signIn(few + n)
  })
  try {
    return await measureInTurns([{ ...item, clients: few }], bench)
  } finally {
    goesOn = false
    await Promise.all(others)
  }
}
