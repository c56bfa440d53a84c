// Cases of the security rules about refresh tokens, the end of sessions, and the bearer of a token.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { refusal } from '../support/cases.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const person = (on = server) => on.user({ email: `session${++people}@example.com` })
const refresh = (refresh_token: unknown, on = server) =>
  on.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
const tokensOf = (on: TestServer, { user }: SignedIn) =>
  on.sql('select token, revoked from auth.refresh_tokens where user_id = $1 order by id', [user.id])

test('REF-08 a refresh whose answer was lost can be repeated with the old token', async () => {
  const session = await person()
  const lost = await refresh(session.refresh_token)
  const again = await refresh(session.refresh_token)
  assert.equal(again.status, 200)
  assert.equal(again.body.refresh_token, lost.body.refresh_token, 'the token in use, no third one')
  assert.deepEqual(await tokensOf(server, session), [
    { token: session.refresh_token, revoked: true },
    { token: lost.body.refresh_token, revoked: false },
  ])
  assert.equal((await refresh(lost.body.refresh_token)).status, 200)
})

const day = `interval '25 hours'`
const ends: Record<string, { env: Record<string, string>; age: string; message: RegExp; factor?: boolean }> = {
  'time box': {
    env: { GOTRUE_SESSIONS_TIMEBOX: '24h' },
    age: `update auth.sessions set created_at = created_at - ${day} where user_id = $1`,
    message: /Session Expired$/,
  },
  inactivity: {
    env: { GOTRUE_SESSIONS_INACTIVITY_TIMEOUT: '24h' },
    age: `with tokens as (update auth.refresh_tokens set updated_at = updated_at - ${day} where user_id = $1::text)
      update auth.sessions set created_at = created_at - ${day}, refreshed_at = refreshed_at - ${day} where user_id = $1::uuid`,
    message: /Session Expired \(Inactivity\)$/,
  },
  'low assurance': {
    env: { GOTRUE_SESSIONS_ALLOW_LOW_AAL: '24h' },
    age: `update auth.sessions set created_at = created_at - ${day} where user_id = $1`,
    message: /Session Expired \(Low AAL: User Needs MFA Verification\)$/,
    factor: true,
  },
}
for (const [name, { env, age, message, factor }] of Object.entries(ends))
  test(`REF-09 ${name}: a session that is over is not refreshed, and its token stays as it is`, async () => {
    const limited = await startTestServer({ env })
    try {
      const session = await person(limited)
      if (factor)
        await limited.sql(
          `insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at)
            values (gen_random_uuid(), $1, 'phone', 'totp', 'verified', now(), now())`,
          [session.user.id],
        )
      await limited.sql(age, [session.user.id])
      const before = await tokensOf(limited, session)
      const answer = await refresh(session.refresh_token, limited)
      assert.equal(refusal(answer), '400 session_expired')
      assert.match(String(answer.body.msg), message)
      assert.deepEqual(await tokensOf(limited, session), before)
    } finally {
      await limited.close()
    }
  })

test('REF-09 one session a person: the older one is not refreshed, but for another tag', async () => {
  const single = await startTestServer({
    env: { GOTRUE_SESSIONS_SINGLE_PER_USER: 'true', GOTRUE_SESSIONS_TAGS: 'a,b' },
  })
  try {
    const first = await person(single)
    const signIn = () =>
      single.request('POST', '/token?grant_type=password', {
        body: { email: first.user.email, password: 'correct horse battery staple' },
      })
    const second = await signIn()
    await single.sql(`update auth.sessions set tag = 'b' where id = $1`, [
      String(second.headers.get('sb-auth-session-id')),
    ])
    assert.equal((await refresh(first.refresh_token, single)).status, 200, 'another tag')
    const third = await person(single)
    const newer = await single.request('POST', '/token?grant_type=password', {
      body: { email: third.user.email, password: 'correct horse battery staple' },
    })
    const old = await refresh(third.refresh_token, single)
    assert.equal(refusal(old), '400 session_expired')
    assert.match(String(old.body.msg), /\(Revoked by Newer Login\)$/)
    assert.equal((await refresh(newer.body.refresh_token, single)).status, 200)
  } finally {
    await single.close()
  }
})

test('REF-10 what is no refresh token is 400, whatever it is', async () => {
  const odd = [
    '',
    'abcdefghijk',
    'abcdefghijkl',
    'a\0b',
    '🙂🙂🙂🙂🙂🙂',
    'x'.repeat(10_240),
    ['a'],
    { a: 1 },
    7,
    null,
    true,
  ]
  for (const token of odd) {
    const answer = await refresh(token)
    assert.equal(answer.status, 400, JSON.stringify(token))
    assert.ok(['refresh_token_not_found', 'validation_failed', 'bad_json'].includes(String(answer.body.error_code)))
  }
})

test('REF-12 the session of an OAuth client is not refreshed without the client', async () => {
  const session = await person()
  await server.sql(
    `with client as (
        insert into auth.oauth_clients (id, registration_type, redirect_uris, grant_types, token_endpoint_auth_method)
          values (gen_random_uuid(), 'manual', 'http://localhost', 'authorization_code,refresh_token', 'client_secret_basic')
          returning id)
      update auth.sessions set oauth_client_id = (select id from client) where user_id = $1`,
    [session.user.id],
  )
  const refused = await refresh(session.refresh_token)
  assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_client'])
  assert.deepEqual(await tokensOf(server, session), [{ token: session.refresh_token, revoked: false }])
})

test('REF-13 whoever is banned or deleted refreshes nothing', async () => {
  const banned = await person()
  const admin = (method: string, id: string, body?: object) =>
    server.request(method, `/admin/users/${id}`, { as: 'service_role', ...(body && { body }) })
  await admin('PUT', banned.user.id, { ban_duration: '24h' })
  assert.equal(refusal(await refresh(banned.refresh_token)), '400 user_banned')
  assert.deepEqual(await tokensOf(server, banned), [{ token: banned.refresh_token, revoked: false }])
  await admin('PUT', banned.user.id, { ban_duration: 'none' })
  assert.equal((await refresh(banned.refresh_token)).status, 200)
  const deleted = await person()
  await admin('DELETE', deleted.user.id)
  assert.equal(refusal(await refresh(deleted.refresh_token)), '400 refresh_token_not_found')
})

test('REF-15 signing out ends this session, the others, or all; another scope ends none', async () => {
  const sessionsOf = async (id: string) =>
    (await server.sql<{ id: string }>('select id from auth.sessions where user_id = $1', [id])).map((row) => row.id)
  for (const [scope, kept] of [
    ['local', 2],
    ['others', 1],
    ['global', 0],
    ['x', 3],
  ] as const) {
    const { user, access_token: token } = await person()
    for (let i = 0; i < 2; i++)
      await server.request('POST', '/token?grant_type=password', {
        body: { email: user.email, password: 'correct horse battery staple' },
      })
    const own = String(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).session_id)
    const answer = await server.request('POST', `/logout?scope=${scope}`, { token })
    assert.equal(scope === 'x' ? refusal(answer) : answer.status, scope === 'x' ? '400 validation_failed' : 204)
    const left = await sessionsOf(user.id)
    assert.equal(left.length, kept, scope)
    assert.equal(left.includes(own), scope === 'others' || scope === 'x')
  }
})

test('JWT-13 the bearer is read in any case of its scheme, and anything else is 401 or 403, never a 5xx', async () => {
  const { access_token } = await person()
  const get = (authorization?: string) =>
    server.request('GET', '/user', authorization === undefined ? {} : { headers: { authorization } })
  assert.equal((await get(`bearer ${access_token}`)).status, 200)
  assert.equal((await get(`BEARER ${access_token}`)).status, 200)
  for (const header of [
    undefined,
    access_token,
    `Bearer  ${access_token}`,
    'Bearer',
    'Basic YTpi',
    `Bearer a, Bearer b`,
  ])
    assert.equal(refusal(await get(header)), '401 no_authorization', header)
  for (const junk of ['x'.repeat(10_240), '%ZZ', '..', 'a.b.c', '{}'])
    assert.equal(refusal(await get(`Bearer ${junk}`)), '403 bad_jwt', junk.slice(0, 10))
})
