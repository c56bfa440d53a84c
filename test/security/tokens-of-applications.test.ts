// Security rule 7: what an application holds is not the person's own session, whatever the person may do.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type Application,
  applicationServer,
  askTokens,
  exchange,
  getCode,
  openAuthorization,
  redirect_uri,
  registerApplication,
} from '../support/applications.ts'
import { newProofKey } from '../support/dpop.ts'
import { claimsOf, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ env: { ...applicationServer, GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true' } })
})
after(() => server.close())

async function letIn() {
  const application = await registerApplication(server)
  const person = await server.user()
  const { body } = await exchange(server, application, await getCode(server, application, person))
  return { application, person, token: String(body.access_token), refresh_token: String(body.refresh_token) }
}

test('a token of an application tells who the person is, and changes nothing of the account', async () => {
  const { application, person, token } = await letIn()
  for (const path of ['/user', '/oauth/userinfo'])
    assert.equal((await server.request('GET', path, { token })).status, 200, path)
  const { id } = await openAuthorization(server, application, person, { scope: 'email profile phone' })
  for (const [method, path, body] of [
    ['PUT', '/user', { password: 'another horse battery staple' }],
    ['PUT', '/user', { data: { a: 1 } }],
    ['GET', '/user/sessions'],
    ['DELETE', `/user/sessions/${id}`],
    ['GET', '/reauthenticate'],
    ['POST', '/logout'],
    ['POST', '/factors', { factor_type: 'totp', friendly_name: 'app' }],
    ['GET', '/user/identities/authorize?provider=github'],
    ['GET', '/user/oauth/grants'],
    ['DELETE', `/user/oauth/grants?client_id=${application.client_id}`],
    ['GET', `/oauth/authorizations/${id}`],
    ['POST', `/oauth/authorizations/${id}/consent`, { action: 'approve' }],
  ] as const) {
    const answer = await server.request(method, path, { token, ...(body && { body }) })
    assert.deepEqual([answer.status, answer.body.error_code], [403, 'no_authorization'], `${method} ${path}`)
  }
  const kept = await server.sql<{ status: string }>(
    'select status::text from auth.oauth_authorizations where authorization_id = $1',
    [id],
  )
  assert.deepEqual(kept, [{ status: 'pending' }])
  assert.equal((await server.request('GET', '/user/sessions', { token: person.access_token })).status, 200)
})

test('no identity is linked by an ID token that comes with a token of an application', async () => {
  const { token } = await letIn()
  const { status, body } = await server.request('POST', '/token?grant_type=id_token', {
    token,
    body: { id_token: 'x.y.z', provider: 'google', link_identity: true },
  })
  assert.deepEqual([status, body.error_code], [403, 'no_authorization'])
})

test('an application that an administrator let in is no administrator', async () => {
  const { application, person, refresh_token } = await letIn()
  await server.sql(`update auth.users set role = 'service_role' where id = $1`, [person.user.id])
  const form = { grant_type: 'refresh_token', client_id: application.client_id, refresh_token }
  const { body } = await askTokens(server, form)
  const asked = await server.request('GET', '/admin/users', { token: String(body.access_token) })
  assert.deepEqual([asked.status, asked.body.error_code], [403, 'not_admin'])
})

test('a code that the person has taken back opens no session, also when both happen at once', async () => {
  const takeBack = ({ client_id }: Application, { access_token }: SignedIn) =>
    server.request('DELETE', `/user/oauth/grants?client_id=${client_id}`, { token: access_token })
  const [application, person] = [await registerApplication(server), await server.user()]
  const given = await getCode(server, application, person)
  await takeBack(application, person)
  const { status, body } = await exchange(server, application, given)
  assert.deepEqual([status, body.error], [400, 'invalid_grant'])
  for (let round = 0; round < 10; round++) {
    const given = await getCode(server, application, person)
    await Promise.all([exchange(server, application, given), takeBack(application, person)])
    const left = await server.sql('select id from auth.sessions where oauth_client_id = $1', [application.client_id])
    assert.deepEqual(left, [])
  }
})

test('what people are shown of an application is no script', async () => {
  for (const name of ['client_uri', 'logo_uri']) {
    const fields = { redirect_uris: [redirect_uri], [name]: 'javascript://x/%0aalert(1)' }
    const { status, body } = await server.request('POST', '/oauth/clients/register', { body: fields })
    assert.deepEqual([status, body.error_code], [400, 'validation_failed'], name)
    assert.match(String(body.msg), new RegExp(name))
  }
})

test('POSTERN_OAUTH_STRICT=false opens the account itself as the Go server does, and neither factors, consents nor administration', async () => {
  const { database, mail } = server
  const lax = await startTestServer({ env: { ...applicationServer, POSTERN_OAUTH_STRICT: 'false' }, database, mail })
  try {
    const { application, person, token } = await letIn()
    const changed = await lax.request('PUT', '/user', { token, body: { data: { by: 'an application' } } })
    assert.equal(changed.status, 200, changed.text)
    const { id } = await openAuthorization(server, application, person, { scope: 'email profile phone' })
    for (const [method, path, body] of [
      ['POST', '/factors', { factor_type: 'totp', friendly_name: 'app' }],
      ['GET', '/user/sessions'],
      ['GET', '/user/oauth/grants'],
      ['POST', `/oauth/authorizations/${id}/consent`, { action: 'approve' }],
      ['GET', '/admin/users'],
    ] as const) {
      const { status } = await lax.request(method, path, { token, ...(body && { body }) })
      assert.equal(status, 403, `${method} ${path}`)
    }
    assert.equal((await lax.request('POST', '/logout?scope=local', { token })).status, 204)
    assert.equal((await lax.request('GET', '/user', { token })).status, 403)
    assert.equal((await lax.request('GET', '/user', { token: person.access_token })).status, 200)
  } finally {
    await lax.close()
  }
})

test('a hook that makes claims of its own does not loosen a token from its key', async () => {
  const { database, mail } = server
  await server.sql('create schema if not exists hooks')
  await server.sql(`create or replace function hooks.own_claims(event jsonb) returns jsonb language sql as
    $$ select jsonb_build_object('claims', (event->'claims') - 'cnf') $$`)
  const hooked = await startTestServer({
    env: {
      ...applicationServer,
      POSTERN_OAUTH_FEATURES: 'dpop',
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_ENABLED: 'true',
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI: 'pg-functions://postgres/hooks/own_claims',
    },
    database,
    mail,
  })
  try {
    const key = await newProofKey()
    const address = `${applicationServer.GOTRUE_JWT_ISSUER}/oauth/token`
    const application = await registerApplication(hooked)
    const given = await getCode(hooked, application, await hooked.user({ email: 'hooked@example.com' }))
    const ask = async (form: Record<string, string>) =>
      hooked.request('POST', '/oauth/token', {
        form: { client_id: application.client_id, ...form },
        headers: { dpop: await key.prove('POST', address) },
      })
    const first = await ask({ grant_type: 'authorization_code', ...given })
    const second = await ask({ grant_type: 'refresh_token', refresh_token: String(first.body.refresh_token) })
    for (const { body, text } of [first, second])
      assert.deepEqual(claimsOf(String(body.access_token)).cnf, { jkt: key.jkt }, text)
  } finally {
    await hooked.close()
  }
})
