// The session of a browser with the pages: the endpoints behind the cookie, and everything that ends it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { pageRoutes } from '../../src/http/page-routes.ts'
import { claimsOf, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer({ more_routes: pageRoutes })
})
after(() => server.close())

async function open(token: string, on = server): Promise<string> {
  const answer = await on.request('POST', '/pages/session', { token })
  assert.equal(answer.status, 200, answer.text)
  return String(answer.body.handle)
}
const read = (handle: string, on = server) => on.request('POST', '/pages/session/read', { body: { handle } })

let people = 0

async function person(on = server): Promise<{ person: SignedIn; handle: string }> {
  const person = await on.user({ email: `page${++people}@example.com` })
  return { person, handle: await open(person.access_token, on) }
}

/** Reads a handle until its session is over, and gives the code of that. */
async function endOf(handle: string, on = server): Promise<unknown> {
  const answer = await read(handle, on)
  assert.ok(answer.status >= 400, `the session goes on: ${answer.text}`)
  return answer.body.error_code ?? answer.body.code
}

test('a handle leads to the account, its level, and a token of a minute', async () => {
  const { person: own, handle } = await person()
  const { status, body } = await read(handle)
  assert.equal(status, 200)
  assert.deepEqual([(body.user as { id: string }).id, body.aal, body.next], [own.user.id, 'aal1', null])
  const claims = claimsOf(String(body.access_token))
  assert.equal(claims.exp - claims.iat, 60)
  assert.deepEqual([claims.session_id, claims.sub], [body.session_id, own.user.id])
  const user = await server.request('GET', '/user', { token: String(body.access_token) })
  assert.equal(user.body.id, own.user.id)
})

test('the database holds a hash of the handle, and no refresh token beside it', async () => {
  const { person: own, handle } = await person()
  const session_id = claimsOf(own.access_token).session_id
  const [row] = await server.sql('select handle_hash from postern.page_sessions where session_id = $1', [session_id])
  assert.equal(row?.handle_hash, createHash('sha256').update(handle).digest('hex'))
  assert.deepEqual(await server.sql('select from auth.refresh_tokens where session_id = $1', [session_id]), [])
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: own.refresh_token },
  })
  assert.equal(refreshed.body.error_code, 'refresh_token_not_found')
})

test('a new handle takes the place of the old one, which was perhaps stolen', async () => {
  const { person: own, handle } = await person()
  const next = await open(own.access_token)
  assert.equal(await endOf(handle), 'session_not_found')
  assert.equal((await read(next)).status, 200)
})

test('a handle that is none leads nowhere', async () => {
  for (const handle of ['', 'x', 'é'.repeat(43), 'A'.repeat(43), "' or true --", '\0'])
    assert.ok((await read(handle)).status >= 400, handle)
  const answer = await server.request('POST', '/pages/session/read', { body: { handle: { a: 1 } } })
  assert.equal(answer.status, 400)
})

test('a request of a page costs one round trip', async () => {
  const { handle } = await person()
  assert.equal(await server.countRoundTrips(() => read(handle)), 1)
})

test('signing out of the pages ends this session and no other', async () => {
  const { person: own, handle } = await person()
  const other = await server.request('POST', '/token?grant_type=password', {
    body: { email: own.user.email, password },
  })
  assert.equal((await server.request('DELETE', '/pages/session', { body: { handle } })).status, 204)
  assert.equal(await endOf(handle), 'session_not_found')
  assert.equal((await server.request('GET', '/user', { token: String(other.body.access_token) })).status, 200)
  const gone = await server.request('GET', '/user', { token: own.access_token })
  assert.equal(gone.body.error_code, 'session_not_found')
})

test('global sign-out, a new password elsewhere, a ban and a deleted account end the session', async () => {
  const again = async (email: string) =>
    String(
      (await server.request('POST', '/token?grant_type=password', { body: { email, password } })).body.access_token,
    )
  const cases: Record<string, (own: SignedIn) => Promise<{ status: number; text: string }>> = {
    session_not_found: async ({ user }) => server.request('POST', '/logout', { token: await again(user.email) }),
    'session_not_found ': async ({ user }) =>
      server.request('PUT', '/user', { token: await again(user.email), body: { password: `${password} 2` } }),
    'session_not_found  ': ({ user }) =>
      server.request('DELETE', `/admin/users/${user.id}`, { as: 'service_role', body: {} }),
    user_banned: ({ user }) =>
      server.request('PUT', `/admin/users/${user.id}`, { as: 'service_role', body: { ban_duration: '1h' } }),
  }
  for (const [code, act] of Object.entries(cases)) {
    const { person: own, handle } = await person()
    const done = await act(own)
    assert.ok(done.status < 300, done.text)
    assert.equal(await endOf(handle), code.trim())
  }
})

test('time box, inactivity and one session a person end it as they end others, and a page that is used is no inactivity', async () => {
  const env = { GOTRUE_SESSIONS_TIMEBOX: '2h', GOTRUE_SESSIONS_INACTIVITY_TIMEOUT: '1h' }
  const limited = await startTestServer({ env, database: server.database, mail: server.mail, more_routes: pageRoutes })
  const single = await startTestServer({
    env: { GOTRUE_SESSIONS_SINGLE_PER_USER: 'true' },
    database: server.database,
    mail: server.mail,
    more_routes: pageRoutes,
  })
  const age = (token: string, minutes: number) =>
    server.sql(
      `update auth.sessions set created_at = created_at - $2::int * interval '1 minute',
        refreshed_at = refreshed_at - $2::int * interval '1 minute' where id = $1`,
      [claimsOf(token).session_id, minutes],
    )
  const used = await person(limited)
  for (let turn = 0; turn < 2; turn++) {
    await age(used.person.access_token, 50)
    assert.equal((await read(used.handle, limited)).status, 200, `after ${turn + 1} times 50 minutes`)
  }
  await age(used.person.access_token, 50)
  assert.equal(await endOf(used.handle, limited), 'session_expired')
  const left = await person(limited)
  await age(left.person.access_token, 61)
  assert.equal(await endOf(left.handle, limited), 'session_expired')
  const first = await person(single)
  await age(first.person.access_token, 1)
  await single.request('POST', '/token?grant_type=password', { body: { email: first.person.user.email, password } })
  assert.equal(await endOf(first.handle, single), 'session_expired')
  await limited.auth.close()
  await single.auth.close()
})

test('no server answers these paths to the outside', async () => {
  const plain = await startTestServer({ database: server.database, mail: server.mail })
  const { handle } = await person()
  for (const [method, path] of [
    ['POST', '/pages/session/read'],
    ['DELETE', '/pages/session'],
    ['POST', '/pages/session'],
  ] as const)
    assert.equal((await plain.request(method, path, { body: { handle } })).status, 404, path)
  await plain.auth.close()
})
