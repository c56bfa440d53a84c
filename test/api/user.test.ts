// GET /user: the account as the bearer of a token sees it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { claimsOf, mint, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer

before(async () => {
  server = await startTestServer({ env: { POSTERN_RATE_LIMIT_STORE: 'memory' } })
})
after(() => server.close())

test('GET /user takes one round trip', async () => {
  const { access_token: token } = await server.user()
  assert.equal(await server.countRoundTrips(() => server.request('GET', '/user', { token })), 1)
})

test('people who ask in the same moment get each their own answer, for one round trip', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => server.user()))
  const [first, second] = people
  assert.ok(first && second)
  const ended = await server.user()
  await server.request('POST', '/logout', { token: ended.access_token })
  const claims = claimsOf(first.access_token)
  const gone = mint({ ...claims, sub: '00000000-0000-4000-8000-000000000001' })
  const foreign = mint({ ...claims, session_id: claimsOf(second.access_token).session_id })
  const without = mint({ ...claims, session_id: undefined })
  const ask = (token: string) => server.request('GET', '/user', { token })
  const own = people.map(({ access_token, user }) => ({ token: access_token, told: user.id }))
  const asked = [
    ...own,
    { token: ended.access_token, told: 'session_not_found' },
    { token: gone, told: 'user_not_found' },
    ...own.slice(0, 2),
    { token: foreign, told: 'session_not_found' },
    { token: without, told: first.user.id },
    // More than one statement takes.
    ...own,
    ...own,
  ]
  const answers = await Promise.all(asked.map(({ token }) => ask(token)))
  assert.deepEqual(
    answers.map(({ body }) => body.id ?? body.error_code),
    asked.map(({ told }) => told),
  )
  const [alone] = await Promise.all([ask(first.access_token)])
  assert.deepEqual(alone?.body, answers[0]?.body)
  const trips = await server.countRoundTrips(() => Promise.all(own.map(({ token }) => ask(token))))
  assert.equal(trips, 1)
})
