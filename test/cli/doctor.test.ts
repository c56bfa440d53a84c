// postern doctor and broken configurations: each is found before, in one line that says what to do; what serve refuses
// doctor refuses, and what doctor alone refuses serve warns of.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { examine } from '../../src/cli/doctor/run-doctor.ts'
import { startServer } from '../../src/cli/start-server.ts'
import { ConfigError, loadConfig } from '../../src/config/load.ts'
import { noTelemetry } from '../../src/operations/telemetry.ts'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type MailSink, startMailSink } from '../support/mail-sink.ts'

const pem = (name: string) => readFileSync(new URL(`../fixtures/certificates/${name}.pem`, import.meta.url))
const portOf = (server: Server): number => Object(server.address()).port
const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return portOf(server)
}

let database: TestDatabase
let mail: MailSink
let closed_port: number
const taken = createServer()
const expired = createTlsServer({ cert: pem('expired'), key: pem('expired-key') })

before(async () => {
  database = await testDatabase()
  mail = await startMailSink()
  const closed = createServer()
  closed_port = await listening(closed)
  await new Promise((resolve) => closed.close(resolve))
  await listening(taken)
  await listening(expired)
})
after(async () => {
  taken.close()
  expired.close()
  await mail.stop()
  await database.drop()
})

type Variables = Record<string, string>

/** A configuration that nothing is wrong with. */
const good = (): Variables => ({
  DATABASE_URL: database.url,
  API_EXTERNAL_URL: 'http://auth.example.test',
  GOTRUE_SITE_URL: 'https://app.example.test',
  GOTRUE_JWT_SECRET: 'Vf3k-9Lq7sYtZ1wXc5Rb8Nm2Pd6Hj4Ga',
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
  GOTRUE_SMTP_HOST: '127.0.0.1',
  GOTRUE_SMTP_PORT: String(mail.port),
  GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.test',
  GOTRUE_API_HOST: '127.0.0.1',
  PORT: '0',
})

/** Without the variables that are set to nothing. */
const variables = (env: Variables): Variables =>
  Object.fromEntries(Object.entries({ ...good(), ...env }).filter(([, value]) => value !== ''))

/** What doctor says. */
const doctor = async (env: Variables): Promise<string[]> =>
  (await examine(variables(env))).flatMap(({ problems }) => problems)

/** Whether the server starts, and what it says of it: the reason, or its warnings. */
async function serve(env: Variables): Promise<{ starts: boolean; says: string }> {
  const warnings: string[] = []
  const log = { debug() {}, info() {}, warn: (_: object, text = '') => void warnings.push(text), error() {} }
  try {
    const loaded = loadConfig(variables(env))
    const server = await startServer(loaded, log, noTelemetry)
    await server.checked
    await server.close()
    return { starts: true, says: warnings.join('\n') }
  } catch (error) {
    if (error instanceof ConfigError) return { starts: false, says: [...error.problems, ...error.unknown].join('\n') }
    return { starts: false, says: error instanceof Error ? error.message : '' }
  }
}

interface Broken {
  what: string
  env: () => Variables
  /** The one problem. */
  says: RegExp
  /** Templates at addresses are fetched for the first mail, and the log warns then. */
  serve: 'refuses' | 'warns' | 'waits for the first mail'
  /** Run as the superuser in a database of its own. */
  sql?: string
}

const key = JSON.stringify([
  { kty: 'oct', kid: 'a', alg: 'HS256', k: 'c29tZSBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcyE', key_ops: ['verify'] },
])
const hook = (uri: string) => ({
  GOTRUE_HOOK_BEFORE_USER_CREATED_ENABLED: 'true',
  GOTRUE_HOOK_BEFORE_USER_CREATED_URI: uri,
})
const at = (change: (url: URL) => void): Variables => {
  const url = new URL(database.url)
  change(url)
  return { DATABASE_URL: url.href }
}

const broken: Broken[] = [
  {
    what: 'keys that are no JSON',
    env: () => ({ GOTRUE_JWT_KEYS: '[{' }),
    says: /^GOTRUE_JWT_KEYS: the value is not JSON$/,
    serve: 'refuses',
  },
  {
    what: 'keys of which none signs',
    env: () => ({ GOTRUE_JWT_KEYS: key }),
    says: /^GOTRUE_JWT_KEYS: no signing key detected$/,
    serve: 'refuses',
  },
  {
    what: 'valid methods without a key',
    env: () => ({ GOTRUE_JWT_VALID_METHODS: 'HS256,RS256' }),
    says: /^GOTRUE_JWT_VALID_METHODS names RS256, for which there is no key; take it out$/,
    serve: 'warns',
  },
  {
    what: 'a published secret',
    env: () => ({ GOTRUE_JWT_SECRET: 'super-secret-jwt-token-with-at-least-32-characters-long' }),
    says: /^GOTRUE_JWT_SECRET holds a published example/,
    serve: 'warns',
  },
  {
    what: 'a secret that is too short',
    env: () => ({ GOTRUE_JWT_SECRET: 'Vf3k-9Lq7sYtZ1w' }),
    says: /^GOTRUE_JWT_SECRET is shorter than 32 characters/,
    serve: 'warns',
  },
  {
    what: 'a port of mail that is none',
    env: () => ({ GOTRUE_SMTP_PORT: '99999' }),
    says: /^GOTRUE_SMTP_PORT must be a port, 1 to 65535$/,
    serve: 'refuses',
  },
  {
    what: 'a level of the log that is none',
    env: () => ({ GOTRUE_LOG_LEVEL: 'loud' }),
    says: /^GOTRUE_LOG_LEVEL must be trace or debug or/,
    serve: 'refuses',
  },
  {
    what: 'a negative length',
    env: () => ({ GOTRUE_PASSWORD_MIN_LENGTH: '-8' }),
    says: /^GOTRUE_PASSWORD_MIN_LENGTH must not be negative$/,
    serve: 'refuses',
  },
  {
    what: 'a log file in a missing folder',
    env: () => ({ GOTRUE_LOG_FILE: '/nowhere/at/all/postern.log' }),
    says: /^GOTRUE_LOG_FILE cannot be written: /,
    serve: 'refuses',
  },
  {
    what: 'no audience',
    env: () => ({ GOTRUE_JWT_AUD: '' }),
    says: /^GOTRUE_JWT_AUD is not set: .*; set authenticated$/,
    serve: 'warns',
  },
  {
    what: 'no role of accounts',
    env: () => ({ GOTRUE_JWT_DEFAULT_GROUP_NAME: '' }),
    says: /^GOTRUE_JWT_DEFAULT_GROUP_NAME is not set: .*; set authenticated$/,
    serve: 'warns',
  },
  {
    what: 'a provider without secret',
    env: () => ({ GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true', GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'a' }),
    says: /^GOTRUE_EXTERNAL_GITHUB_SECRET not set: each sign-in with github fails$/,
    serve: 'warns',
  },
  {
    what: 'a provider at an address where nothing is',
    env: () => ({
      GOTRUE_EXTERNAL_KEYCLOAK_ENABLED: 'true',
      GOTRUE_EXTERNAL_KEYCLOAK_CLIENT_ID: 'a',
      GOTRUE_EXTERNAL_KEYCLOAK_SECRET: 'b',
      GOTRUE_EXTERNAL_KEYCLOAK_URL: `http://127.0.0.1:${closed_port}/realms/a`,
    }),
    says: /^GOTRUE_EXTERNAL_KEYCLOAK_URL: nothing listens there/,
    serve: 'warns',
  },
  {
    what: 'a sender without credentials',
    env: () => ({
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_PROVIDER: 'twilio',
      GOTRUE_SMS_TWILIO_ACCOUNT_SID: 'AC1',
    }),
    says: /^GOTRUE_SMS_TWILIO_AUTH_TOKEN, GOTRUE_SMS_TWILIO_MESSAGE_SERVICE_SID not set: twilio cannot/,
    serve: 'warns',
  },
  {
    what: 'a mail server that is down',
    env: () => ({ GOTRUE_SMTP_PORT: String(closed_port) }),
    says: /^GOTRUE_SMTP_HOST, GOTRUE_SMTP_PORT: nothing listens there/,
    serve: 'warns',
  },
  {
    what: 'a hook whose function is missing',
    env: () => hook('pg-functions://postgres/public/nothing'),
    says: /^GOTRUE_HOOK_BEFORE_USER_CREATED_URI: function public\.nothing\(jsonb\) does not exist$/,
    serve: 'warns',
  },
  {
    what: 'a hook where nothing listens',
    env: () => hook(`http://127.0.0.1:${closed_port}/hook`),
    says: /^GOTRUE_HOOK_BEFORE_USER_CREATED_URI: nothing listens there/,
    serve: 'warns',
  },
  {
    what: 'a hook whose certificate has expired',
    env: () => ({
      ...hook(`https://127.0.0.1:${portOf(expired)}/`),
    }),
    says: /^GOTRUE_HOOK_BEFORE_USER_CREATED_URI: its certificate has expired: renew it there$/,
    serve: 'warns',
  },
  {
    what: 'a template that nobody serves',
    env: () => ({ GOTRUE_MAILER_TEMPLATES_RECOVERY: `http://127.0.0.1:${closed_port}/mail.html` }),
    says: /^GOTRUE_MAILER_TEMPLATES_RECOVERY: the template cannot be read, .*nothing listens there/,
    serve: 'waits for the first mail',
  },
  {
    what: 'a folder of templates that is not there',
    env: () => ({ POSTERN_MAILER_TEMPLATES_DIR: '/nonexistent/templates' }),
    says: /^POSTERN_MAILER_TEMPLATES_DIR: the folder cannot be read; /,
    serve: 'warns',
  },
  {
    what: 'a subject that is no template',
    env: () => ({ GOTRUE_MAILER_SUBJECTS_INVITE: 'Hello {{ .Email' }),
    says: /^GOTRUE_MAILER_SUBJECTS_INVITE: the template cannot be used: /,
    serve: 'warns',
  },
  {
    what: 'Redis that is down',
    env: () => ({ POSTERN_RATE_LIMIT_STORE: 'redis', POSTERN_REDIS_URL: `redis://127.0.0.1:${closed_port}` }),
    says: /^POSTERN_REDIS_URL: nothing listens there/,
    serve: 'warns',
  },
  {
    what: 'a port that is taken',
    env: () => ({ PORT: String(portOf(taken)) }),
    says: /^port \d+ is taken by another program: end it, or set another with PORT or --port$/,
    serve: 'refuses',
  },
  {
    what: "a name of Supabase's compose file",
    env: () => ({ GOTRUE_SITE_URL: '', SITE_URL: 'https://app.example.test' }),
    says: /^SITE_URL is a name of Supabase's compose file; this server reads GOTRUE_SITE_URL$/,
    serve: 'refuses',
  },
  {
    what: 'a password of the database that is wrong',
    env: () =>
      at((url) => {
        url.password = 'hunter2-hunter2'
      }),
    says: /^DATABASE_URL: the password is wrong/,
    serve: 'refuses',
  },
  {
    what: 'half a password read as the host',
    env: () => ({ DATABASE_URL: 'postgres://auth:pa@ss#w/ord@127.0.0.1:5432/postgres' }),
    says: /^DATABASE_URL: .*must be percent-encoded/,
    serve: 'refuses',
  },
  {
    what: 'a host of the database that is not found',
    env: () =>
      at((url) => {
        url.hostname = 'ss-w.invalid'
      }),
    says: /^DATABASE_URL: its host cannot be (found|looked up)/,
    serve: 'refuses',
  },
  {
    what: 'a database where nothing listens, named by its other variable',
    env: () => ({ DATABASE_URL: '', GOTRUE_DB_DATABASE_URL: `postgres://a:b@127.0.0.1:${closed_port}/c` }),
    says: /^GOTRUE_DB_DATABASE_URL: nothing listens there/,
    serve: 'refuses',
  },
  {
    what: 'a database that does not exist',
    env: () =>
      at((url) => {
        url.pathname = '/nothing_there'
      }),
    says: /^DATABASE_URL: there is no database of that name/,
    serve: 'refuses',
  },
  {
    what: 'TLS that the database does not speak',
    env: () => at((url) => url.searchParams.set('sslmode', 'require')),
    says: /^DATABASE_URL: it speaks no TLS/,
    serve: 'refuses',
  },
  {
    what: 'more connections than the database has',
    env: () => ({ GOTRUE_DB_MAX_POOL_SIZE: '5000' }),
    says: /^GOTRUE_DB_MAX_POOL_SIZE is 5000, but the database has \d+ connections/,
    serve: 'warns',
  },
  {
    what: 'tables that the role may not write',
    env: () => ({}),
    sql: 'alter table auth.users owner to postgres; grant select on auth.users to supabase_auth_admin',
    says: /^DATABASE_URL: the role supabase_auth_admin cannot use auth\.users, and requests fail; as a superuser run: alter table auth\.users owner to supabase_auth_admin;$/,
    serve: 'warns',
  },
  {
    what: 'a sequence that the role may not use',
    env: () => ({}),
    sql: 'revoke all on sequence auth.refresh_tokens_id_seq from supabase_auth_admin',
    says: /^DATABASE_URL: the role supabase_auth_admin may not use auth\.refresh_tokens_id_seq; as a superuser run: grant usage, select on all sequences in schema auth/,
    serve: 'warns',
  },
  {
    what: 'rows that row-level security hides from the role',
    env: () => ({}),
    sql: 'alter table auth.users owner to postgres; grant all on auth.users to supabase_auth_admin; alter table auth.users enable row level security',
    says: /^DATABASE_URL: the role supabase_auth_admin cannot use auth\.users, and requests fail; as a superuser run: alter table auth\.users owner to supabase_auth_admin;$/,
    serve: 'warns',
  },
  {
    what: 'a schema that the role may not use',
    env: () => ({}),
    sql: 'alter schema postern owner to postgres; revoke all on schema postern from supabase_auth_admin',
    says: /^DATABASE_URL: the role supabase_auth_admin may not use schema postern; as a superuser run: grant usage, create on schema postern/,
    serve: 'refuses',
  },
]

describe('a broken configuration is found before, in one line', () => {
  for (const { what, env, says, serve: does, sql } of broken)
    test(`${what}: serve ${does}`, async () => {
      const own = sql === undefined ? null : await testDatabase()
      try {
        if (own && sql !== undefined) {
          const admin = openPostgres({ url: own.admin_url, namespace: 'auth', max: 1 })
          await admin.script(sql).finally(() => admin.close())
        }
        const given = { ...(own && { DATABASE_URL: own.url }), ...env() }
        const problems = await doctor(given)
        const [found = '', ...more] = problems.filter((problem) => says.test(problem))
        assert.ok(found !== '', problems.join('\n'))
        assert.deepEqual(more, [])
        // A migration is due where the table of migrations cannot be read, and a missing name is told beside its hint.
        assert.deepEqual(
          problems.filter((problem) => problem !== found && !/^schemas |is required/.test(problem)),
          [],
        )
        assert.ok(!/\n/.test(found) && !/hunter2|ss#w|ss-w/.test(found), found)
        const server = await serve(given)
        assert.equal(server.starts, does !== 'refuses', server.says)
        if (does !== 'waits for the first mail') assert.match(server.says, new RegExp(says.source, 'm'))
        assert.doesNotMatch(server.says, /hunter2|ss#w/)
      } finally {
        await own?.drop()
      }
    })
})
