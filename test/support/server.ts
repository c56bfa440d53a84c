// A server inside the test process: the real thing on a database of its own, without a socket.

import { AsyncLocalStorage } from 'node:async_hooks'
import { type Auth, composeAuth } from '../../src/auth.ts'
import { loadConfig } from '../../src/config/load.ts'
import { signAtOnce } from '../../src/crypto/jwt.ts'
import { loadKeys } from '../../src/crypto/keys.ts'
import type { Route } from '../../src/http/route.ts'
import type { Logger } from '../../src/log.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type MailSink, type SunkMail, startMailSink } from './mail-sink.ts'

/** Holds answers against the OpenAPI document where test/long/described-answers.test.ts asks for it. */
const problemsOf = process.env.POSTERN_TEST_DESCRIBED ? (await import('./described-api.ts')).publishedApi() : null

/** Secret of the tokens of test servers. */
export const jwtSecret = 'test-secret-with-at-least-32-characters'

/** An answer, with its body parsed when it is JSON. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  body: Record<string, unknown>
  location: string | null
}

/** Parts of a request; `as` signs with an API key of that role. */
export interface RequestOptions {
  body?: unknown
  raw?: string
  form?: Record<string, string>
  token?: string
  as?: 'anon' | 'service_role'
  headers?: Record<string, string>
  address?: string
}

/** A person with a session. */
export interface SignedIn {
  access_token: string
  refresh_token: string
  user: { id: string; email: string; [name: string]: unknown }
}

/** A running server. */
export interface TestServer {
  auth: Auth
  database: TestDatabase
  mail: MailSink
  log: Record<string, unknown>[]
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>
  sql<Row = Record<string, unknown>>(text: string, params?: (string | number | boolean | null)[]): Promise<Row[]>
  nextMail(to: string, subject?: string): Promise<SunkMail>
  user(attributes?: { email?: string; password?: string; [name: string]: unknown }): Promise<SignedIn>
  /**
   * Round trips of a request that can be repeated: run until connections are open and statements prepared, then counted a
   * few times. What timers do meanwhile does not count. The middle one is its own: more is what was left to be done behind
   * answers, less is what a timer was doing already, such as looking for mail.
   */
  countRoundTrips(work: (turn: number) => Promise<unknown>): Promise<number>
  close(): Promise<void>
}

const warmUps = 6

/** Asks again, ten times at most, while all cores are busy with hashes, as the 503 says. */
export async function untilFree(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await ask()
    if (answer.status !== 503 || tries === 10) return answer
  }
}

/** Claims signed with the server's secret; `exp` in an hour unless given. */
export function mint(claims: Record<string, unknown>): string {
  const keys = loadKeys({ secret: jwtSecret, key_id: '', keys_json: '', valid_methods: [] })
  const iat = Math.floor(Date.now() / 1000)
  return signAtOnce({ iat, exp: iat + 3600, ...claims }, keys.signing)
}

/** The claims of a token, unchecked. */
export const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

const environment = (smtp_port: number): Record<string, string> => ({
  API_EXTERNAL_URL: 'http://auth.example.test',
  GOTRUE_SITE_URL: 'http://site.example',
  GOTRUE_URI_ALLOW_LIST: 'http://localhost:3000,https://app.example/**',
  GOTRUE_JWT_SECRET: jwtSecret,
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
  GOTRUE_JWT_ADMIN_ROLES: 'service_role',
  GOTRUE_SMTP_HOST: '127.0.0.1',
  GOTRUE_SMTP_PORT: String(smtp_port),
  GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.test',
  GOTRUE_SMTP_MAX_FREQUENCY: '1ns',
  GOTRUE_RATE_LIMIT_EMAIL_SENT: '100000',
})

/** Starts a server; `database` shares one between two servers. */
export async function startTestServer(
  options: {
    env?: Record<string, string>
    database?: TestDatabase
    fetch?: typeof globalThis.fetch
    now?: () => number
    pool?: number
    mail?: MailSink
    /** Cost of bcrypt; the 10 of a server in use where its time is compared. */
    hash_cost?: number
    /** Endpoints that a server has only within its own process. */
    more_routes?: readonly Route[]
  } = {},
): Promise<TestServer> {
  let trips = 0
  const counted = new AsyncLocalStorage<true>()
  const countTrip = () => {
    if (counted.getStore()) trips++
  }
  const pool = { onRoundTrip: countTrip, ...(options.pool && { max: options.pool }) }
  const database = options.database ?? (await testDatabase({ pool }))
  const mail = options.mail ?? (await startMailSink())
  const log: Record<string, unknown>[] = []
  const keep = (level: string) => (fields: object, message?: string) => void log.push({ level, ...fields, message })
  const logger: Logger = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }
  const env = { DATABASE_URL: database.url, ...environment(mail.port), ...options.env }
  const parts = {
    db: database.db,
    log: logger,
    ...(options.fetch && { fetch: options.fetch }),
    ...(options.now && { now: options.now }),
  }
  const loaded = loadConfig(env)
  for (const warning of loaded.warnings) logger.warn({}, warning)
  const auth = composeAuth({
    ...parts,
    config: loaded.config,
    loaded,
    hash_cost: options.hash_cost ?? 4,
    ...(options.more_routes && { more_routes: options.more_routes }),
  })
  let addresses = 0

  async function request(method: string, path: string, given: RequestOptions = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...given.headers }
    let body: string | undefined
    if (given.raw !== undefined) body = given.raw
    else if (given.form) body = new URLSearchParams(given.form).toString()
    else if (given.body !== undefined) body = JSON.stringify(given.body)
    if (body !== undefined)
      headers['content-type'] ??= given.form ? 'application/x-www-form-urlencoded' : 'application/json'
    const token = given.as ? mint({ role: given.as }) : given.token
    if (token !== undefined) headers.authorization = `Bearer ${token}`
    // Every request comes from an address of its own, unless a test is about limits.
    const client_address =
      given.address ?? `10.${(++addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`
    const response = await auth.fetch(
      new Request(`http://auth.example.test${path}`, { method, headers, ...(body !== undefined && { body }) }),
      { client_address },
    )
    const text = await response.text()
    const problems = problemsOf?.({
      method,
      path,
      request_type: headers['content-type'] ?? '',
      request_body: body ?? '',
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      body: text,
      location: response.headers.get('location'),
    })
    if (problems?.length) throw new Error(`not as docs/openapi.json says: ${problems.join('; ')}`)
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: parse(text),
      location: response.headers.get('location'),
    }
  }

  let people = 0
  async function user(
    attributes: { email?: string; password?: string; [name: string]: unknown } = {},
  ): Promise<SignedIn> {
    const email = attributes.email ?? `person${++people}@example.com`
    const password = attributes.password ?? 'correct horse battery staple'
    const body = { email_confirm: true, ...attributes, email, password }
    const made = await untilFree(() => request('POST', '/admin/users', { as: 'service_role', body }))
    if (made.status !== 200) throw new Error(`no account: ${made.status} ${made.text}`)
    const session = await untilFree(() => request('POST', '/token?grant_type=password', { body: { email, password } }))
    if (session.status !== 200) throw new Error(`no session: ${session.status} ${session.text}`)
    return session.body as unknown as SignedIn
  }

  return {
    auth,
    database,
    mail,
    log,
    request,
    user,
    sql: (text, params) => database.db.query(text, params),
    nextMail: (to, subject) => mail.next(to, subject),
    async countRoundTrips(work) {
      const counts: number[] = []
      for (let turn = 0; turn < warmUps + 5; turn++) {
        await auth.idle()
        const before = trips
        await counted.run(true, () => work(turn))
        if (turn >= warmUps) counts.push(trips - before)
      }
      return counts.sort((a, b) => a - b)[2] ?? 0
    },
    async close() {
      await auth.close()
      if (!options.database) await database.drop()
      if (!options.mail) await mail.stop()
    },
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
