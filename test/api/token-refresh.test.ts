// POST /token?grant_type=refresh_token: the session goes on with another pair of tokens.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer

before(async () => {
  server = await startTestServer({ env: { POSTERN_RATE_LIMIT_STORE: 'memory' } })
})
after(() => server.close())

const refresh = (refresh_token: unknown) =>
  server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
const claimsOf = (token: unknown) =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

test('the next pair is of the same session and the same way to sign in; the token before is spent', async () => {
  const first = await server.user()
  const { status, body } = await refresh(first.refresh_token)
  assert.equal(status, 200)
  assert.notEqual(body.refresh_token, first.refresh_token)
  const [before, now] = [claimsOf(first.access_token), claimsOf(body.access_token)]
  assert.deepEqual([now.session_id, now.sub, now.amr], [before.session_id, before.sub, before.amr])
  const tokens = await server.sql(
    'select token, parent, revoked from auth.refresh_tokens where user_id = $1 order by id',
    [first.user.id],
  )
  assert.deepEqual(tokens, [
    { token: first.refresh_token, parent: null, revoked: true },
    { token: body.refresh_token, parent: first.refresh_token, revoked: false },
  ])
})

test('the next token tells what has become of the account meanwhile', async () => {
  const { user, refresh_token } = await server.user()
  await server.request('PUT', `/admin/users/${user.id}`, {
    as: 'service_role',
    body: { app_metadata: { plan: 'large' } },
  })
  const { body } = await refresh(refresh_token)
  assert.equal(Object(claimsOf(body.access_token).app_metadata).plan, 'large')
  assert.equal(Object(Object(body.user).app_metadata).plan, 'large')
})

test('a refresh takes two round trips', async () => {
  let { refresh_token } = await server.user()
  const trips = await server.countRoundTrips(async () => {
    const response = await refresh(refresh_token)
    refresh_token = String(response.body.refresh_token)
    return response
  })
  assert.equal(trips, 2)
})
