// Applications that sign people in, as the recorded server was seen to answer them: words, order of checks, what is kept.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type Application,
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
import { type Answer, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let closed: TestServer
let person: SignedIn
let application: Application

before(async () => {
  server = await startTestServer({
    env: { ...applicationServer, GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' },
  })
  closed = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: {
      GOTRUE_OAUTH_SERVER_ENABLED: 'true',
      GOTRUE_OAUTH_SERVER_DEFAULT_SCOPE: '',
      GOTRUE_OAUTH_SERVER_AUTHORIZATION_PATH: '/consent',
    },
  })
  person = await server.user()
  application = await registerApplication(server)
})
after(async () => {
  await closed.close()
  await server.close()
})

const said = ({ status, body }: Answer): unknown[] => [
  status,
  body.error_code ?? body.error,
  body.msg ?? body.error_description,
]
const admin = { as: 'service_role' } as const
const clients = '/admin/oauth/clients'

const redirects: [uri: string, problem: string | null][] = [
  ['127.0.0.1:3000/callback', 'invalid URL format'],
  [' https://client.example/', 'invalid URL format'],
  ['my_app://callback', 'invalid URL format'],
  ['https://client.example/%zz', 'invalid URL format'],
  ['https://exa mple.com/', 'invalid URL format'],
  ['https://client.example:abc/', 'invalid URL format'],
  ['https://[::1', 'invalid URL format'],
  ['localhost:3000/callback', 'must have scheme and host'],
  ['myapp:///callback', 'must have scheme and host'],
  ['http://LOCALHOST/', 'HTTP scheme only allowed for localhost'],
  ['http://127.1/', 'HTTP scheme only allowed for localhost'],
  ['http://[0:0:0:0:0:0:0:1]/', 'HTTP scheme only allowed for localhost'],
  ['http://[::1]:3000/', null],
  ['https://client.example/#', null],
]
for (const [uri, problem] of redirects)
  test(`the redirect address ${uri} is ${problem === null ? 'taken' : `refused: ${problem}`}`, async () => {
    const answer = await server.request('POST', '/oauth/clients/register', { body: { redirect_uris: [uri] } })
    if (problem === null) assert.deepEqual([answer.status, answer.body.redirect_uris], [201, [uri]])
    else assert.deepEqual(said(answer), [400, 'validation_failed', `400: invalid redirect_uri '${uri}': ${problem}`])
  })

test('names of applications are counted in bytes, and what is far too long is told in the same words', async () => {
  const register = (client_name: string) =>
    server.request('POST', '/oauth/clients/register', { body: { redirect_uris: [redirect_uri], client_name } })
  const tooLong = [400, 'validation_failed', '400: client_name cannot exceed 1024 characters']
  assert.equal((await register('é'.repeat(512))).status, 201)
  assert.deepEqual(said(await register('é'.repeat(513))), tooLong)
  assert.deepEqual(said(await register('x'.repeat(5000))), tooLong)
})

test('the secret of a public application is kept as an empty text, which nobody can show', async () => {
  const { client_id } = application
  const rows = await server.sql('select client_secret_hash from auth.oauth_clients where id = $1', [client_id])
  assert.deepEqual(rows, [{ client_secret_hash: '' }])
})

test('where nobody may register, the body is not looked at', async () => {
  const answer = await closed.request('POST', '/oauth/clients/register', { raw: '{' })
  const words = 'Dynamic client registration is not enabled'
  assert.deepEqual(said(answer), [403, 'oauth_dynamic_client_registration_disabled', words])
})

test('a change of an application looks at the application first, then at the body, then at each list', async () => {
  const unknown = `${clients}/11111111-1111-4111-8111-111111111111`
  const path = `${clients}/${application.client_id}`
  const notFound = [404, 'oauth_client_not_found', 'OAuth client not found']
  assert.deepEqual(said(await server.request('PUT', unknown, { ...admin, raw: '{' })), notFound)
  assert.deepEqual(said(await server.request('PATCH', unknown, admin)), notFound)
  const change = async (body: unknown) => said(await server.request('PUT', path, { ...admin, body }))
  assert.deepEqual(await change({ grant_types: [] }), [400, 'validation_failed', 'grant_types cannot be empty'])
  const unread = [400, 'validation_failed', 'No fields provided for update']
  assert.deepEqual(await change({ scope: 'email', client_type: 'public' }), unread)
  const listed = await server.request('GET', `${clients}/`, admin)
  assert.equal(listed.status, 200)
  assert.ok(Array.isArray(listed.body.clients))
})

const resources: [resource: string, problem: string | null][] = [
  ['https://api.example/%zz', 'resource must be a valid URI'],
  ['https://api example/', 'resource must be a valid URI'],
  ['//api.example/', 'resource must be an absolute URI'],
  ['https://api.example/#', null],
  ['https://api.example/?', null],
]
for (const [resource, problem] of resources)
  test(`the resource ${resource} is ${problem === null ? 'taken' : `refused: ${problem}`}`, async () => {
    const { code_challenge } = proofKey()
    const asked = { client_id: application.client_id, redirect_uri, resource, code_challenge }
    const { location } = await askAuthorization(server, { ...asked, code_challenge_method: 'S256' })
    assert.equal(new URL(location ?? '').searchParams.get('error_description'), problem)
  })

test('a scope is kept, shown and granted as it was asked for', async () => {
  const scope = ' email  profile email '
  const { id, body } = await openAuthorization(server, application, person, { scope })
  assert.equal(body.scope, scope)
  await server.request('POST', `/oauth/authorizations/${id}/consent`, {
    token: person.access_token,
    body: { action: 'approve' },
  })
  const grants = await server.request('GET', '/user/oauth/grants/', { token: person.access_token })
  const [grant] = grants.body as unknown as { scopes: string[] }[]
  assert.deepEqual(grant?.scopes, ['email', 'profile', 'email'])
  const tab = await askAuthorization(server, { ...(await asking()), scope: 'email\tprofile' })
  const problem = new URL(tab.location ?? '').searchParams.get('error_description')
  assert.equal(problem, 'unsupported scope: email\tprofile')
  const none = await askAuthorization(closed, await asking())
  const missing = new URL(none.location ?? '').searchParams.get('error_description')
  assert.equal(missing, 'scope parameter is required')
})

const asking = async () => ({
  client_id: application.client_id,
  redirect_uri,
  code_challenge: proofKey().code_challenge,
  code_challenge_method: 'S256',
})

test('an earlier consent counts when a request is looked at first, not later', async () => {
  const somebody = await server.user()
  const { client_id } = await registerApplication(server)
  const own = { client_id }
  const first = await openAuthorization(server, own, somebody)
  await getCode(server, own, somebody)
  const again = await server.request('GET', `/oauth/authorizations/${first.id}`, { token: somebody.access_token })
  assert.deepEqual([again.status, again.body.redirect_url, again.body.scope], [200, undefined, 'email'])
  const { body } = await openAuthorization(server, own, somebody)
  assert.match(String(body.redirect_url), /^https:\/\/client\.example\/callback\?code=[0-9a-f-]{36}$/)
})

test('what was decided is told before whose it is, to anybody who knows the request', async () => {
  const { id } = await openAuthorization(server, await registerApplication(server), person)
  const path = `/oauth/authorizations/${id}`
  await server.request('POST', `${path}/consent`, { token: person.access_token, body: { action: 'deny' } })
  const stranger = { token: (await server.user()).access_token }
  const look = await server.request('GET', path, stranger)
  assert.deepEqual(said(look), [400, 'validation_failed', 'authorization request cannot be processed'])
  const approve = await server.request('POST', `${path}/consent`, { ...stranger, body: { action: 'approve' } })
  assert.deepEqual(said(approve), [400, 'validation_failed', 'authorization request is no longer pending'])
})

test('another site is refused before its body is read', async () => {
  const { id } = await openAuthorization(server, await registerApplication(server), person)
  const answer = await server.request('POST', `/oauth/authorizations/${id}/consent`, {
    token: person.access_token,
    headers: { origin: 'http://evil.example' },
    raw: '{',
  })
  assert.deepEqual(said(answer), [400, 'validation_failed', 'unauthorized request origin'])
})

test('a person without an address is shown to be asked without one', async () => {
  const { body } = await server.request('POST', '/signup', { body: {} })
  const somebody = body as unknown as SignedIn
  const asked = await openAuthorization(server, await registerApplication(server), somebody)
  assert.deepEqual(asked.body.user, { id: somebody.user.id })
})

test('who asks for tokens is looked at before what is asked', async () => {
  const { client_id, client_secret } = await registerApplication(server, {
    token_endpoint_auth_method: 'client_secret_basic',
  })
  const asks = (secret: string, raw: string) =>
    server.request('POST', '/oauth/token', {
      raw,
      headers: { authorization: `Basic ${Buffer.from(`${client_id}:${secret}`).toString('base64')}` },
    })
  const unreadable = [400, 'invalid_request', 'Invalid JSON body']
  assert.deepEqual(said(await asks(client_secret ?? '', '{')), unreadable)
  assert.deepEqual(said(await asks(client_secret ?? '', '{"grant_type":5}')), unreadable)
  assert.deepEqual(said(await asks('wrong', '{')), [400, 'invalid_credentials', 'invalid client credentials'])
  const needsSecret = [400, 'invalid_credentials', 'confidential clients must provide client_secret']
  assert.deepEqual(said(await asks('', '{}')), needsSecret)
  const plain = await server.request('POST', '/oauth/token', { raw: '{' })
  const broken = [400, 'invalid_credentials', 'Invalid client credentials: failed to parse JSON body']
  assert.deepEqual(said(plain), broken)
  const nobody = await server.request('POST', '/oauth/token', {
    form: { grant_type: 'refresh_token' },
    headers: { authorization: `Basic ${Buffer.from(':').toString('base64')}` },
  })
  assert.deepEqual(said(nobody), [400, 'invalid_client', 'Client authentication required'])
  const unpadded = await server.request('POST', '/oauth/token', {
    form: {},
    headers: { authorization: 'Basic YWJjZA' },
  })
  const encoding = [400, 'invalid_credentials', 'Invalid client credentials: invalid basic auth encoding']
  assert.deepEqual(said(unpadded), encoding)
})

test('the first of two fields of one name counts in a form, and only JSON is read as JSON', async () => {
  const raw = `client_id=${application.client_id}&client_id=other&grant_type=authorization_code`
  const form = await server.request('POST', '/oauth/token', {
    raw,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  assert.deepEqual(said(form), [400, 'invalid_request', 'code is required for authorization_code grant'])
  const text = await server.request('POST', '/oauth/token', {
    raw: JSON.stringify({ client_id: application.client_id, grant_type: 'authorization_code' }),
    headers: { 'content-type': 'text/plain' },
  })
  const missing = [400, 'invalid_credentials', 'Invalid client credentials: client_id is required']
  assert.deepEqual(said(text), missing)
})

test('a refresh by another application is refused with the names of the session in headers', async () => {
  const { body } = await exchange(server, application, await getCode(server, application, person))
  const other = await registerApplication(server)
  const refresh_token = String(body.refresh_token)
  const { client_id } = other
  const answer = await askTokens(server, { grant_type: 'refresh_token', refresh_token, client_id })
  assert.deepEqual(said(answer), [400, 'invalid_client', "Client does not match the session's OAuth client"])
  assert.equal(answer.headers.get('sb-auth-user-id'), person.user.id)
  assert.match(answer.headers.get('sb-auth-session-id') ?? '', /^[0-9a-f-]{36}$/)
  await server.sql("update auth.sessions set not_after = now() - interval '1 second' where oauth_client_id = $1", [
    application.client_id,
  ])
  const late = await askTokens(server, { grant_type: 'refresh_token', refresh_token, client_id })
  assert.deepEqual(said(late), [400, 'session_expired', 'Invalid Refresh Token: Session Expired'])
  assert.equal(late.headers.get('sb-auth-user-id'), person.user.id)
})

test('null within a list is an empty text', async () => {
  const body = { redirect_uris: [redirect_uri, null] }
  const sentence = "invalid redirect_uri '': redirect URI cannot be empty"
  const created = await server.request('POST', clients, { ...admin, body })
  assert.deepEqual(said(created), [400, 'validation_failed', `400: ${sentence}`])
  const changed = await server.request('PUT', `${clients}/${application.client_id}`, { ...admin, body })
  assert.deepEqual(said(changed), [400, 'validation_failed', sentence])
  const grants = await server.request('PUT', `${clients}/${application.client_id}`, {
    ...admin,
    body: { grant_types: [null] },
  })
  assert.deepEqual(said(grants), [
    400,
    'validation_failed',
    "grant_types must only contain 'authorization_code' and/or 'refresh_token'",
  ])
})
