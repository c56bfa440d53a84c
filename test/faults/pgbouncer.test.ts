// A server behind a pooler that hands each transaction to another session.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { commandEnvironment } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { linkOf, startMailSink } from '../support/mail-sink.ts'
import { type TestPooler, testPooler } from '../support/pgbouncer.ts'
import { startServe } from '../support/process.ts'
import { mint } from '../support/server.ts'

const password = 'correct horse battery staple'
const database: TestDatabase = await testDatabase()
const pooler = await testPooler(database.url)
after(async () => {
  if (typeof pooler !== 'string') await pooler.stop()
  await database.drop()
})

test('FLT-17 the whole story works behind PgBouncer in transaction mode, many at once too', {
  skip: typeof pooler === 'string' ? pooler : false,
}, async () => {
  const mail = await startMailSink()
  const server = await startServe({
    ...commandEnvironment((pooler as TestPooler).url),
    POSTERN_DB_PREPARE: 'false',
    GOTRUE_SMTP_HOST: '127.0.0.1',
    GOTRUE_SMTP_PORT: String(mail.port),
    GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.test',
  })
  const call = async (method: string, path: string, body?: object, token?: string) => {
    const response = await fetch(server.url + path, {
      method,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      location: response.headers.get('location') ?? '',
      body: Object(text && text[0] === '{' ? JSON.parse(text) : {}),
      text,
    }
  }
  try {
    const email = 'pooled@example.com'
    assert.equal((await call('POST', '/signup', { email, password })).status, 200)
    const { pathname, search } = new URL(linkOf(await mail.next(email)))
    assert.match((await call('GET', pathname + search)).location, /access_token=/)
    const session = await call('POST', '/token?grant_type=password', { email, password })
    assert.equal(session.status, 200, session.text)
    const refreshed = await call('POST', '/token?grant_type=refresh_token', {
      refresh_token: session.body.refresh_token,
    })
    assert.equal(refreshed.status, 200, refreshed.text)
    const token = refreshed.body.access_token
    assert.deepEqual((await call('PUT', '/user', { data: { a: 1 } }, token)).body.user_metadata.a, 1)
    const admin = mint({ role: 'service_role' })
    assert.equal((await call('GET', '/admin/users?email=pooled@example.com', undefined, admin)).body.users.length, 1)
    const many = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        i % 2
          ? call('GET', '/user', undefined, token)
          : call('POST', '/admin/users', { email: `pooled${i}@example.com` }, admin),
      ),
    )
    assert.deepEqual([...new Set(many.map(({ status }) => status))], [200])
    assert.equal((await call('POST', '/logout', undefined, token)).status, 204)
    const rows = await database.db.query(
      `select email, (select count(*)::int from auth.sessions) as sessions from auth.users where email = $1`,
      [email],
    )
    assert.deepEqual(rows, [{ email, sessions: 0 }])
  } finally {
    await server.stop()
    await mail.stop()
  }
})
