// Signing out of applications: their own links, and what they are told of sessions that are over.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { applicationServer, exchange, getCode, redirect_uri, registerApplication } from '../support/applications.ts'
import { claimsOf, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let answer: (address: string, body: string) => Response
const told: { address: string; token: string }[] = []
before(async () => {
  server = await startTestServer({
    env: { ...applicationServer, POSTERN_OAUTH_FEATURES: 'logout', POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true' },
    fetch: async (input, init) => {
      const [address, body] = [String(input), String(init?.body)]
      const response = answer(address, body)
      if (response.ok) told.push({ address, token: new URLSearchParams(body).get('logout_token') ?? '' })
      return response
    },
  })
})
after(() => server.close())

const bye = 'https://client.example/bye'
const backchannel_logout_uri = 'https://client.example/backchannel'

async function enter(more: object = {}) {
  const application = await registerApplication(server, { post_logout_redirect_uris: [bye], ...more })
  const person = await server.user()
  const given = await getCode(server, application, person, { scope: 'openid email' })
  const { body } = await exchange(server, application, given)
  const tokens = body as { id_token: string; access_token: string; refresh_token: string }
  return { application, person, ...tokens, session_id: String(claimsOf(tokens.access_token).session_id) }
}

const logOut = (query: Record<string, string>) => server.request('GET', `/oauth/logout?${new URLSearchParams(query)}`)
const lives = async (id: string) => (await server.sql('select from auth.sessions where id = $1', [id])).length === 1

test('the description names the endpoint and what is supported; ID tokens name the session', async () => {
  const { body } = await server.request('GET', '/.well-known/openid-configuration')
  assert.equal(body.end_session_endpoint, 'http://auth.example/oauth/logout')
  assert.equal(body.backchannel_logout_session_supported, true)
  const { id_token, session_id } = await enter()
  assert.equal(claimsOf(id_token).sid, session_id)
})

test('an ID token signs out of the application and leads back to an address that it registered, with its state', async () => {
  const { id_token, session_id, person } = await enter()
  const { status, location } = await logOut({ id_token_hint: id_token, post_logout_redirect_uri: bye, state: 'a b' })
  assert.deepEqual([status, location], [303, `${bye}?state=a+b`])
  assert.equal(await lives(session_id), false)
  const own = await server.request('GET', '/user', { token: person.access_token })
  assert.equal(own.status, 200, 'the session of the person is another')
  const again = await server.request('POST', '/oauth/logout', { form: { id_token_hint: id_token } })
  assert.deepEqual([again.status, again.location], [303, 'http://site.example'])
})

test('nobody is sent to an address that is not registered, and a hint of anything else signs nobody out', async () => {
  const { id_token, access_token, session_id, application } = await enter()
  const other = await enter()
  const [head, body] = id_token.split('.')
  for (const [query, why] of [
    [{ id_token_hint: id_token, post_logout_redirect_uri: `${bye}/x` }, 'invalid post_logout_redirect_uri'],
    [{ id_token_hint: id_token, post_logout_redirect_uri: redirect_uri }, 'invalid post_logout_redirect_uri'],
    [{ id_token_hint: id_token, client_id: other.application.client_id }, 'client_id is not that of id_token_hint'],
    [{ id_token_hint: access_token }, 'id_token_hint is no ID token of this server'],
    [{ id_token_hint: `${head}.${body}.AAAA` }, 'id_token_hint is no ID token of this server'],
    [
      { id_token_hint: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.` },
      'id_token_hint is no ID token of this server',
    ],
    [{ id_token_hint: 'x' }, 'id_token_hint is no ID token of this server'],
    [{ client_id: application.client_id, post_logout_redirect_uri: bye }, 'id_token_hint is required'],
  ] as const) {
    const { status, body: error, location } = await logOut({ ...query })
    assert.deepEqual([status, error.msg, location], [400, why, null])
  }
  assert.equal(await lives(session_id), true)
})

test('addresses of a client are checked when it is made', async () => {
  for (const more of [
    { post_logout_redirect_uris: ['javascript://x/%0aalert(1)'] },
    { post_logout_redirect_uris: 'https://a.example' },
    { post_logout_redirect_uris: Array(11).fill(bye) },
    { backchannel_logout_uri: 'http://client.example' },
    { backchannel_logout_uri: 'https://user@client.example' },
    { backchannel_logout_session_required: 'yes' },
  ]) {
    const { error_code } = (await registerApplication(server, more)) as unknown as Record<string, unknown>
    assert.equal(error_code, 'validation_failed', JSON.stringify(more))
  }
})

for (const [what, end] of [
  [
    'the person signs out everywhere',
    (to: Entered) => server.request('POST', '/logout?scope=global', { token: to.person.access_token }),
  ],
  [
    'an administrator ends it',
    (to: Entered) => server.request('DELETE', `/admin/users/${to.person.user.id}/sessions`, { as: 'service_role' }),
  ],
  [
    'the account is deleted',
    (to: Entered) => server.request('DELETE', `/admin/users/${to.person.user.id}`, { as: 'service_role' }),
  ],
  ['the application signs the person out', (to: Entered) => logOut({ id_token_hint: to.id_token })],
  [
    'consent is taken back',
    (to: Entered) =>
      server.request('DELETE', `/user/oauth/grants?client_id=${to.application.client_id}`, {
        token: to.person.access_token,
      }),
  ],
] as const)
  test(`an application is told of a session once, when ${what}`, async () => {
    answer = () => new Response(null, { status: 200 })
    const entered = await enter({ backchannel_logout_uri })
    told.length = 0
    await server.auth.idle()
    assert.equal(told.length, 0, 'not while the session goes on')
    await end(entered)
    await server.auth.idle()
    await server.auth.idle()
    const [{ address, token } = { address: '', token: '' }, ...more] = told
    assert.deepEqual([address, more], [backchannel_logout_uri, []])
    const keys = (await server.request('GET', '/.well-known/jwks.json')).body as unknown as JSONWebKeySet
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: 'http://auth.example',
      audience: entered.application.client_id,
      typ: 'logout+jwt',
    })
    assert.equal(protectedHeader.typ, 'logout+jwt')
    const { sid, sub, events, nonce, exp = 0, iat = 0 } = payload
    assert.deepEqual([sid, sub, nonce, exp - iat], [entered.session_id, entered.person.user.id, undefined, 120])
    assert.deepEqual(events, { 'http://schemas.openid.net/event/backchannel-logout': {} })
    assert.deepEqual(await server.sql('select from postern.logout_notices'), [])
    const { status } = await server.request('GET', '/user', { token })
    assert.ok(status === 401 || status === 403, 'a logout token opens nothing')
  })

type Entered = Awaited<ReturnType<typeof enter>>

test('an application that cannot be reached is told later, and one that refuses is not told again', async () => {
  answer = () => {
    throw new Error('no route')
  }
  const { id_token, session_id } = await enter({ backchannel_logout_uri })
  await logOut({ id_token_hint: id_token })
  await server.auth.idle()
  const rows = () =>
    server.sql('select attempts, next_attempt_at > now() as later from postern.logout_notices where session_id = $1', [
      session_id,
    ])
  assert.deepEqual(await rows(), [{ attempts: 1, later: true }])
  answer = () => new Response(null, { status: 503 })
  await server.sql('update postern.logout_notices set next_attempt_at = now()')
  await server.auth.idle()
  assert.deepEqual(await rows(), [{ attempts: 2, later: true }])
  answer = () => new Response('{"error":"invalid_request"}', { status: 400 })
  await server.sql('update postern.logout_notices set next_attempt_at = now()')
  await server.auth.idle()
  assert.deepEqual(await rows(), [])
})

test('of two servers at once one tells', async () => {
  let calls = 0
  answer = () => {
    calls++
    return new Response(null, { status: 204 })
  }
  const other = await startTestServer({
    env: { ...applicationServer, POSTERN_OAUTH_FEATURES: 'logout', POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true' },
    database: server.database,
    mail: server.mail,
    fetch: async () => answer('', ''),
  })
  const entered = await Promise.all(Array.from({ length: 5 }, () => enter({ backchannel_logout_uri })))
  await server.sql('delete from auth.sessions where oauth_client_id is not null')
  await Promise.all([server.auth.idle(), other.auth.idle()])
  await Promise.all([server.auth.idle(), other.auth.idle()])
  assert.equal(calls, entered.length)
  await other.close()
})
