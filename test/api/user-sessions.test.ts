// GET and DELETE /user/sessions: sessions that a person can see and end.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

async function twoSessions(email: string) {
  const first = await server.user({ email })
  const second = await server.request('POST', '/token?grant_type=password', {
    body: { email, password },
    headers: { 'user-agent': 'Example/2.0' },
    address: '203.0.113.9',
  })
  return { first, second_token: String(second.body.access_token) }
}

const sessionsOf = async (token: string) =>
  (await server.request('GET', '/user/sessions', { token })).body.sessions as Record<string, unknown>[]

test('a person sees where they are signed in, and which session asks', async () => {
  const { first, second_token } = await twoSessions('sessions1@example.com')
  const sessions = await sessionsOf(second_token)
  assert.equal(sessions.length, 2)
  assert.deepEqual(
    sessions.map(({ is_current }) => is_current),
    [true, false],
  )
  assert.deepEqual(
    [sessions[0]?.user_agent, sessions[0]?.ip, sessions[0]?.methods],
    ['Example/2.0', '203.0.113.9', ['password']],
  )
  assert.deepEqual(
    (await sessionsOf(first.access_token)).map(({ is_current }) => is_current),
    [false, true],
  )
  assert.equal((await server.request('GET', '/user/sessions', {})).status, 401)
})

test('a session that is ended cannot be refreshed, and the others go on', async () => {
  const { first, second_token } = await twoSessions('sessions2@example.com')
  const other = (await sessionsOf(second_token)).find(({ is_current }) => !is_current)
  assert.equal((await server.request('DELETE', `/user/sessions/${other?.id}`, { token: second_token })).status, 204)
  const refresh = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: first.refresh_token },
  })
  assert.equal(refresh.body.error_code, 'refresh_token_not_found')
  assert.equal((await sessionsOf(second_token)).length, 1)
})

test('sessions of others and ids that are none are 404 and change nothing', async () => {
  const mine = await server.user({ email: 'sessions3@example.com' })
  const theirs = await server.user({ email: 'sessions4@example.com' })
  const [foreign] = await sessionsOf(theirs.access_token)
  for (const id of [foreign?.id, 'abc', '%00', '00000000-0000-0000-0000-000000000000', "1' or '1'='1"]) {
    const response = await server.request('DELETE', `/user/sessions/${id}`, { token: mine.access_token })
    assert.equal(response.status, 404, String(id))
    assert.equal(response.body.error_code, 'session_not_found')
  }
  assert.equal((await sessionsOf(theirs.access_token)).length, 1)
  assert.equal((await sessionsOf(mine.access_token)).length, 1)
})
