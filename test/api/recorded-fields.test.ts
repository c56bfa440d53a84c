// Fields of bodies that are odd, of a wrong type or absent, as the reference was seen to take or refuse them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const as = 'service_role'
const password = 'correct horse battery staple'
let server: TestServer
let next = 0

before(async () => {
  server = await startTestServer({ env: { GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true' } })
})
after(() => server.close())

const address = () => `fields${++next}@example.com`
const number = () => `1555444${String(++next).padStart(4, '0')}`
const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }) => `${status} ${body.error_code}`

for (const field of ['aud', 'role', 'password_hash', 'id'])
  for (const value of [1.5, true, ['a'], { a: 1 }])
    test(`an administrator's ${field} of ${JSON.stringify(value)} is refused, creating and changing`, async () => {
      const { user } = await server.user({ email: address() })
      const created = await server.request('POST', '/admin/users', { as, body: { email: address(), [field]: value } })
      assert.equal(refusal(created), '400 bad_json')
      const changed = await server.request('PUT', `/admin/users/${user.id}`, {
        as,
        body: { [field]: value, email_confirm: true },
      })
      assert.equal(refusal(changed), '400 bad_json')
    })

test('an administrator may confirm an address that is still to come', async () => {
  const { body } = await server.request('POST', '/admin/users', {
    as,
    body: { phone: number(), email_confirm: true },
  })
  assert.equal(typeof body.email_confirmed_at, 'string')
  assert.deepEqual(body.user_metadata, { email_verified: true })
  const other = await server.request('POST', '/admin/users', { as, body: { email: address(), phone_confirm: true } })
  assert.equal(typeof other.body.phone_confirmed_at, 'string')
})

test('an account made with the hash of a password alone has no metadata', async () => {
  const password_hash = '$2a$10$8n6dBtVUHzP4Ms3Jw2ljH.ZUaLBa0ZFpy5u7Vr1M5P4oNXrXGJKoS'
  const { status, body } = await server.request('POST', '/admin/users', {
    as,
    body: { email: address(), password_hash },
  })
  assert.deepEqual([status, body.user_metadata], [200, null])
  const read = await server.request('GET', `/admin/users/${body.id}`, { as })
  assert.deepEqual(read.body.user_metadata, {}, 'as it is shown from then on')
  const some = await server.request('POST', '/admin/users', {
    as,
    body: { email: address(), password_hash, user_metadata: { a: 1 } },
  })
  assert.deepEqual(some.body.user_metadata, { a: 1 })
  const plain = await server.request('POST', '/admin/users', { as, body: { email: address(), password } })
  assert.deepEqual(plain.body.user_metadata, {})
})

for (const [role, stored] of [
  [' \t', ''],
  [' editor ', 'editor'],
] as const)
  test(`a role of ${JSON.stringify(role)} is kept as ${JSON.stringify(stored)}`, async () => {
    const { body } = await server.request('POST', '/admin/users', { as, body: { email: address(), role } })
    assert.equal(body.role, stored)
    const changed = await server.request('PUT', `/admin/users/${body.id}`, { as, body: { role } })
    assert.equal(changed.body.role, stored)
  })

for (const path of ['/signup', '/token?grant_type=password', '/otp'])
  test(`a byte order mark before the body of POST ${path} is no JSON`, async () => {
    const raw = `\ufeff${JSON.stringify({ email: address(), password })}`
    assert.equal(refusal(await server.request('POST', path, { raw })), '400 bad_json')
  })

test('a provider of an ID token that nobody knows does not hide whose issuer it names', async () => {
  const body = { provider: 'a@b', issuer: 'https://accounts.google.com', client_id: 'a', id_token: 'x' }
  const { body: answer, status } = await server.request('POST', '/token?grant_type=id_token', { body })
  assert.deepEqual(
    [status, answer.error_code, answer.msg],
    [400, 'provider_disabled', 'Provider (issuer "https://accounts.google.com") is not enabled'],
  )
})

test('the identifier of a provider is looked at before its other fields, and is named', async () => {
  const body = { provider_type: 'oauth2', identifier: 'a@b' }
  const { status, body: answer } = await server.request('POST', '/admin/custom-providers', { as, body })
  assert.deepEqual([status, answer.msg], [400, "identifier must start with 'custom:' prefix, e.g. 'custom:a@b'"])
})

test('a write of a factor that changes nothing leaves its updated_at', async () => {
  const person = await server.user({ email: address() })
  const { body } = await server.request('POST', '/factors', {
    token: person.access_token,
    body: { factor_type: 'phone', phone: number(), friendly_name: 'phone' },
  })
  await server.sql(`update auth.mfa_factors set updated_at = '2020-01-01' where id = $1`, [String(body.id)])
  const changed = await server.request('PUT', `/admin/users/${person.user.id}/factors/${body.id}`, { as, body: {} })
  assert.deepEqual([changed.status, String(changed.body.updated_at).slice(0, 4)], [200, '2020'])
})

test('a change of address with a method of PKCE and no challenge goes on without PKCE', async () => {
  const person = await server.user({ email: address() })
  const body = { email: address(), code_challenge: '', code_challenge_method: 's256' }
  const { status, text } = await server.request('PUT', '/user', { token: person.access_token, body })
  assert.equal(status, 200, text)
})

test('the exchange after a confirmation that was sent again is recorded by its method', async () => {
  const email = address()
  const challenge = { code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }
  await server.request('POST', '/signup', { body: { email, password, ...challenge } })
  await server.request('POST', '/resend', { body: { type: 'signup', email, ...challenge } })
  const rows = await server.sql(
    `select provider_type from auth.flow_state f join auth.users u on u.id = f.user_id where u.email = $1
      order by f.created_at`,
    [email],
  )
  assert.deepEqual(rows, [{ provider_type: 'email' }, { provider_type: 'email/signup' }])
})

for (const raw of ['{', '[]', '{"email":5}'])
  test(`a magic link's body ${raw} is told with the words that the reference has for it`, async () => {
    const { status, body } = await server.request('POST', '/magiclink', { raw })
    assert.deepEqual([status, body.error_code], [400, 'bad_json'])
    assert.match(String(body.msg), /^Could not read verification params: ./)
  })
