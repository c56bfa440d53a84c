// POST /token?grant_type=password: what a password sign-in leaves, and what it costs.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer({ env: { POSTERN_RATE_LIMIT_STORE: 'memory' } })
})
after(() => server.close())

const signIn = (body: object) => server.request('POST', '/token?grant_type=password', { body })

test('each sign-in opens a session of its own, whose token tells how', async () => {
  const { user } = await server.user({ password })
  const { status, body } = await signIn({ email: user.email.toUpperCase(), password })
  assert.equal(status, 200)
  const claims = JSON.parse(Buffer.from(String(body.access_token).split('.')[1] ?? '', 'base64url').toString())
  assert.deepEqual([claims.sub, claims.aal, claims.amr[0].method], [user.id, 'aal1', 'password'])
  const sessions = await server.sql<{ id: string }>('select id from auth.sessions where user_id = $1', [user.id])
  assert.equal(sessions.length, 2)
  assert.ok(sessions.some(({ id }) => id === claims.session_id))
})

test('a wrong password opens no session and does not tell whether the address is known', async () => {
  const { user } = await server.user({ password })
  const known = await signIn({ email: user.email, password: 'wrong' })
  const unknown = await signIn({ email: 'nobody-here@example.com', password: 'wrong' })
  assert.deepEqual([known.status, known.body], [unknown.status, unknown.body])
  assert.equal(known.body.error_code, 'invalid_credentials')
  assert.equal((await server.sql('select id from auth.sessions where user_id = $1', [user.id])).length, 1)
})

test('a password sign-in takes four round trips', async () => {
  const { user } = await server.user({ password })
  assert.equal(await server.countRoundTrips(() => signIn({ email: user.email, password })), 4)
})
