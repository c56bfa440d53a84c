// GET /user: the account as the bearer of a token sees it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer

before(async () => {
  server = await startTestServer({ env: { POSTERN_RATE_LIMIT_STORE: 'memory' } })
})
after(() => server.close())

test('GET /user takes one round trip', async () => {
  const { access_token: token } = await server.user()
  assert.equal(await server.countRoundTrips(() => server.request('GET', '/user', { token })), 1)
})
