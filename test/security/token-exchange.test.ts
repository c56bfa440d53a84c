// Administrators who act as a person (RFC 8693): what they get, what it opens, whom they may not act as, and what stays on record.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { applicationServer, askTokens, exchange, getCode, registerApplication } from '../support/applications.ts'
import { claimsOf, mint, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'
const subject_token_type = 'urn:ietf:params:oauth:token-type:access_token'
let server: TestServer
let [person, admin]: SignedIn[] = []
let support: Record<string, string>
before(async () => {
  server = await startTestServer({
    env: { ...applicationServer, POSTERN_OAUTH_FEATURES: 'token_exchange,resource_metadata,introspection,revocation' },
  })
  person = await server.user({ email: 'helped@example.com' })
  admin = await server.user({ email: 'admin@example.com', role: 'service_role' })
  const { body } = await server.request('POST', '/admin/oauth/clients', {
    as: 'service_role',
    body: { client_name: 'Support', grant_types: [grant_type], redirect_uris: [] },
  })
  support = { client_id: String(body.client_id), client_secret: String(body.client_secret) }
})
after(() => server.close())

const basic = ({ client_id, client_secret }: Record<string, string>) =>
  `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`
const ask = (more: Record<string, string> = {}) =>
  server.request('POST', '/oauth/token', {
    form: {
      grant_type,
      subject_token: admin?.access_token ?? '',
      subject_token_type,
      requested_subject: person?.user.id ?? '',
      ...more,
    },
    headers: { authorization: basic(support) },
  })

test('the token names the person and the administrator, lives a quarter of an hour, and cannot be refreshed', async () => {
  const { status, body, text } = await ask()
  assert.equal(status, 200, text)
  const { access_token, ...rest } = body
  assert.deepEqual(rest, { token_type: 'bearer', issued_token_type: subject_token_type, expires_in: 900 })
  const { sub, act, aal, amr, exp, iat, session_id, client_id, role } = claimsOf(String(access_token))
  assert.deepEqual([sub, act, aal, session_id], [person?.user.id, { sub: admin?.user.id }, 'aal1', undefined])
  assert.deepEqual(
    [amr[0].method, exp - iat, client_id, role],
    ['impersonation', 900, support.client_id, 'authenticated'],
  )
  const [entry] = await server.sql(
    `select payload from auth.audit_log_entries where payload->>'action' = 'user_impersonated' order by created_at desc limit 1`,
  )
  const { actor_username, traits } = Object(entry?.payload)
  assert.deepEqual(
    [actor_username, traits.user_id, traits.client_id],
    [admin?.user.id, person?.user.id, support.client_id],
  )
})

test('it reads the account, and opens no route that changes anything or gives out more', async () => {
  const token = String((await ask()).body.access_token)
  assert.equal((await server.request('GET', '/user', { token })).status, 200)
  const consent = '/oauth/authorizations/abc'
  for (const [method, path, body] of [
    ['PUT', '/user', { password: 'another long password' }],
    ['PUT', '/user', { email: 'mine@example.com' }],
    ['PUT', '/user', { data: { a: 1 } }],
    ['GET', '/reauthenticate'],
    ['POST', '/logout'],
    ['GET', '/user/sessions'],
    ['POST', '/factors', { factor_type: 'totp' }],
    ['POST', '/factors/recovery-codes', {}],
    ['GET', '/user/identities/authorize?provider=github'],
    ['POST', '/token?grant_type=id_token', { provider: 'google', id_token: 'a.b.c', link_identity: true }],
    ['DELETE', `/user/identities/${person?.user.id}`],
    ['GET', '/user/oauth/grants'],
    ['GET', consent],
    ['POST', `${consent}/consent`, { action: 'approve' }],
    ['GET', '/admin/users'],
  ] as const) {
    const { status, text } = await server.request(method, path, { token, ...(body && { body }) })
    assert.equal(status, 403, `${method} ${path} ${text}`)
  }
  const subject = await ask({ subject_token: token })
  assert.deepEqual([subject.status, subject.body.error], [400, 'invalid_grant'])
})

test('it is known to introspection, and opens nothing once it was given back', async () => {
  const token = String((await ask()).body.access_token)
  const post = (path: string, by: Record<string, string> = support) =>
    server.request('POST', path, { form: { token }, headers: { authorization: basic(by) } })
  const shown = await post('/oauth/introspect')
  assert.deepEqual([shown.body.active, shown.body.sub], [true, person?.user.id])
  const { body } = await server.request('POST', '/admin/oauth/clients', {
    as: 'service_role',
    body: { client_name: 'Other', grant_types: [grant_type], redirect_uris: [] },
  })
  const other = { client_id: String(body.client_id), client_secret: String(body.client_secret) }
  assert.deepEqual((await post('/oauth/introspect', other)).body, { active: false })
  assert.equal((await post('/oauth/revoke', other)).status, 400)
  assert.equal((await server.request('GET', '/user', { token })).status, 200)
  assert.equal((await post('/oauth/revoke')).status, 200)
  assert.equal((await server.request('GET', '/user', { token })).status, 403)
  assert.deepEqual((await post('/oauth/introspect')).body, { active: false })
})

test('nobody acts as an administrator, as somebody who is banned, or as nobody', async () => {
  const other = await server.user({ email: 'other-admin@example.com', role: 'service_role' })
  const banned = await server.user({ email: 'banned@example.com' })
  await server.request('PUT', `/admin/users/${banned.user.id}`, { as: 'service_role', body: { ban_duration: '24h' } })
  for (const [requested_subject, error] of [
    [other.user.id, 'access_denied'],
    [admin?.user.id ?? '', 'access_denied'],
    [banned.user.id, 'invalid_grant'],
    ['00000000-0000-4000-8000-000000000000', 'invalid_grant'],
    ['helped@example.com', 'invalid_grant'],
    ['', 'invalid_request'],
  ] as const) {
    const { status, body } = await ask({ requested_subject })
    assert.deepEqual([status, body.error], [400, error], requested_subject)
  }
})

test('only the token of an administrator who may still act is taken', async () => {
  const gone = await server.user({ email: 'gone-admin@example.com', role: 'service_role' })
  await server.request('POST', '/logout', { token: gone.access_token })
  const application = await registerApplication(server)
  const { body: theirs } = await exchange(server, application, await getCode(server, application, admin as SignedIn))
  for (const [what, subject_token] of [
    ['a person', person?.access_token ?? ''],
    ['anybody', mint({ role: 'anon' })],
    ['an administrator who signed out', gone.access_token],
    ['an application of the administrator', String(theirs.access_token)],
    ['nothing', 'x'],
    ['expired', mint({ role: 'service_role', exp: 1 })],
  ] as const) {
    const { status, body } = await ask({ subject_token })
    assert.deepEqual([status, body.error], [400, 'invalid_grant'], what)
  }
  const key = await ask({ subject_token: mint({ role: 'service_role' }) })
  assert.deepEqual(claimsOf(String(key.body.access_token)).act, { sub: 'service_role' })
})

test('only clients that an administrator made for it, with a secret, may ask; and for nothing else than that', async () => {
  const dynamic = await registerApplication(server, { grant_types: [grant_type] })
  assert.equal(Object(dynamic).error_code, 'validation_failed')
  const application = await registerApplication(server)
  const refused = await askTokens(server, { grant_type, client_id: application.client_id })
  assert.equal(refused.body.error, 'unsupported_grant_type')
  for (const [more, error] of [
    [{ subject_token: '' }, 'invalid_request'],
    [{ subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }, 'invalid_request'],
    [{ requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'invalid_request'],
    [{ actor_token: 'x' }, 'invalid_request'],
    [{ audience: 'x' }, 'invalid_target'],
    [{ resource: 'https://x.example' }, 'invalid_target'],
    [{ scope: 'email' }, 'invalid_scope'],
  ] as const) {
    const { status, body } = await ask({ ...more })
    assert.deepEqual([status, body.error], [400, error], JSON.stringify(more))
  }
  const before = await server.sql('select from auth.sessions where user_id = $1', [person?.user.id ?? ''])
  await ask()
  assert.equal(
    (await server.sql('select from auth.sessions where user_id = $1', [person?.user.id ?? ''])).length,
    before.length,
  )
})

test('the protected resource names its authorization server (RFC 9728); off, there is nothing', async () => {
  const { status, body } = await server.request('GET', '/.well-known/oauth-protected-resource')
  assert.equal(status, 200)
  assert.deepEqual([body.resource, body.authorization_servers], ['http://auth.example.test', ['http://auth.example']])
  assert.deepEqual(body.bearer_methods_supported, ['header'])
  const other = await startTestServer({ env: applicationServer })
  for (const path of ['/.well-known/oauth-protected-resource', '/oauth/logout'])
    assert.equal((await other.request('GET', path)).body.error_code, 'feature_disabled')
  const { body: description } = await other.request('GET', '/.well-known/openid-configuration')
  assert.ok(!('end_session_endpoint' in description))
  await other.close()
})
