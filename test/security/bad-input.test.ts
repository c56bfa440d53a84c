// Bad input never gives a 5xx, says what is wrong, and leaves nothing behind.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const posts = [
  '/signup',
  '/token?grant_type=password',
  '/token?grant_type=refresh_token',
  '/token?grant_type=pkce',
  '/recover',
  '/otp',
  '/magiclink',
  '/resend',
  '/verify',
]
const bodies: Record<string, string> = {
  'broken JSON': '{"email":',
  'an open list 500,000 deep': '['.repeat(500_000),
  'an object 20,000 deep': `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  'a list': '[]',
  'a text': '"text"',
  'a number': '1e400',
  'two values': '{} {}',
  'a byte order mark': '\ufeff{}',
  'a number as address': '{"email":1e308,"phone":12,"password":1,"type":1,"token":1,"refresh_token":5,"auth_code":1}',
  'lists as texts': '{"email":["a"],"password":{},"type":[],"token":[],"refresh_token":[],"auth_code":[],"phone":{}}',
  'NUL in every text':
    '{"email":"a\\u0000@b.c","password":"a\\u0000bcdefgh","type":"a\\u0000","token":"\\u0000","refresh_token":"\\u0000","auth_code":"\\u0000","code_verifier":"\\u0000"}',
  'a lone surrogate': '{"email":"a@b.cd","password":"abcdefgh\\ud800","data":{"x":"\\udfff"}}',
  'a huge address': JSON.stringify({ email: `${'a'.repeat(100_000)}@example.com`, password, phone: '' }),
  'a huge number as phone': JSON.stringify({ phone: '9'.repeat(100_000), password, token: '1', type: 'sms' }),
  'unicode digits': JSON.stringify({ phone: '١٢٣٤٥٦٧٨٩', password, token: '1', type: 'sms' }),
}

for (const path of posts)
  test(`POST ${path} refuses what it cannot read`, async () => {
    const before = await server.sql('select count(*)::int as n from auth.users')
    for (const [name, raw] of Object.entries(bodies)) {
      const response = await server.request('POST', path, { raw })
      assert.ok([400, 403, 422].includes(response.status), `${name}: ${response.status} ${response.text}`)
      assert.equal(typeof response.body.error_code, 'string', name)
      assert.doesNotMatch(response.text, /select |insert |constraint|postgres|node_modules/i, name)
    }
    assert.deepEqual(await server.sql('select count(*)::int as n from auth.users'), before)
  })

test('a field of the wrong type is named', async () => {
  const { status, body } = await server.request('POST', '/signup', { body: { email: 5, password } })
  assert.equal(status, 400)
  assert.equal(body.error_code, 'bad_json')
  assert.match(String(body.msg), /email/)
})

test('data that is no object is named', async () => {
  for (const path of ['/signup', '/otp', '/magiclink']) {
    const response = await server.request('POST', path, { body: { email: 'data@example.com', password, data: [1] } })
    assert.equal(response.status, 400, path)
    assert.match(String(response.body.msg), /data/)
  }
  assert.deepEqual(await server.sql("select 1 from auth.users where email = 'data@example.com'"), [])
})

test('a text that cannot be stored is named', async () => {
  const body = { email: 'nul@example.com', password, data: { a: 'x\0y' } }
  const response = await server.request('POST', '/signup', { body })
  assert.equal(response.status, 400)
  assert.match(String(response.body.msg), /data/)
  assert.deepEqual(await server.sql("select 1 from auth.users where email = 'nul@example.com'"), [])
})

test('a body of two megabytes is refused with 413', async () => {
  const response = await server.request('POST', '/signup', { raw: JSON.stringify({ data: 'x'.repeat(2 << 20) }) })
  assert.equal(response.status, 413)
  assert.equal(response.body.error_code, 'request_entity_too_large')
})

test('names of fields match without regard to case, and the last of several wins', async () => {
  const raw = `{"EMAIL":"first@example.com","email":"second@example.com","Password":"${password}"}`
  const response = await server.request('POST', '/signup', { raw })
  assert.equal(response.status, 200, response.text)
  assert.equal(response.body.email, 'second@example.com')
})

test('wrong methods are answered with 405 and what is allowed', async () => {
  for (const [method, path, allow] of [
    ['GET', '/signup', 'POST'],
    ['HEAD', '/verify', 'GET, POST'],
    ['PUT', '/token', 'POST'],
    ['GET', '/logout', 'POST'],
  ] as const) {
    const response = await server.request(method, path, {})
    assert.equal(response.status, 405, `${method} ${path}`)
    assert.equal(response.headers.get('allow'), allow, `${method} ${path}`)
  }
})

test('access tokens of 80 KB work', async () => {
  const filler = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, 'x'.repeat(1500)]))
  const session = await server.user({ password, app_metadata: filler })
  assert.ok(session.access_token.length > 79_000, String(session.access_token.length))
  const { status, body } = await server.request('GET', '/user', { token: session.access_token })
  assert.equal(status, 200)
  assert.equal(body.id, session.user.id)
})

test('odd Authorization headers never give a 5xx', async () => {
  const { access_token } = await server.user()
  for (const [value, status] of [
    [`bearer ${access_token}`, 200],
    [access_token, 401],
    [`Bearer  ${access_token}`, 401],
    [`Bearer ${'x'.repeat(10_000)}`, 403],
    ['Bearer %ZZ', 403],
    [`Bearer ${access_token} x`, 401],
    [`Bearer ${access_token}, Bearer ${access_token}`, 401],
    ['Bearer a.b.c', 403],
  ] as const)
    assert.equal(
      (await server.request('GET', '/user', { headers: { authorization: value } })).status,
      status,
      value.slice(0, 30),
    )
})
