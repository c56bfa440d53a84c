// GET and DELETE /admin/users/{user_id}/sessions: where a person is signed in, and signing out there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const sessionsOf = async (id: string) => {
  const { status, body } = await server.request('GET', `/admin/users/${id}/sessions`, { as: 'service_role' })
  assert.equal(status, 200)
  return body.sessions as Record<string, unknown>[]
}
const signIn = (email: string, user_agent: string, address: string) =>
  server.request('POST', '/token?grant_type=password', {
    body: { email, password },
    headers: { 'user-agent': user_agent },
    address,
  })

test('the list shows where and how somebody signed in, newest first, and no secret', async () => {
  const { user } = await server.user({ password })
  assert.equal((await sessionsOf(user.id)).length, 1)
  const { body } = await signIn(user.email, 'Example/2', '192.0.2.4')
  const [newest] = await sessionsOf(user.id)
  assert.equal(newest?.user_agent, 'Example/2')
  assert.equal(newest?.ip, '192.0.2.4')
  assert.equal(newest?.aal, 'aal1')
  assert.deepEqual(
    (newest?.amr as { method: string }[] | undefined)?.map(({ method }) => method),
    ['password'],
  )
  assert.match(String(newest?.created_at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  assert.doesNotMatch(JSON.stringify(newest), new RegExp(`hmac|counter|${String(body.refresh_token)}`))
})

test('one session can be ended; the others go on', async () => {
  const { user, access_token } = await server.user({ password })
  const { body } = await signIn(user.email, 'Example/3', '192.0.2.5')
  const [newest] = await sessionsOf(user.id)
  const path = `/admin/users/${user.id}/sessions/${newest?.id}`
  assert.equal((await server.request('DELETE', path, { as: 'service_role' })).status, 204)
  const ended = await server.request('GET', '/user', { token: String(body.access_token) })
  assert.equal(ended.body.error_code, 'session_not_found')
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: body.refresh_token },
  })
  assert.equal(refreshed.status, 400)
  assert.equal((await server.request('GET', '/user', { token: access_token })).status, 200)
  assert.equal((await server.request('DELETE', path, { as: 'service_role' })).body.error_code, 'session_not_found')
})

test("somebody else's session is not ended, and an id that is none is refused", async () => {
  const [mine, other] = [await server.user(), await server.user()]
  const [session] = await sessionsOf(other.user.id)
  const path = `/admin/users/${mine.user.id}/sessions`
  const crossed = await server.request('DELETE', `${path}/${session?.id}`, { as: 'service_role' })
  assert.deepEqual([crossed.status, crossed.body.error_code], [404, 'session_not_found'])
  assert.equal((await sessionsOf(other.user.id)).length, 1)
  const wrong = await server.request('DELETE', `${path}/1`, { as: 'service_role' })
  assert.deepEqual([wrong.status, wrong.body.error_code], [404, 'validation_failed'])
})

test('all sessions can be ended at once, which the audit log keeps', async () => {
  const { user, access_token } = await server.user({ password })
  await signIn(user.email, 'Example/4', '192.0.2.6')
  const ended = await server.request('DELETE', `/admin/users/${user.id}/sessions`, { as: 'service_role' })
  assert.equal(ended.status, 204)
  assert.deepEqual(await sessionsOf(user.id), [])
  assert.equal((await server.request('GET', '/user', { token: access_token })).status, 403)
  const log = await server.request('GET', `/admin/audit?user=${user.id}&action=token_revoked`, { as: 'service_role' })
  assert.equal(JSON.parse(log.text).length, 1)
})
