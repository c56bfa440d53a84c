// The order of checks, and what routes of features that are switched off answer, as the reference was seen to do it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let guarded: TestServer
let person: SignedIn

before(async () => {
  server = await startTestServer({ env: { GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' } })
  guarded = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: {
      GOTRUE_SECURITY_CAPTCHA_ENABLED: 'true',
      GOTRUE_SECURITY_CAPTCHA_SECRET: 'secret',
      GOTRUE_SECURITY_CAPTCHA_PROVIDER: 'turnstile',
      GOTRUE_DISABLE_SIGNUP: 'true',
      GOTRUE_EXTERNAL_EMAIL_ENABLED: 'false',
    },
  })
  person = await server.user()
})
after(() => server.close())

const refusal = ({ status, body, text }: { status: number; body: Record<string, unknown>; text: string }) =>
  body ? `${status} ${body.error_code}` : `${status} ${text.trim()}`

const nowhere = '11111111-1111-4111-8111-111111111111'
const switchedOff: [string, string, string, 'anyone' | 'a person' | 'an administrator'][] = [
  ['POST', '/sso', '404 saml_provider_disabled', 'anyone'],
  ['GET', '/sso/saml/metadata', '404 saml_provider_disabled', 'anyone'],
  ['POST', '/sso/saml/acs', '404 saml_provider_disabled', 'anyone'],
  ['GET', '/oauth/authorize', '404 feature_disabled', 'anyone'],
  ['POST', '/oauth/token', '404 feature_disabled', 'anyone'],
  ['POST', '/oauth/clients/register', '404 feature_disabled', 'anyone'],
  ['GET', '/oauth/userinfo', '404 feature_disabled', 'anyone'],
  ['GET', '/oauth/authorizations/x', '404 feature_disabled', 'anyone'],
  ['POST', '/oauth/authorizations/x/consent', '404 feature_disabled', 'anyone'],
  ['GET', '/user/oauth/grants', '404 feature_disabled', 'a person'],
  ['DELETE', '/user/oauth/grants?client_id=x', '404 feature_disabled', 'a person'],
  ['GET', '/admin/oauth/clients', '404 feature_disabled', 'an administrator'],
  ['POST', '/admin/oauth/clients', '404 feature_disabled', 'an administrator'],
  ['PUT', '/admin/oauth/clients/x', '404 feature_disabled', 'an administrator'],
  ['POST', '/passkeys/authentication/options', '404 passkey_disabled', 'anyone'],
  ['POST', '/passkeys/authentication/verify', '404 passkey_disabled', 'anyone'],
  ['POST', '/passkeys/registration/options', '404 passkey_disabled', 'anyone'],
  ['POST', '/passkeys/registration/verify', '404 passkey_disabled', 'anyone'],
  ['GET', '/passkeys', '404 passkey_disabled', 'anyone'],
  ['PATCH', '/passkeys/x', '404 passkey_disabled', 'anyone'],
  ['DELETE', '/passkeys/x', '404 passkey_disabled', 'anyone'],
]
for (const [method, path, expected, who] of switchedOff)
  test(`${method} ${path} of a feature that is off answers ${expected} to ${who}`, async () => {
    const asPerson = { token: person.access_token }
    const caller = who === 'a person' ? asPerson : who === 'an administrator' ? { as: 'service_role' as const } : {}
    const raw = method === 'GET' ? {} : { raw: '{' }
    assert.equal(refusal(await server.request(method, path, { ...caller, ...raw })), expected)
    if (who === 'anyone') return
    assert.equal(refusal(await server.request(method, path, raw)), '401 no_authorization')
    if (who === 'an administrator') assert.equal(refusal(await server.request(method, path, asPerson)), '403 not_admin')
  })

test('the grant of wallets answers its own code, in the query and in a form', async () => {
  assert.equal(
    refusal(await server.request('POST', '/token?grant_type=web3', { body: {} })),
    '422 web3_provider_disabled',
  )
  const form = { grant_type: 'web3' }
  assert.equal(refusal(await server.request('POST', '/token', { form })), '422 web3_provider_disabled')
})

for (const grant_type of ['password', 'refresh_token', 'pkce', 'id_token'])
  test(`grant ${grant_type} named in a form has no JSON body`, async () => {
    const form = { grant_type, email: 'a@example.com', password: 'x', refresh_token: person.refresh_token }
    assert.equal(refusal(await server.request('POST', '/token', { form })), '400 bad_json')
    assert.equal(refusal(await server.request('POST', '/token?grant_type=nonsense', { form })), '400 bad_json')
  })

test('a grant that nobody knows stays unsupported when a form names it', async () => {
  const form = { grant_type: 'nonsense' }
  const answer = await server.request('POST', '/token?grant_type=password', { form })
  assert.deepEqual([refusal(answer), answer.body.msg], ['400 invalid_credentials', 'unsupported_grant_type'])
})

const beforeAll: [string, object][] = [
  ['/signup', { email: 'a@example.com' }],
  ['/signup', {}],
  ['/otp', { email: 'a@example.com', phone: '1' }],
  ['/magiclink', {}],
  ['/recover', {}],
  ['/resend', { type: 'nonsense' }],
  ['/token?grant_type=password', {}],
  ['/token?grant_type=web3', {}],
  ['/token?grant_type=nonsense', {}],
]
for (const [path, body] of beforeAll)
  test(`POST ${path} asks for a captcha before it looks at ${JSON.stringify(body)} and at what is switched on`, async () => {
    assert.equal(refusal(await guarded.request('POST', path, { body })), '400 captcha_failed')
  })

test('a form that names the password grant asks for a captcha, and so for a JSON body', async () => {
  assert.equal(refusal(await guarded.request('POST', '/token', { form: { grant_type: 'password' } })), '400 bad_json')
})

const badBodies: [string, string, string][] = [
  ['POST', `/factors/${nowhere}/challenge`, '404 mfa_factor_not_found'],
  ['POST', `/factors/${nowhere}/verify`, '404 mfa_factor_not_found'],
  ['POST', '/factors/nonsense/verify', '404 validation_failed'],
]
for (const [method, path, expected] of badBodies)
  test(`${method} ${path} tells of the factor before the body`, async () => {
    assert.equal(refusal(await server.request(method, path, { raw: '{', token: person.access_token })), expected)
  })

test('an anonymous person hears of that before the body of a factor', async () => {
  const { body } = await server.request('POST', '/signup', { body: {} })
  const answer = await server.request('POST', '/factors', { raw: '{', token: String(body.access_token) })
  assert.equal(refusal(answer), '403 no_authorization')
})

test('PUT /admin/users/{id} and its factors tell of the account before the body', async () => {
  const as = 'service_role'
  const account = await server.request('PUT', `/admin/users/${nowhere}`, { raw: '{', as })
  assert.equal(refusal(account), '404 user_not_found')
  const factor = await server.request('PUT', `/admin/users/${person.user.id}/factors/${nowhere}`, { raw: '{', as })
  assert.equal(refusal(factor), '404 mfa_factor_not_found')
})

test('PUT /user tells of the session before the body', async () => {
  assert.equal(refusal(await server.request('PUT', '/user', { raw: '{' })), '401 no_authorization')
  const gone = await server.user()
  await server.request('POST', '/logout', { token: gone.access_token })
  assert.equal(
    refusal(await server.request('PUT', '/user', { raw: '{', token: gone.access_token })),
    '403 session_not_found',
  )
})

test('a sign-up by phone with half a challenge is refused, and nobody is made', async () => {
  const phones = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: { GOTRUE_EXTERNAL_PHONE_ENABLED: 'true', GOTRUE_SMS_AUTOCONFIRM: 'true' },
  })
  const half = { phone: '15557770001', password: 'correct horse battery', code_challenge_method: 's256' }
  const { status, body } = await phones.request('POST', '/signup', { body: half })
  assert.deepEqual(
    [status, body.error_code, body.msg],
    [400, 'validation_failed', 'PKCE flow requires code_challenge_method and code_challenge'],
  )
  assert.deepEqual(await server.sql(`select id from auth.users where phone = '15557770001'`), [])
})
