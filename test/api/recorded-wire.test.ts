// How a request is read before any flow sees it: paths, queries, types of bodies, versions and origins, as the reference was seen to.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let person: SignedIn
before(async () => {
  server = await startTestServer({
    env: {
      GOTRUE_PASSKEY_ENABLED: 'true',
      GOTRUE_OAUTH_SERVER_ENABLED: 'true',
      GOTRUE_CUSTOM_OAUTH_ENABLED: 'true',
      GOTRUE_WEBAUTHN_RP_ID: 'app.example.test',
      GOTRUE_WEBAUTHN_RP_DISPLAY_NAME: 'Example',
      GOTRUE_WEBAUTHN_RP_ORIGINS: 'http://app.example.test',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true',
      GOTRUE_MFA_PHONE_VERIFY_ENABLED: 'true',
      GOTRUE_SMS_TEST_OTP: '15550002222:123456',
    },
  })
  person = await server.user()
})
after(() => server.close())

for (const path of ['/admin/users/%zz', '/admin/users/100%', '/%/x', '/user/%2'])
  test(`${path} has a percent sign that begins no byte, and is no path`, async () => {
    const { status, text, headers } = await server.request('GET', path)
    assert.deepEqual([status, text], [400, '400 Bad Request'])
    assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8')
  })

test('a percent sign that begins a byte is part of a path, whatever the byte', async () => {
  const { status, body } = await server.request('GET', '/admin/users/%ff', { as: 'service_role' })
  assert.deepEqual([status, body.msg], [404, 'user_id must be an UUID'])
})

const back = 'redirect_to=https://app.example/back'
const away = (query: string) => server.request('GET', `/verify?${query}`)
/** The query of a link, and what its answer tells; a pair that cannot be read is as good as none. */
const queries: [string, string, string][] = [
  [`token=x&type=signup&${back}`, 'https://app.example/back', 'Email link is invalid or has expired'],
  [`token=x&type=signup&${back}&other=%zz`, 'http://site.example', 'Email link is invalid or has expired'],
  [`a;b&token=x&type=signup&${back}`, 'http://site.example', 'Email link is invalid or has expired'],
  [`token=%zz&type=signup`, '', 'Verify requires a token or a token hash'],
  [`token=x;y&type=signup`, '', 'Verify requires a token or a token hash'],
  [`token=x&type=%`, '', 'Verify requires a verification type'],
  [`token=%zz&token=x&type=signup`, 'http://site.example', 'Email link is invalid or has expired'],
  [`token=x%3By&type=signup&${back}`, 'https://app.example/back', 'Email link is invalid or has expired'],
]
for (const [query, address, told] of queries)
  test(`GET /verify?${query} leads to ${address || 'nowhere'}`, async () => {
    const { location, body } = await away(query)
    if (address === '') return assert.equal(body.msg, told)
    const url = new URL(String(location))
    assert.equal(url.origin + (url.pathname === '/' ? '' : url.pathname), address)
    assert.equal(
      url.searchParams.get('error_description') ?? new URLSearchParams(url.hash.slice(1)).get('error_description'),
      told,
    )
  })

test('a form with a pair that cannot be read has its other fields', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const raw of ['grant_type=password&x=%zz', 'x;y&grant_type=password']) {
    const { body } = await server.request('POST', '/token', { headers, raw })
    assert.equal(body.error_code, 'bad_json', raw)
  }
  const { body } = await server.request('POST', '/token', { headers, raw: 'grant_type=password;x=1' })
  assert.equal(body.error_code, 'invalid_credentials')
})

for (const type of [
  'application/x-www-form-urlencodedx',
  'application/x-www-form-urlencoded, application/json',
  'application/json, application/x-www-form-urlencoded',
])
  test(`a body of the type ${type} is JSON`, async () => {
    const raw = '{"email":"nobody@example.com"}'
    const { status, text } = await server.request('POST', '/recover', { headers: { 'content-type': type }, raw })
    assert.deepEqual([status, text], [200, '{}'])
  })

for (const version of ['2024-02-30', '2025-02-29', '2024-13-01', '2024-04-31'])
  test(`${version} is on no calendar, and no version`, async () => {
    const { body } = await server.request('GET', '/user', { headers: { 'x-supabase-api-version': version } })
    assert.deepEqual([body.code, body.error_code], [401, 'no_authorization'])
  })

test('what no preflight allows, and a request without an origin, get no headers of cross-origin requests', async () => {
  for (const [method, origin] of [
    ['HEAD', 'http://app.example.test'],
    ['GET', ''],
  ] as const) {
    const { headers } = await server.request(method, '/user', { headers: { origin } })
    assert.equal(headers.get('access-control-allow-origin'), null, method)
    assert.equal(headers.get('vary'), 'Origin', method)
  }
  for (const method of ['GET', 'OPTIONS', 'PATCH']) {
    const { headers } = await server.request(method, '/user', { headers: { origin: 'http://app.example.test' } })
    assert.equal(headers.get('access-control-allow-origin'), '*', method)
  }
})

test('names of a form are as they are written, unlike those of JSON', async () => {
  const called = (name: string) =>
    server.request('POST', '/callback', { form: { [name]: '11111111-1111-4111-8111-111111111111' } })
  assert.match(String((await called('state')).location), /OAuth\+state\+not\+found/)
  assert.match(String((await called('STATE')).location), /OAuth\+state\+parameter\+missing/)
})

test('a body of DELETE is JSON, whatever it says that it is', async () => {
  const { user } = await server.user()
  const path = `/admin/users/${user.id}`
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const raw of ['a=b', ' ']) {
    const refused = await server.request('DELETE', path, { as: 'service_role', headers, raw })
    assert.equal(refused.body.error_code, 'bad_json', raw)
  }
  await server.request('DELETE', path, { as: 'service_role', headers, raw: '{"should_soft_delete":true}' })
  const [row] = await server.sql('select deleted_at is not null as kept from auth.users where id = $1', [user.id])
  assert.deepEqual(row, { kept: true })
})

test('a challenge of an app needs no body and reads none, one of a phone needs JSON', async () => {
  const token = person.access_token
  const enroll = async (body: object) => String((await server.request('POST', '/factors', { token, body })).body.id)
  const app = await enroll({ factor_type: 'totp', friendly_name: 'app' })
  const phone = await enroll({ factor_type: 'phone', friendly_name: 'phone', phone: '15550002222' })
  for (const raw of ['', '{', '[]', 'channel=sms', '{"channel":1}'])
    assert.equal((await server.request('POST', `/factors/${app}/challenge`, { token, raw })).status, 200, raw)
  for (const raw of ['', ' ', '{', '[]', '{"channel":1}']) {
    const { status, body } = await server.request('POST', `/factors/${phone}/challenge`, { token, raw })
    assert.deepEqual([status, body.error_code], [400, 'bad_json'], raw)
  }
})

test('who asks to sign in with a passkey need not send a body, and none is read', async () => {
  for (const raw of ['', '{', '[]'])
    assert.equal((await server.request('POST', '/passkeys/authentication/options', { raw })).status, 200, raw)
})

/** What a wrong method or an unknown path below /passkeys tells somebody without a token, and with one. */
const strangers: [string, string, number, number][] = [
  ['PUT', '/passkeys', 405, 405],
  ['PUT', '/passkeys/', 405, 405],
  ['GET', '/passkeys/authentication/options', 405, 405],
  ['GET', '/passkeys/registration/options', 401, 405],
  ['HEAD', '/passkeys/registration/verify', 401, 405],
  ['POST', '/passkeys/registration/nowhere', 401, 404],
  ['OPTIONS', '/passkeys/11111111-1111-4111-8111-111111111111', 401, 405],
  ['GET', '/passkeys/11111111-1111-4111-8111-111111111111/nowhere', 401, 404],
]
for (const [method, path, stranger, known] of strangers)
  test(`${method} ${path} answers ${stranger} to a stranger and ${known} to a person`, async () => {
    assert.equal((await server.request(method, path)).status, stranger)
    assert.equal((await server.request(method, path, { token: person.access_token })).status, known)
  })

const nowhere = '11111111-1111-4111-8111-111111111111'
/** What stands in a path is looked for before its method and its body are looked at. */
const named: [string, string, string][] = [
  ['OPTIONS', `/factors/${nowhere}`, 'mfa_factor_not_found'],
  ['GET', `/factors/${nowhere}/verify`, 'mfa_factor_not_found'],
  ['GET', '/factors/nothing', 'validation_failed'],
  ['POST', '/factors//', 'validation_failed'],
  ['PATCH', '/passkeys/nothing', 'validation_failed'],
]
for (const [method, path, code] of named)
  test(`${method} ${path} is refused for what it names`, async () => {
    const body = method === 'PATCH' ? { raw: '{' } : {}
    const answer = await server.request(method, path, { token: person.access_token, ...body })
    assert.deepEqual([answer.status, answer.body.error_code], [404, code])
  })

test('two slashes hold an empty name between them', async () => {
  for (const [method, path, message] of [
    ['GET', '/admin/users//factors', 'user_id must be an UUID'],
    ['DELETE', '/admin/oauth/clients//', 'client_id is required'],
    ['POST', '/admin/oauth/clients//regenerate_secret', 'client_id is required'],
    ['GET', '/admin/custom-providers//', 'identifier is required'],
  ] as const)
    assert.equal((await server.request(method, path, { as: 'service_role' })).body.msg, message, path)
  const consent = { token: person.access_token, body: { action: 'approve' } }
  const { status, body } = await server.request('POST', '/oauth/authorizations//consent', consent)
  assert.deepEqual([status, body.msg], [400, 'authorization_id is required'])
  for (const path of ['//token', '//consent', '/token//', '//'])
    assert.equal((await server.request('POST', path, { body: {} })).status, 404, path)
})

test('a path that ends with a slash where an id would begin names none', async () => {
  for (const path of ['/admin/users/', '/factors/', '/admin/sso/providers/']) {
    const caller = path === '/factors/' ? { token: person.access_token } : { as: 'service_role' as const }
    assert.equal((await server.request('PATCH', path, caller)).status, 405, path)
  }
})

test('some routes are no other with a slash at the end', async () => {
  const { access_token: token } = person
  for (const [method, path] of [
    ['GET', '/user/identities/authorize/'],
    ['DELETE', `/user/identities/${nowhere}/`],
  ] as const)
    assert.equal((await server.request(method, path, { token })).status, 404, path)
  const body = { type: 'magiclink', email: 'slash@example.com' }
  assert.equal((await server.request('POST', '/admin/generate_link/', { as: 'service_role', body })).status, 404)
})

test('a wrong method for a factor of somebody is refused for a factor that is not there', async () => {
  const path = `/admin/users/${person.user.id}/factors`
  for (const [id, code] of [
    [nowhere, 'mfa_factor_not_found'],
    ['nothing', 'validation_failed'],
  ] as const) {
    const { status, body } = await server.request('PATCH', `${path}/${id}`, { as: 'service_role' })
    assert.deepEqual([status, body.error_code], [404, code])
  }
})
