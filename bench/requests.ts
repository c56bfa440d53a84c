// npm run bench: requests/s, latency and processor time of the four main requests, beside what bounds them.
import { availableParallelism, cpus } from 'node:os'
import { hash, verify } from '@node-rs/bcrypt'
import { startBenchServer } from './support/bench-server.ts'

const clients = 16
const seconds = Number(process.argv[3] ?? 8)
const password = 'correct horse battery staple'

interface Row {
  what: string
  per_s: number
  p50_ms: number
  p99_ms: number
  server_us: number
  postgres_us: number
}

const quantile = (sorted: number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0

/** Runs one request by so many clients at once for a time, after a warm-up. */
async function measure(
  what: string,
  request: (client: number, turn: number) => Promise<void>,
  options: { clients?: number; seconds?: number } = {},
): Promise<Row> {
  const times: number[] = []
  const run = async (for_ms: number, keep: boolean) => {
    const end = performance.now() + for_ms
    await Promise.all(
      Array.from({ length: options.clients ?? clients }, async (_, client) => {
        for (let turn = 0; performance.now() < end; turn++) {
          const started = performance.now()
          await request(client, turn)
          if (keep) times.push(performance.now() - started)
        }
      }),
    )
  }
  await run(1000, false)
  const before = server.used()
  const started = performance.now()
  await run((options.seconds ?? seconds) * 1000, true)
  const took_s = (performance.now() - started) / 1000
  const after = server.used()
  times.sort((a, b) => a - b)
  return {
    what,
    per_s: times.length / took_s,
    p50_ms: quantile(times, 0.5),
    p99_ms: quantile(times, 0.99),
    server_us: (after.server - before.server) / times.length,
    postgres_us: (after.database - before.database) / times.length,
  }
}

function print(row: Row): void {
  const cells = [
    row.what.padEnd(44),
    row.per_s.toFixed(0).padStart(9),
    row.p50_ms.toFixed(2).padStart(9),
    row.p99_ms.toFixed(2).padStart(9),
    row.server_us.toFixed(0).padStart(11),
    row.postgres_us.toFixed(0).padStart(13),
  ]
  console.log(cells.join(' '))
}

const server = await startBenchServer({ connections: clients })
const { sql } = server
const origin = `http://127.0.0.1:${server.port}`
try {
  let rateKey = 0
  const call = async (method: string, path: string, body: unknown, token?: string) => {
    const response = await fetch(origin + path, {
      method,
      headers: {
        'content-type': 'application/json',
        'x-rate-key': String(rateKey++),
        ...(token && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as Record<string, string>
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  const memoryAtStart = server.memory()
  const users = await Promise.all(
    Array.from({ length: clients }, (_, i) => call('POST', '/signup', { email: `bench${i}@example.com`, password })),
  )
  console.log(
    `${cpus()[0]?.model ?? 'processor'}, ${availableParallelism()} cores, Node ${process.version}, ${clients} clients, ${seconds} s each`,
  )
  console.log(
    `${'what'.padEnd(44)} ${'per s'.padStart(9)} ${'p50 ms'.padStart(9)} ${'p99 ms'.padStart(9)} ${'server µs'.padStart(11)} ${'postgres µs'.padStart(13)}`,
  )
  print(
    await measure('bound: prepared select, same driver, in here', async () => {
      await sql`select id, email from auth.users where id = ${users[0]?.user ? Object(users[0].user).id : null}`
    }),
  )
  print(
    await measure('GET /user', async (client) => {
      await call('GET', '/user', undefined, users[client]?.access_token)
    }),
  )
  const tokens = users.map((user) => user.refresh_token ?? '')
  print(
    await measure('POST /token refresh', async (client) => {
      tokens[client] =
        (await call('POST', '/token?grant_type=refresh_token', { refresh_token: tokens[client] })).refresh_token ?? ''
    }),
  )
  const stored = await hash(password, { cost: 10 })
  const bare = await measure(
    'bound: bare bcrypt verify, all cores, in here',
    async () => {
      await verify(password, stored)
    },
    { clients: availableParallelism() },
  )
  print(bare)
  const signIn = await measure('POST /token password', async (client, turn) => {
    // Budgets are by address: sign-ins that succeed give theirs back.
    await call('POST', '/token?grant_type=password', {
      email: `bench${(client + turn) % clients}@example.com`,
      password,
    })
  })
  print(signIn)
  let next = 0
  print(
    await measure('POST /signup', async () => {
      await call('POST', '/signup', { email: `new${next++}@example.com`, password })
    }),
  )
  let hashing = true
  const load = Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (hashing)
        await call('POST', '/token?grant_type=password', { email: `bench${client}@example.com`, password })
    }),
  )
  print(
    await measure(
      `GET /user while ${clients} sign-ins hash`,
      async (client) => {
        await call('GET', '/user', undefined, users[client]?.access_token)
      },
      { clients: 4 },
    ),
  )
  hashing = false
  await load
  console.log(`password sign-in is ${((100 * signIn.per_s) / bare.per_s).toFixed(0)} % of bare bcrypt`)
  let sent = 0
  await Promise.all(
    users.map(async (user) => {
      while (sent++ < 100_000) await call('GET', '/user', undefined, user.access_token)
    }),
  )
  console.log(
    `memory of the server: ${memoryAtStart.toFixed(0)} MB after start, ${server.memory().toFixed(0)} MB after 100,000 more requests`,
  )
} finally {
  await server.close()
}
