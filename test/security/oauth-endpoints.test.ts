// Endpoints and grants of POSTERN_OAUTH_FEATURES: what each RFC demands, and what one application may do to another.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type Application,
  applicationServer,
  askAuthorization,
  askTokens,
  exchange,
  getCode,
  proofKey,
  redirect_uri,
  registerApplication,
} from '../support/applications.ts'
import { until } from '../support/process.ts'
import { type Answer, claimsOf, mint, startTestServer, type TestServer } from '../support/server.ts'

const issuer = applicationServer.GOTRUE_JWT_ISSUER
const env = { ...applicationServer, POSTERN_OAUTH_FEATURES: 'revocation,introspection,client_credentials,par,iss' }

let server: TestServer
before(async () => {
  server = await startTestServer({ env })
})
after(() => server.close())

/** An application with a secret that an administrator made. */
async function confidential(more: object = {}): Promise<Required<Application>> {
  const body = { redirect_uris: [redirect_uri], token_endpoint_auth_method: 'client_secret_post', ...more }
  const made = await server.request('POST', '/admin/oauth/clients', { as: 'service_role', body })
  assert.equal(made.status, 201, made.text)
  const { client_id, client_secret } = made.body as unknown as Required<Application>
  return { client_id, client_secret }
}

const ofMachines = (more: object = {}) =>
  confidential({ grant_types: ['client_credentials'], redirect_uris: [], scope: 'orders:read', ...more })

const revoke = (form: Record<string, string>) => server.request('POST', '/oauth/revoke', { form })
const introspect = (form: Record<string, string>) => server.request('POST', '/oauth/introspect', { form })

const own = async (application: Required<Application>) =>
  askTokens(server, {
    grant_type: 'authorization_code',
    ...application,
    ...(await getCode(server, application, await server.user())),
  })

const sessionsOf = ({ client_id }: Application) =>
  server.sql('select id from auth.sessions where oauth_client_id = $1', [client_id])

test('RFC 7009: a refresh token or an access token that is given back ends the session; no token is no error', async () => {
  const application = await confidential()
  for (const name of ['refresh_token', 'access_token']) {
    const { body } = await own(application)
    const { status, text } = await revoke({ ...application, token: String(body[name]), token_type_hint: 'nonsense' })
    assert.deepEqual([status, text], [200, ''], name)
    assert.deepEqual(await sessionsOf(application), [], name)
    const used = await server.request('GET', '/oauth/userinfo', { token: String(body.access_token) })
    assert.deepEqual([used.status, used.body.error_code], [403, 'session_not_found'])
  }
  const entries = await server.sql(
    `select from auth.audit_log_entries where payload->'traits'->>'action' = 'revoke_token' and payload->'traits'->>'oauth_client_id' = $1`,
    [application.client_id],
  )
  assert.equal(entries.length, 2)
  for (const token of ['nothing', 'aaaaaaaaaaaa', 'a.b.c', 'x'.repeat(5000)])
    assert.equal((await revoke({ ...application, token })).status, 200)
  const none = await revoke({ ...application })
  assert.deepEqual([none.status, none.body.error], [400, 'invalid_request'])
})

test('RFC 7009 §2.1: an application cannot give back a token of another one, nor of a person', async () => {
  const [application, thief] = [await confidential(), await confidential()]
  const { body } = await own(application)
  const person = await server.user()
  for (const token of [body.refresh_token, body.access_token, person.access_token, person.refresh_token]) {
    const { status, body: answer } = await revoke({ ...thief, token: String(token) })
    assert.deepEqual([status, answer.error], [400, 'invalid_grant'])
  }
  assert.equal((await sessionsOf(application)).length, 1)
  assert.equal((await server.request('GET', '/user', { token: person.access_token })).status, 200)
})

test('RFC 6749 §5.2: who is not the client that it says gets 401 at the new endpoints, and the way to prove itself', async () => {
  const { client_id } = await confidential()
  for (const path of ['/oauth/revoke', '/oauth/introspect', '/oauth/par']) {
    const wrong = await server.request('POST', path, { form: { client_id, client_secret: 'wrong', token: 'x' } })
    assert.deepEqual([wrong.status, wrong.body.error], [401, 'invalid_client'], path)
    const basic = `Basic ${Buffer.from(`${client_id}:wrong`).toString('base64')}`
    const answer = await server.request('POST', path, { form: { token: 'x' }, headers: { authorization: basic } })
    assert.equal(answer.status, 401)
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic/)
  }
})

test('RFC 7662: a client learns of its own tokens, in both forms, and of no other', async () => {
  const [application, curious] = [await confidential(), await confidential()]
  const { body } = await own(application)
  const [access, refresh] = [String(body.access_token), String(body.refresh_token)]
  const about = await introspect({ ...application, token: access })
  const { active, iss, client_id, sub, token_type, exp } = about.body
  const claims = claimsOf(access)
  assert.deepEqual(
    [active, iss, client_id, sub, token_type, exp],
    [true, issuer, application.client_id, claims.sub, 'Bearer', claims.exp],
  )
  assert.equal((await introspect({ ...application, token: refresh })).body.active, true)
  const person = await server.user()
  for (const token of [access, refresh, person.access_token, person.refresh_token])
    assert.deepEqual((await introspect({ ...curious, token })).body, { active: false })
  for (const token of ['nothing', 'aaaaaaaaaaaa', mint({ role: 'anon' }), String(body.id_token)])
    assert.deepEqual((await introspect({ ...application, token })).body, { active: false })
})

test('RFC 7662 §2.2: a token that cannot be used any more is not active', async () => {
  const application = await confidential()
  const { body } = await own(application)
  const [access, refresh] = [String(body.access_token), String(body.refresh_token)]
  await server.sql(`update auth.users set banned_until = now() + interval '1 hour' where id = $1`, [
    claimsOf(access).sub,
  ])
  for (const token of [access, refresh])
    assert.deepEqual((await introspect({ ...application, token })).body, { active: false })
  await server.sql('update auth.users set banned_until = null where id = $1', [claimsOf(access).sub])
  await askTokens(server, { grant_type: 'refresh_token', ...application, refresh_token: refresh })
  assert.deepEqual((await introspect({ ...application, token: refresh })).body, { active: false }, 'it was used')
  await server.sql('update auth.sessions set not_after = now() where oauth_client_id = $1', [application.client_id])
  assert.deepEqual((await introspect({ ...application, token: access })).body, { active: false })
})

test('RFC 7662 §2.1: nobody tries tokens out with an id that everybody knows; administrators and chosen clients see all', async () => {
  const open = await registerApplication(server)
  const { status, body } = await introspect({ client_id: open.client_id, token: 'x' })
  assert.deepEqual([status, body.error], [401, 'invalid_client'])
  const { body: tokens } = await exchange(server, open, await getCode(server, open, await server.user()))
  const token = String(tokens.access_token)
  const api = await confidential({ introspects_all: true })
  assert.equal((await introspect({ ...api, token })).body.active, true)
  const form = { token }
  const admin = await server.request('POST', '/oauth/introspect', { form, token: mint({ role: 'service_role' }) })
  assert.equal(admin.body.active, true)
  const person = await server.user()
  const none = await server.request('POST', '/oauth/introspect', { form, token: person.access_token })
  assert.equal(none.status, 403)
  const itself = await registerApplication(server, {
    token_endpoint_auth_method: 'client_secret_post',
    introspects_all: true,
  })
  const asked = await introspect({ ...(itself as Required<Application>), token })
  assert.deepEqual(asked.body, { active: false }, 'nobody gives themselves this right by registering')
})

test('RFC 6749 §4.4: a token of an application for itself is nobody, and opens nothing of people or administrators', async () => {
  const application = await ofMachines()
  const { status, body, text } = await askTokens(server, { grant_type: 'client_credentials', ...application })
  assert.equal(status, 200, text)
  assert.deepEqual([body.refresh_token, body.scope, body.token_type], [undefined, 'orders:read', 'bearer'])
  const claims = claimsOf(String(body.access_token))
  assert.deepEqual(
    [claims.sub, claims.client_id, claims.aud, claims.role, claims.scope],
    [application.client_id, application.client_id, issuer, 'oauth_client', 'orders:read'],
  )
  assert.deepEqual([claims.session_id, claims.email, claims.aal], [undefined, undefined, undefined])
  for (const path of ['/user', '/oauth/userinfo', '/user/sessions', '/admin/users', '/admin/oauth/clients']) {
    const answer = await server.request('GET', path, { token: String(body.access_token) })
    assert.equal(answer.status, 403, path)
  }
})

test('RFC 6749 §4.4.2: only clients with credentials that an administrator made get one, of the scopes that they have', async () => {
  const application = await ofMachines()
  const ask = (form: Record<string, string>) =>
    askTokens(server, { grant_type: 'client_credentials', ...application, ...form })
  assert.equal((await ask({ scope: 'orders:read admin' })).body.error, 'invalid_scope')
  assert.equal((await ask({ resource: 'https://api.example/#x' })).body.error, 'invalid_request')
  const narrow = await ask({ resource: 'https://api.example/orders' })
  assert.equal(claimsOf(String(narrow.body.access_token)).aud, 'https://api.example/orders')
  const body = { redirect_uris: [redirect_uri], grant_types: ['client_credentials'] }
  const itself = await server.request('POST', '/oauth/clients/register', { body })
  assert.equal(itself.status, 400)
  const open = await server.request('POST', '/admin/oauth/clients', {
    as: 'service_role',
    body: { ...body, token_endpoint_auth_method: 'none' },
  })
  const asked = await askTokens(server, { grant_type: 'client_credentials', client_id: String(open.body.client_id) })
  assert.equal(asked.body.error, 'unauthorized_client')
  const web = await confidential()
  const other = await askTokens(server, { grant_type: 'client_credentials', ...web })
  assert.equal(other.body.error, 'unsupported_grant_type')
})

test('RFC 9126: a pushed request is of its client, counts once, and nothing beside it in the address counts', async () => {
  const [application, thief] = [await confidential(), await confidential()]
  const { code_challenge } = proofKey()
  const asked = { redirect_uri, scope: 'openid', state: 'pushed', code_challenge, code_challenge_method: 'S256' }
  const push = (form: Record<string, string>): Promise<Answer> => server.request('POST', '/oauth/par', { form })
  const pushed = await push({ ...application, ...asked })
  assert.equal(pushed.status, 201, pushed.text)
  assert.match(String(pushed.body.request_uri), /^urn:ietf:params:oauth:request_uri:[\w-]{43}$/)
  assert.equal(pushed.body.expires_in, 90)
  const request_uri = String(pushed.body.request_uri)
  const stolen = await askAuthorization(server, { client_id: thief.client_id, request_uri })
  assert.equal(stolen.status, 400)
  const { client_id } = application
  const evil = { redirect_uri: 'https://evil.example/', scope: 'phone', state: 'x', code_challenge: '', nonce: 'n' }
  assert.equal((await askAuthorization(server, { client_id, request_uri, ...evil })).status, 302)
  const [row] = await server.sql<Record<string, unknown>>(
    'select redirect_uri, scope, state, nonce from auth.oauth_authorizations where client_id = $1',
    [client_id],
  )
  assert.deepEqual({ ...row }, { redirect_uri, scope: 'openid', state: 'pushed', nonce: null })
  assert.equal((await askAuthorization(server, { client_id, request_uri })).status, 400)
  for (const [name, form] of [
    ['another address', { ...asked, redirect_uri: 'https://evil.example/' }],
    ['a name of another request', { ...asked, request_uri }],
    ['no challenge', { ...asked, code_challenge: '' }],
    ['a challenge in the clear', { ...asked, code_challenge_method: 'plain' }],
    ['an unknown scope', { ...asked, scope: 'everything' }],
    ['too long a state', { ...asked, state: 'x'.repeat(5000) }],
  ] as [string, Record<string, string>][]) {
    const { status, body } = await push({ ...application, ...form })
    assert.deepEqual([status, body.error], [400, 'invalid_request'], name)
  }
})

test('RFC 9126 §6: a client that pushes its requests can make none in an address', async () => {
  const { client_id } = await confidential({ require_pushed_authorization_requests: true })
  const { code_challenge } = proofKey()
  const query = { client_id, redirect_uri, code_challenge, code_challenge_method: 'S256' }
  const { location } = await askAuthorization(server, query)
  const { searchParams } = new URL(location ?? '')
  assert.deepEqual([searchParams.get('error'), searchParams.get('iss')], ['invalid_request', issuer])
})

test('a pushed request that came twenty times at once is asked once, and one that is too old never', async () => {
  const application = await confidential()
  const { code_challenge } = proofKey()
  const asked = { ...application, redirect_uri, code_challenge, code_challenge_method: 'S256' }
  const push = async () => String((await server.request('POST', '/oauth/par', { form: asked })).body.request_uri)
  const { client_id } = application
  const request_uri = await push()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => askAuthorization(server, { client_id, request_uri })),
  )
  assert.equal(answers.filter(({ status }) => status === 302).length, 1)
  const late = await push()
  await server.sql('update postern.pushed_requests set expires_at = now() where client_id = $1', [client_id])
  assert.equal((await askAuthorization(server, { client_id, request_uri: late })).status, 400)
})

test('tokens of an application with credentials are limited by application, wherever it asks from; codes stay good', async () => {
  const own = await startTestServer({
    env: { ...applicationServer, POSTERN_OAUTH_FEATURES: 'client_credentials', GOTRUE_RATE_LIMIT_TOKEN_REFRESH: '3' },
  })
  try {
    const register = async () => {
      const body = {
        redirect_uris: [redirect_uri],
        grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
      }
      const made = await own.request('POST', '/admin/oauth/clients', { as: 'service_role', body })
      return made.body as unknown as Required<Application>
    }
    const ask = (by: Required<Application>, more: Record<string, string> = {}) => {
      const { client_id, client_secret } = by
      return askTokens(own, { grant_type: 'client_credentials', client_id, client_secret, ...more })
    }
    const [busy, calm] = [await register(), await register()]
    const { code, code_verifier } = await getCode(own, busy, await own.user())
    const answers: Answer[] = []
    while (answers.length < 30 && answers.at(-1)?.status !== 429) answers.push(await ask(busy))
    const last = answers.at(-1)
    assert.deepEqual([last?.status, last?.body.error_code], [429, 'over_request_rate_limit'], last?.text)
    assert.ok(Number(last?.headers.get('retry-after')) > 0)
    assert.ok(answers.length > 3 && answers.slice(0, 3).every(({ status }) => status === 200))
    // A wrong secret is no word of the application's, and takes nothing from it.
    for (let turn = 0; turn < 5; turn++)
      assert.equal((await ask({ ...calm, client_secret: 'wrong' })).body.error_code, 'invalid_credentials')
    assert.equal((await ask(calm)).status, 200)
    const exchanged = await until('there is room again', async () => {
      const given = { grant_type: 'authorization_code', redirect_uri, code, code_verifier }
      const answer = await ask(busy, given)
      return answer.status === 429 ? null : answer
    })
    assert.equal(exchanged.status, 200, exchanged.text)
  } finally {
    await own.close()
  }
})
