// Kills and outages: nothing acknowledged is lost, nothing half done stays, and a failure never looks like success.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { commandEnvironment } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { inTime } from '../support/in-time.ts'
import { type MailSink, startMailSink } from '../support/mail-sink.ts'
import { ownPort } from '../support/own-port.ts'
import { type ServerProcess, startServe, until } from '../support/process.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer({ pool: 5 })
})
after(() => server.close())

const environment = (database: TestDatabase, smtp_port: number): Record<string, string> => ({
  ...commandEnvironment(database.url),
  GOTRUE_SMTP_HOST: '127.0.0.1',
  GOTRUE_SMTP_PORT: String(smtp_port),
  GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.test',
})

/** Waits until the sessions of a killed server are over: what was under way in them may be committed until then. */
async function untilAlone({ admin_url }: TestDatabase): Promise<void> {
  const admin = openPostgres({ url: admin_url, namespace: 'auth', max: 1 })
  const others = `select from pg_stat_activity where datname = current_database() and usename = 'supabase_auth_admin'`
  await until('nobody is connected', async () => (await admin.query(others)).length === 0).finally(() => admin.close())
}

const signUp = (process: ServerProcess, email: string) =>
  fetch(`${process.url}/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })

test('killed while sign-ups run and the mail server is down, every acknowledged account is there and gets its mail', async () => {
  const database = await testDatabase()
  const port = await ownPort()
  let sink: MailSink | undefined
  let process = await startServe(environment(database, port))
  try {
    const acknowledged: string[] = []
    const requests = Array.from({ length: 24 }, async (_, i) => {
      const email = `killed${i}@example.com`
      const response = await signUp(process, email).catch(() => null)
      if (response?.status === 200) acknowledged.push(email)
    })
    await until('some sign-ups are acknowledged', () => acknowledged.length >= 6)
    await process.kill()
    await Promise.all(requests)
    await untilAlone(database)
    const stored = await database.db.query<{ email: string; identities: number; tokens: number; mails: number }>(
      `select email, (select count(*)::int from auth.identities i where i.user_id = u.id) as identities,
          (select count(*)::int from auth.one_time_tokens t where t.user_id = u.id) as tokens,
          (select count(*)::int from postern.outbox o where o.user_id = u.id) as mails from auth.users u`,
    )
    for (const email of acknowledged)
      assert.ok(
        stored.some((row) => row.email === email),
        email,
      )
    for (const row of stored) assert.deepEqual(row, { email: row.email, identities: 1, tokens: 1, mails: 1 })
    sink = await startMailSink({ port })
    process = await startServe(environment(database, port))
    const expected = stored.map(({ email }) => email).sort()
    const arrived = () => [...new Set(sink?.mails.flatMap(({ to }) => to))].sort()
    // A lease of the killed process lasts a minute at most; until then its mails wait.
    await database.db.query('update postern.outbox set locked_until = null, next_attempt_at = now()')
    await until('every mail arrives', () => arrived().length === expected.length)
    assert.deepEqual(arrived(), expected)
  } finally {
    await process.stop()
    await sink?.stop()
    await database.drop()
  }
})

test('no mail is sent for what an application refused', async () => {
  await server.database.db.script(`
    create function auth.refuse() returns trigger language plpgsql as $$ begin raise exception 'no more seats'; end $$;
    create trigger refuse after insert on auth.users for each row when (new.email like 'refused%') execute function auth.refuse();`)
  const response = await server.request('POST', '/signup', { body: { email: 'refused@example.com', password } })
  assert.equal(response.status, 500)
  assert.deepEqual(response.body, { code: 'P0001', message: 'no more seats' })
  await server.auth.idle()
  assert.deepEqual(
    server.mail.mails.filter((mail) => mail.to.includes('refused@example.com')),
    [],
  )
  assert.deepEqual(await server.sql("select 1 from postern.outbox where recipient = 'refused@example.com'"), [])
})

test('REF-07 a session that stays locked is 503 with Retry-After, and works again after', {
  timeout: 30_000,
}, async () => {
  const session = await server.user()
  const admin = openPostgres({ url: server.database.admin_url, namespace: 'auth', max: 1 })
  const body = { refresh_token: session.refresh_token }
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let lock: Promise<void> = Promise.resolve()
  await new Promise<void>((locked) => {
    lock = admin.transaction(async (tx) => {
      await tx.query('select from auth.sessions where user_id = $1 for update', [session.user.id])
      locked()
      await released
    })
  })
  const refused = await server.request('POST', '/token?grant_type=refresh_token', { body })
  assert.equal(refused.status, 503, refused.text)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  release()
  await lock
  await admin.close()
  const again = await server.request('POST', '/token?grant_type=refresh_token', { body })
  assert.equal(again.status, 200, again.text)
})

test('FLT-03 connections that the database ends are replaced', async () => {
  const session = await server.user()
  const admin = openPostgres({ url: server.database.admin_url, namespace: 'auth', max: 1 })
  for (let round = 0; round < 3; round++) {
    await admin.query(
      "select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = current_database() and usename = 'supabase_auth_admin'",
    )
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => server.request('GET', '/user', { token: session.access_token })),
    )
    for (const { status } of answers) assert.equal(status, 200)
  }
  await admin.close()
})

test('a database that is gone is 503 with Retry-After everywhere, and the server is ready again after', async () => {
  const session = await server.user()
  const admin = openPostgres({
    url: server.database.admin_url.replace(/\/[^/?]*(\?|$)/, '/postgres$1'),
    namespace: 'auth',
    max: 1,
  })
  const name = new URL(server.database.url).pathname.slice(1)
  const ready = () => server.request('GET', '/health/ready')
  assert.equal((await ready()).status, 200)
  await admin.query(`alter database ${name} with allow_connections false`)
  // Until it is gone, a session answers; one that was about to begin may begin yet.
  const ofServer = `from pg_stat_activity where datname = '${name}'`
  await until('nobody is connected', async () => {
    await admin.query(`select pg_terminate_backend(pid, 60000) ${ofServer}`)
    return (await admin.query(`select ${ofServer}`)).length === 0
  })
  try {
    for (const [method, path, options] of [
      ['GET', '/user', { token: session.access_token }],
      ['POST', '/signup', { body: { email: 'gone@example.com', password } }],
      ['POST', '/token?grant_type=password', { body: { email: 'gone@example.com', password } }],
      ['POST', '/token?grant_type=refresh_token', { body: { refresh_token: session.refresh_token } }],
      ['POST', '/recover', { body: { email: 'gone@example.com' } }],
      ['GET', '/health/ready', {}],
    ] as const) {
      const response = await server.request(method, path, options)
      assert.equal(response.status, 503, `${path}: ${response.text}`)
      assert.ok(Number(response.headers.get('retry-after')) >= 1, path)
      assert.doesNotMatch(response.text, /postgres:\/\/|password|127\.0\.0\.1|allow_connections/)
    }
    const link = await server.request('GET', '/verify?type=signup&token=abc')
    assert.match(link.location ?? '', /error=temporarily_unavailable/)
    assert.equal((await server.request('GET', '/health')).status, 200)
  } finally {
    await admin.query(`alter database ${name} with allow_connections true`)
    await admin.close()
  }
  await until('the server is ready again', async () => (await ready()).status === 200)
  assert.equal((await server.request('GET', '/user', { token: session.access_token })).status, 200)
})

test('FLT-14 a locked table is 503 or 504 within ten seconds, and leaves nothing behind', {
  timeout: 60_000,
}, async () => {
  const admin = openPostgres({ url: server.database.admin_url, namespace: 'auth', max: 1 })
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let lock: Promise<void> = Promise.resolve()
  await new Promise<void>((locked) => {
    lock = admin.transaction(async (tx) => {
      await tx.query('lock table auth.users in access exclusive mode')
      locked()
      await released
    })
  })
  const signedUp = server.request('POST', '/signup', { body: { email: 'locked@example.com', password } })
  const response = await inTime(12_000, signedUp)
  assert.ok([503, 504].includes(response.status), response.text)
  release()
  await lock
  await admin.close()
  assert.deepEqual(await server.sql("select 1 from auth.users where email = 'locked@example.com'"), [])
  assert.equal(
    (await server.request('POST', '/signup', { body: { email: 'locked@example.com', password } })).status,
    200,
  )
})

test('FLT-06 many sign-ins on a small pool all end, and leave no transaction open', { timeout: 60_000 }, async () => {
  const small = await startTestServer({ pool: 2 })
  try {
    const { user } = await small.user({ password })
    const all = await Promise.all(
      Array.from({ length: 60 }, () =>
        small.request('POST', '/token?grant_type=password', { body: { email: user.email, password } }),
      ),
    )
    for (const { status, text } of all) assert.ok(status === 200 || status === 503, text)
    assert.ok(all.some(({ status }) => status === 200))
    // What looks after mails and tables may be between two statements of its own.
    await until('no transaction is open', async () => {
      const open = await server.sql(
        "select 1 from pg_stat_activity where state like 'idle in transaction%' and datname = $1",
        [new URL(small.database.url).pathname.slice(1)],
      )
      return open.length === 0
    })
  } finally {
    await small.close()
  }
})
