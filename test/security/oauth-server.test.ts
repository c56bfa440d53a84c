// The cases OAS-… of applications that sign people in through this server, and their neighbours.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import {
  applicationServer,
  askAuthorization,
  askTokens,
  exchange,
  getCode,
  openAuthorization,
  proofKey,
  redirect_uri,
  registerApplication,
} from '../support/applications.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ env: applicationServer })
})
after(() => server.close())

const sessionsOf = (client_id: string) =>
  server.sql('select id from auth.sessions where oauth_client_id = $1', [client_id])

test('OAS-02: a code that is shown again is refused, and ends the session that it opened', async () => {
  const application = await registerApplication(server)
  const person = await server.user()
  const given = await getCode(server, application, person)
  const first = await exchange(server, application, given)
  assert.equal(first.status, 200, first.text)
  const again = await exchange(server, application, given)
  assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant'])
  assert.deepEqual(await sessionsOf(application.client_id), [])
  const known = await server.request('GET', '/oauth/userinfo', { token: String(first.body.access_token) })
  assert.deepEqual([known.status, known.body.error_code], [403, 'session_not_found'])
  const refreshed = await askTokens(server, {
    grant_type: 'refresh_token',
    client_id: application.client_id,
    refresh_token: String(first.body.refresh_token),
  })
  assert.deepEqual([refreshed.status, refreshed.body.error_code], [400, 'refresh_token_not_found'])
  const audit = await server.sql(
    `select from auth.audit_log_entries where payload->'traits'->>'action' = 'authorization_code_reused' and payload->>'actor_id' = $1`,
    [person.user.id],
  )
  assert.equal(audit.length, 1)
})

test('the log has one line without a stack for a request of an application that is refused', async () => {
  const application = await registerApplication(server)
  server.log.length = 0
  const { body } = await askTokens(server, { grant_type: 'authorization_code', client_id: application.client_id })
  const lines = server.log.filter(({ path }) => path === '/oauth/token')
  assert.deepEqual(
    lines.map(({ level, error_code, error, err }) => ({ level, error_code, error, err })),
    [{ level: 'warn', error_code: body.error, error: body.error_description, err: undefined }],
  )
})

test('a code that is shown twenty times at once opens one session at most', async () => {
  const application = await registerApplication(server)
  const given = await getCode(server, application, await server.user())
  const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(server, application, given)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.ok((await sessionsOf(application.client_id)).length <= 1)
})

test('OAS-03: a challenge in the clear, or none, is told to the application as invalid_request', async () => {
  const { client_id } = await registerApplication(server)
  const { code_challenge } = proofKey()
  const wrong: Record<string, string>[] = [{ code_challenge, code_challenge_method: 'plain' }, {}, { code_challenge }]
  for (const query of wrong) {
    const { status, location } = await askAuthorization(server, { client_id, redirect_uri, state: 's', ...query })
    assert.equal(status, 302)
    const address = new URL(location ?? '')
    assert.equal(address.origin + address.pathname, redirect_uri)
    assert.equal(address.searchParams.get('error'), 'invalid_request')
    assert.equal(address.searchParams.get('state'), 's')
  }
  const rows = await server.sql('select from auth.oauth_authorizations where client_id = $1', [client_id])
  assert.equal(rows.length, 0)
})

test('OAS-05: addresses that a code must not be sent to cannot be registered', async () => {
  const before = await server.sql('select from auth.oauth_clients')
  for (const uri of [
    'javascript://x/%0aalert(1)',
    'JavaScript://x/',
    'data://x/text',
    'http://evil.example/',
    'http://localhost.evil.example/',
    'https://client.example/#part',
    'https://user:password@client.example/',
    'https://user@client.example/',
    'https://client.example/a,https://evil.example/',
  ]) {
    const { status, body } = await server.request('POST', '/oauth/clients/register', { body: { redirect_uris: [uri] } })
    assert.deepEqual([status, body.error_code], [400, 'validation_failed'], uri)
    assert.match(String(body.msg), /redirect_uri/)
  }
  const eleven = Array.from({ length: 11 }, (_, turn) => `${redirect_uri}/${turn}`)
  const many = await server.request('POST', '/oauth/clients/register', { body: { redirect_uris: eleven } })
  assert.equal(many.status, 400)
  assert.equal((await server.sql('select from auth.oauth_clients')).length, before.length)
})

test('OAS-07: a wrong method, a wrong secret and an unknown client are told as invalid credentials', async () => {
  const client = await registerApplication(server, { token_endpoint_auth_method: 'client_secret_post' })
  const grant = { grant_type: 'authorization_code', code: 'x' }
  for (const form of [
    { ...grant, client_id: client.client_id },
    { ...grant, client_id: client.client_id, client_secret: 'wrong' },
    { ...grant, client_id: '11111111-1111-4111-8111-111111111111', client_secret: 'wrong' },
  ]) {
    const { status, body } = await askTokens(server, form)
    assert.deepEqual([status, body.error_code], [400, 'invalid_credentials'])
  }
})

test('OAS-08: another application can use neither a code nor a refresh token that is not its own', async () => {
  const [own, other] = [await registerApplication(server), await registerApplication(server)]
  const person = await server.user()
  const given = await getCode(server, own, person)
  const stolen = await exchange(server, other, given)
  assert.deepEqual([stolen.status, stolen.body.error], [400, 'invalid_grant'])
  const { body } = await exchange(server, own, given)
  const refresh = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }
  const foreign = await askTokens(server, { ...refresh, client_id: other.client_id })
  assert.deepEqual([foreign.status, foreign.body.error], [400, 'invalid_client'])
  const mine = await askTokens(server, { ...refresh, client_id: own.client_id })
  assert.equal(mine.status, 200, mine.text)
  const persons = await askTokens(server, {
    ...refresh,
    client_id: own.client_id,
    refresh_token: person.refresh_token,
  })
  assert.deepEqual([persons.status, persons.body.error], [400, 'invalid_client'])
})

test('OAS-11: whoever takes a grant back ends the sessions of the application', async () => {
  const application = await registerApplication(server)
  const person = await server.user()
  await exchange(server, application, await getCode(server, application, person))
  assert.equal((await sessionsOf(application.client_id)).length, 1)
  const path = `/user/oauth/grants?client_id=${application.client_id}`
  const { status } = await server.request('DELETE', path, { token: person.access_token })
  assert.equal(status, 204)
  assert.deepEqual(await sessionsOf(application.client_id), [])
  const left = await server.sql(
    'select from auth.refresh_tokens where user_id = $1 and session_id not in (select id from auth.sessions)',
    [person.user.id],
  )
  assert.equal(left.length, 0)
})

test('OAS-12: a scope of 50,000 words is refused before anything is written', async () => {
  const { client_id } = await registerApplication(server)
  const scope = 'email '.repeat(1000)
  const { status, body } = await askAuthorization(server, { client_id, redirect_uri, scope })
  assert.deepEqual([status, body.error_code], [400, 'validation_failed'])
  assert.match(String(body.msg), /scope/)
})

test('an address of an application that is too long to be kept is refused by name', async () => {
  const long = `${redirect_uri}?${'x'.repeat(2048)}`
  const { client_id } = await registerApplication(server, { redirect_uris: [long] })
  const { code_challenge } = proofKey()
  const asked = { client_id, redirect_uri: long, scope: 'email', code_challenge, code_challenge_method: 'S256' }
  const { status, body } = await askAuthorization(server, asked)
  assert.deepEqual([status, body.error_code], [400, 'validation_failed'])
  assert.equal(body.msg, 'redirect_uri cannot exceed 2048 characters')
})

test('nobody can agree in place of the person who was asked', async () => {
  const application = await registerApplication(server)
  const { id } = await openAuthorization(server, application, await server.user())
  const stranger = await server.user()
  const { status, body } = await server.request('POST', `/oauth/authorizations/${id}/consent`, {
    token: stranger.access_token,
    body: { action: 'approve' },
  })
  assert.deepEqual([status, body.error_code], [404, 'oauth_authorization_not_found'])
  const rows = await server.sql<{ status: string }>(
    'select status::text from auth.oauth_authorizations where authorization_id = $1',
    [id],
  )
  assert.deepEqual(rows, [{ status: 'pending' }])
})

test('an ID token is signed with a published key, also where a secret signs access tokens, and opens no route', async () => {
  const application = await registerApplication(server)
  const person = await server.user()
  const given = await getCode(server, application, person, { scope: 'openid email', nonce: 'n-1' })
  const { body } = await exchange(server, application, given)
  const published = await server.request('GET', '/.well-known/jwks.json')
  const keys = createLocalJWKSet(published.body as unknown as JSONWebKeySet)
  const { payload, protectedHeader } = await jwtVerify(String(body.id_token), keys, {
    issuer: 'http://auth.example',
    audience: application.client_id,
  })
  assert.equal(protectedHeader.alg, 'ES256')
  assert.deepEqual([payload.sub, payload.nonce, payload.email], [person.user.id, 'n-1', person.user.email])
  const used = await server.request('GET', '/user', { token: String(body.id_token) })
  assert.deepEqual([used.status, used.body.error_code], [403, 'bad_jwt'])
})

test('a client names each grant a few times at most, whoever registers it', async () => {
  const grant_types = Array.from({ length: 40_000 }, () => 'refresh_token')
  const { status, body } = await server.request('POST', '/oauth/clients/register', {
    body: { redirect_uris: [redirect_uri], grant_types },
  })
  assert.deepEqual([status, body.error_code], [400, 'validation_failed'])
  assert.match(String(body.msg), /grant_types/)
})
