// npm run bench -- better-auth: sign-in and reading a session, beside the library that a TypeScript project would take instead.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Bench } from './support/bench.ts'
import { benchClient } from './support/bench-client.ts'
import { type Found, rounded } from './support/found.ts'
import { connections, type Item, measureInTurns } from './support/in-turns.ts'
import { password, signUpPeople } from './support/people.ts'
import type { Started } from './support/start-process.ts'

const program = fileURLToPath(new URL('support/better-auth-server.ts', import.meta.url))

/** Installs its newest version for the purpose, and compares both on databases of one PostgreSQL. */
export async function betterAuth(bench: Bench): Promise<Found> {
  const folder = await bench.folder()
  bench.say('  installing better-auth')
  const packages = ['better-auth@latest', 'pg@latest']
  const arguments_ = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', ...packages]
  await promisify(execFile)('npm', arguments_, { cwd: folder, timeout: 300_000 })
  const { version } = JSON.parse(await readFile(join(folder, 'node_modules/better-auth/package.json'), 'utf8'))
  const ours = await bench.serve(await bench.database())
  const people = await signUpPeople(ours.port)
  const theirs: Started[] = []
  const servers: { name: string; server: Started; items: Item[] }[] = [
    {
      name: 'Postern',
      server: ours,
      items: [
        { name: 'session, Postern', run: people.user, used: ours.used },
        { name: 'sign-in, Postern (bcrypt)', run: people.signIn, used: ours.used, warm: 32 },
      ],
    },
  ]
  for (const hash of ['scrypt', 'bcrypt']) {
    const server = await startTheirs(bench, folder, hash)
    theirs.push(server)
    servers.push({ name: `better-auth (${hash})`, server, items: await itemsOf(server, hash) })
  }
  try {
    const found = await measureInTurns(
      [0, 1].flatMap((n) => servers.flatMap(({ items }) => items.slice(n, n + 1))),
      bench,
    )
    const resident = servers.map(({ name, server }) => `${name} ${Math.round(server.memory().now)} MB`).join(', ')
    return {
      columns: ['request', 'server µs', 'PostgreSQL µs', 'a second', 'p50 ms', 'p99 ms'],
      rows: found.map((row) => [
        row.name,
        ...[row.server_us, row.database_us, row.per_s, row.p50_ms, row.p99_ms].map(rounded),
      ]),
      how: `better-auth ${version} on node:http with \`pg\`, ten connections as Postern has, its rate limits and telemetry off, everything else as it comes; both read the session from the database each time (better-auth’s cache in the cookie is off by default). Its passwords are hashed by scrypt (N 16,384, r 16, p 1), Postern’s by bcrypt of cost 10, so that their sign-ins are no pair; in the last row better-auth was given Postern’s bcrypt. ${connections} connections, medians of ${bench.rounds} rounds in turns. Resident at the end: ${resident}.`,
      panel: {
        title: `Reading a session: Postern and better-auth ${version}`,
        unit: 'µs of the processor',
        parts: ['server', 'PostgreSQL'],
        bars: found
          .filter(({ name }) => name.startsWith('session'))
          .map(({ name, server_us, database_us }) => ({ name, values: [server_us, database_us].map(rounded) })),
      },
    }
  } finally {
    for (const server of [ours, ...theirs]) await server.close()
  }
}

async function startTheirs(bench: Bench, folder: string, hash: string): Promise<Started> {
  const { admin_url } = await bench.database()
  return bench.start((port) => ({
    command: [process.execPath, program, folder, hash],
    env: { NODE_ENV: 'production', DATABASE_URL: admin_url, PORT: String(port), BETTER_AUTH_TELEMETRY: '0' },
    health: '/health',
  }))
}

async function itemsOf(server: Started, hash: string): Promise<Item[]> {
  const { ask } = benchClient(server.port, connections)
  const origin = `http://127.0.0.1:${server.port}`
  const cookies: string[] = []
  for (let n = 0; n < connections; n++) {
    const response = await fetch(`${origin}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ email: `person${n}@example.com`, password, name: `Person ${n}` }),
    })
    if (!response.ok) throw new Error(`better-auth: ${response.status} ${await response.text()}`)
    cookies.push(
      response.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    )
  }
  const session = async (client: number) => {
    const answer = await ask('GET', '/api/auth/get-session', { headers: { cookie: cookies[client] ?? '' } })
    if (!Reflect.get(answer, 'user')) throw new Error('better-auth does not know its own session')
  }
  const signIn = (client: number) =>
    ask('POST', '/api/auth/sign-in/email', {
      body: { email: `person${client}@example.com`, password },
      headers: { origin },
    })
  return [
    { name: `session, better-auth (${hash})`, run: session, used: server.used },
    { name: `sign-in, better-auth (${hash})`, run: signIn, used: server.used, warm: 32 },
  ]
}
