// REV-19: where encryption at rest is on, no hash of a password is ever written in clear.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { refusal } from '../support/cases.ts'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
const key = randomBytes(32).toString('base64url')
let server: TestServer

before(async () => {
  server = await startTestServer({
    env: {
      GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPT: 'true',
      GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY_ID: 'k1',
      GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY: key,
      GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS: `k1:${key}`,
    },
  })
})
after(() => server.close())

const as = 'service_role' as const
const hash = '$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5B0a9pWPMPjWYAfVN2qmhcMBeVDPG'

test('REV-19 sign-ups, administrators’ accounts and pending credentials are encrypted from the first write', async () => {
  const post = (path: string, body: object) => server.request('POST', path, { as, body })
  for (const email of ['one@example.com', 'one@example.com', 'two@example.com'])
    assert.equal((await server.request('POST', '/signup', { body: { email, password } })).status, 200)
  await server.request('POST', '/otp', { body: { email: 'three@example.com' } })
  await post('/admin/users', { email: 'four@example.com', password })
  await post('/admin/users', { email: 'five@example.com', password_hash: hash, email_confirm: true })
  await post('/admin/users', { email: 'six@example.com' })
  await post('/admin/generate_link', { type: 'signup', email: 'seven@example.com', password })
  await post('/admin/generate_link', { type: 'signup', email: 'two@example.com', password })
  const invited = await post('/invite', { email: 'eight@example.com' })
  assert.equal(invited.status, 200, invited.text)
  const link = new URL(linkOf(await server.nextMail('eight@example.com')))
  assert.match(String((await server.request('GET', `/verify${link.search}`)).location), /access_token=/)
  const rows = await server.sql<{ whose: string; stored: string }>(
    `select email as whose, encrypted_password as stored from auth.users where coalesce(encrypted_password, '') <> ''
      union all select 'pending', encrypted_password from postern.pending_credentials where encrypted_password is not null`,
  )
  assert.ok(rows.length >= 9, String(rows.length))
  for (const { whose, stored } of rows) assert.match(stored, /^\{"key_id":"k1",/, whose)
})

test('REV-19 what was encrypted works: the same password twice, and a hash of an administrator', async () => {
  const email = 'nine@example.com'
  const signUp = () => server.request('POST', '/signup', { body: { email, password } })
  await signUp()
  // A mail that is not sent before the next one replaces it is never sent.
  await server.nextMail(email)
  await signUp()
  const link = new URL(linkOf(await server.nextMail(email)))
  assert.match(String((await server.request('GET', `/verify${link.search}`)).location), /access_token=/)
  const signIn = (body: object) => server.request('POST', '/token?grant_type=password', { body })
  assert.equal(refusal(await signIn({ email, password })), '200 undefined')
})
