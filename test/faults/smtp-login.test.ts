// A mail server that asks for the password without TLS gets none (security REV-17).
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { SMTPServer } from 'smtp-server'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { startCommand, startServe, until } from '../support/process.ts'
import { jwtSecret } from '../support/server.ts'

const logins: string[] = []
const arrived: string[] = []
const plain = new SMTPServer({
  disabledCommands: ['STARTTLS'],
  authMethods: ['PLAIN', 'LOGIN'],
  onAuth: (auth, _session, done) => {
    logins.push(String(auth.password))
    done(null, { user: 'any' })
  },
  onData(stream, session, done) {
    stream.resume()
    stream.on('end', () => {
      arrived.push(...session.envelope.rcptTo.map(({ address }) => address))
      done()
    })
  },
})
let database: TestDatabase
let env: Record<string, string>

before(async () => {
  plain.on('error', () => {})
  plain.listen(0, '127.0.0.1')
  await once(plain.server, 'listening')
  database = await testDatabase()
  env = {
    DATABASE_URL: database.url,
    API_EXTERNAL_URL: 'http://auth.example.test',
    GOTRUE_SITE_URL: 'http://site.example',
    GOTRUE_JWT_SECRET: jwtSecret,
    // It leads to this machine, but not by a name that says so: to the server it is any host.
    GOTRUE_SMTP_HOST: '0.0.0.0',
    GOTRUE_SMTP_PORT: String(Object(plain.server.address()).port),
    GOTRUE_SMTP_USER: 'postern',
    GOTRUE_SMTP_PASS: 'the password',
    GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.test',
  }
})
after(async () => {
  await new Promise<void>((done) => plain.close(() => done()))
  await database.drop()
})

const signUp = async (more: Record<string, string>, seen: () => boolean, email: string) => {
  const server = await startServe({ ...env, ...more })
  try {
    const body = JSON.stringify({ email, password: 'correct horse battery staple' })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${server.url}/signup`, { method: 'POST', headers, body })
    assert.equal(answer.status, 200, await answer.text())
    await until('the mail server was tried', () => seen() || /POSTERN_SMTP_INSECURE/.test(server.output()))
    return server.output()
  } finally {
    await server.stop()
  }
}

test('REV-17 the mail waits, the log says why, and no credentials go out in clear', async () => {
  const output = await signUp({}, () => arrived.length > 0, 'waits@example.com')
  assert.match(output, /offers no TLS/)
  assert.doesNotMatch(output, /the password"/)
  assert.deepEqual([logins, arrived], [[], []])
  const rows = await database.db.query('select recipient from postern.outbox')
  assert.deepEqual(rows, [{ recipient: 'waits@example.com' }])
})

test('REV-17 doctor says why', async () => {
  const { output, ended } = startCommand(['doctor'], env)
  assert.equal(await ended, 1)
  assert.match(output(), /mail.*offers no TLS.*POSTERN_SMTP_INSECURE/)
  assert.deepEqual(logins, [])
})

test('REV-17 who wants it all the same says so, and the mail that waited goes too; loopback needs nothing', async () => {
  await database.db.query('update postern.outbox set next_attempt_at = now(), locked_until = null')
  await signUp({ POSTERN_SMTP_INSECURE: 'true' }, () => arrived.length >= 2, 'wanted@example.com')
  assert.deepEqual(arrived.sort(), ['waits@example.com', 'wanted@example.com'])
  assert.equal(logins[0], 'the password')
  await signUp({ GOTRUE_SMTP_HOST: '127.0.0.1' }, () => arrived.length >= 3, 'near@example.com')
  assert.ok(arrived.includes('near@example.com'))
})
