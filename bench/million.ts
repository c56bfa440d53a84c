// npm run bench -- million: sign-in, lists and searches of a million accounts, beside a thousand.
import { hash } from '@node-rs/bcrypt'
import postgres from 'postgres'
import { openPostgres } from '../src/storage/driver/postgres.ts'
import { migrate } from '../src/storage/migrate.ts'
import type { Bench, BenchDatabase } from './support/bench.ts'
import { type Found, rounded } from './support/found.ts'
import { type Item, measureInTurns } from './support/in-turns.ts'
import { type People, password, signUpPeople } from './support/people.ts'
import type { Started } from './support/start-process.ts'

/** Compares a small database with a large one, both filled by SQL. */
export async function million(bench: Bench): Promise<Found> {
  const counts = [Math.min(1000, bench.users), bench.users]
  const items: Item[][] = []
  const servers: Started[] = []
  for (const count of counts) {
    const database = await bench.database()
    const began = performance.now()
    await fill(database, count)
    bench.say(
      `  ${count.toLocaleString('en')} accounts are there after ${((performance.now() - began) / 1000).toFixed(0)} s`,
    )
    // The server makes the indexes of searches, once it finds the accounts there.
    const env = { GOTRUE_INDEX_WORKER_ENSURE_USER_SEARCH_INDEXES_EXIST: 'true' }
    const server = await bench.serve(database, { env })
    servers.push(server)
    await indexesOf(database, bench)
    items.push(itemsOf(server, await signUpPeople(server.port), count))
  }
  const [small = [], large = []] = items
  const found = await measureInTurns(
    small.flatMap((item, n) => [item, ...large.slice(n, n + 1)]),
    bench,
  )
  for (const server of servers) await server.close()
  const rows = small.map((item, n) => {
    const pair = found.slice(2 * n, 2 * n + 2)
    return [
      item.name,
      ...pair.flatMap(({ p50_ms, server_us, database_us }) => [p50_ms, server_us, database_us].map(rounded)),
    ]
  })
  const columns = counts.flatMap((count) =>
    ['p50 ms', 'server µs', 'PostgreSQL µs'].map((head) => `${head}, ${short(count)}`),
  )
  return {
    columns: ['request', ...columns],
    rows,
    how: `Each account has an address, an identity and a password; made by SQL, analysed, with the indexes that \`GOTRUE_INDEX_WORKER_ENSURE_USER_SEARCH_INDEXES_EXIST\` makes. 4 connections (2 for passwords), medians of ${bench.rounds} rounds in turns; who signs in and what is searched for is another one each time.`,
    panel: {
      title: `${short(counts[0] ?? 0)} accounts and ${short(counts[1] ?? 0)}: a request`,
      unit: 'µs of the processor',
      parts: ['server', 'PostgreSQL'],
      bars: found
        .map(({ name, server_us, database_us }, n) => ({
          name: `${name}, ${short(counts[n % 2] ?? 0)}`,
          values: [server_us, database_us].map(rounded),
        }))
        .filter(({ name }) => !name.startsWith('sign-in')),
    },
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const short = (count: number): string => count.toLocaleString('en')

async function fill(database: BenchDatabase, count: number): Promise<void> {
  const db = openPostgres({ url: database.url, namespace: 'auth', max: 1 })
  await migrate(db, { namespace: 'auth', log: silent }).finally(() => db.close())
  const sql = postgres(database.admin_url, { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(`set synchronous_commit = off;
      insert into auth.users (instance_id, id, aud, role, email, encrypted_password, is_anonymous, is_sso_user, created_at, updated_at,
          last_sign_in_at, email_confirmed_at, banned_until, confirmation_token, recovery_token, email_change_token_new, email_change,
          raw_user_meta_data, raw_app_meta_data)
        select '00000000-0000-0000-0000-000000000000', md5(i::text)::uuid, 'authenticated', 'authenticated', 'user' || i || '@example.com',
          '${await hash(password, { cost: 10 })}', false, false, timestamptz '2020-01-01' + i * interval '1 minute', now(),
          case when i % 3 > 0 then timestamptz '2023-01-01' + i * interval '7 seconds' end, now(),
          case when i % 2000 = 0 then now() + interval '1 year' end, '', '', '', '', jsonb_build_object('full_name', 'Person ' || i),
          '{"provider": "email", "providers": ["email"]}'
        from generate_series(1, ${count}) i;
      insert into auth.identities (user_id, provider, provider_id, identity_data, created_at, updated_at)
        select id, 'email', id::text, jsonb_build_object('sub', id, 'email', email), created_at, created_at from auth.users`)
    for (const table of ['users', 'identities']) await sql.unsafe(`vacuum analyze auth.${table}`)
  } finally {
    await sql.end()
  }
}

/** Waits until the indexes of searches are made: none of them is new for a second, and none is half done. */
async function indexesOf(database: BenchDatabase, bench: Bench): Promise<void> {
  const sql = postgres(database.admin_url, { max: 1, onnotice: () => {} })
  const began = performance.now()
  try {
    for (let last = 0, same = 0; same < 4; ) {
      await new Promise((wake) => setTimeout(wake, 250))
      const [row] = await sql`select count(*)::int as made, count(*) filter (where not indisvalid)::int as half
        from pg_index join pg_class on pg_class.oid = indexrelid where relname like 'postern%'`
      same = row?.made > 0 && row?.made === last && row?.half === 0 ? same + 1 : 0
      last = row?.made ?? 0
      if (performance.now() - began > 600_000) throw new Error('the indexes of searches were not made in ten minutes')
    }
    bench.say(`  indexes are there after ${((performance.now() - began) / 1000).toFixed(0)} s`)
  } finally {
    await sql.end()
  }
}

function itemsOf(server: Started, people: People, count: number): Item[] {
  let turn = 0
  // A step that has no divisor in common with powers of ten visits all.
  const anybody = () => ((turn++ * 7919) % count) + 1
  const item = (name: string, run: Item['run'], clients = 4): Item => ({ name, run, clients, used: server.used })
  const signIn = () => {
    const email = `user${anybody()}@example.com`
    const headers = { 'x-rate-key': `anybody ${turn}` }
    return people.client.ask('POST', '/token?grant_type=password', { body: { email, password }, headers })
  }
  return [
    { ...item('sign-in', signIn, 2), warm: 32 },
    item('GET /user', people.user),
    item('list of 50', () => people.list()),
    item('list, page 100 of 5', () => people.list('?page=100&per_page=5')),
    item('by address', () => people.list(`?email=user${anybody()}%40example.com`)),
    item('by a beginning', () => people.list(`?q=user${anybody()}`)),
    item('last to sign in', () => people.list('?order_by=last_sign_in_at')),
    item('banned', () => people.list('?banned=true')),
  ]
}
