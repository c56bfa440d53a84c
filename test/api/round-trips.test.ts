// Round trips on the wire are a budget: a flow that needs one more has to say so here.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer({ env: { POSTERN_RATE_LIMIT_STORE: 'memory' } })
})
after(() => server.close())

const counted = (request: (turn: number) => Promise<{ status: number }>): Promise<number> =>
  server.countRoundTrips(async (turn) => {
    const { status } = await request(turn)
    assert.ok(status < 300, `status ${status}`)
  })

test('GET /user takes one round trip', async () => {
  const session = await server.user()
  assert.equal(await counted(() => server.request('GET', '/user', { token: session.access_token })), 1)
})

test('a refresh takes at most three round trips', async () => {
  let { refresh_token } = await server.user()
  const trips = await counted(async () => {
    const response = await server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
    refresh_token = String(response.body.refresh_token)
    return response
  })
  assert.ok(trips <= 3, `${trips} round trips`)
})

test('a password sign-in takes at most four round trips', async () => {
  const { user } = await server.user({ password })
  const body = { email: user.email, password }
  const trips = await counted(() => server.request('POST', '/token?grant_type=password', { body }))
  assert.ok(trips <= 4, `${trips} round trips`)
})

test('a sign-up takes at most six round trips', async () => {
  const trips = await counted((turn) =>
    server.request('POST', '/signup', { body: { email: `trips${turn}@example.com`, password } }),
  )
  assert.ok(trips <= 6, `${trips} round trips`)
})
