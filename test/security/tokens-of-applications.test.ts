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
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

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
