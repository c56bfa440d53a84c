// Numbers in metadata: what is too large is refused, what others wrote into the row keeps its digits.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const big = '9007199254740993'
const ratio = '0.12345678901234567891'
const written = `{"big": ${big}, "ratio": ${ratio}, "deep": [{"id": ${big}}]}`
let server: TestServer

before(async () => {
  server = await startTestServer()
  await server.database.db.script(`
    create function auth.number_people() returns trigger language plpgsql as $$ begin
      new.raw_user_meta_data := coalesce(new.raw_user_meta_data, '{}') || '${written}';
      new.raw_app_meta_data := coalesce(new.raw_app_meta_data, '{}') || '${written}'; return new; end $$;
    create trigger number_people before insert on auth.users for each row execute function auth.number_people();`)
})
after(() => server.close())

const stored = async (id: string) =>
  (
    await server.sql<{ data: string; app: string }>(
      'select raw_user_meta_data::text as data, raw_app_meta_data::text as app from auth.users where id = $1',
      [id],
    )
  )[0]
const count = (text: string, part: string) => text.split(part).length - 1
const payloadOf = (token: unknown) => Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()

test('what a trigger wrote keeps its digits in answers, in tokens, and through every write', async () => {
  const { access_token, user, refresh_token } = await server.user({ email: 'trigger@example.com' })
  assert.equal(count(payloadOf(access_token), big), 4)
  const got = await server.request('GET', '/user', { token: access_token })
  assert.equal(count(got.text, big), 4, got.text)
  assert.equal(count(got.text, ratio), 2)
  const changed = await server.request('PUT', '/user', { token: access_token, body: { data: { nickname: 'Ada' } } })
  assert.equal(changed.status, 200, changed.text)
  const administered = await server.request('PUT', `/admin/users/${user.id}`, {
    as: 'service_role',
    body: { user_metadata: { more: 1 }, app_metadata: { plan: 'gold' } },
  })
  assert.equal(count(administered.text, big), 4, administered.text)
  const row = await stored(user.id)
  for (const text of [row?.data ?? '', row?.app ?? '']) {
    assert.equal(count(text, big), 2, text)
    assert.equal(count(text, ratio), 1)
  }
  assert.match(row?.data ?? '', /"nickname": "Ada"/)
  assert.match(row?.app ?? '', /"plan": "gold"/)
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
  assert.equal(count(payloadOf(refreshed.body.access_token), big), 4)
})

const writes: Record<string, (data: string) => [string, string, string, ('service_role' | 'anon')?]> = {
  'a sign-up': (data) => ['POST', '/signup', `{"email":"e400@example.com","password":"long enough","data":${data}}`],
  'a code by mail': (data) => ['POST', '/otp', `{"email":"e400@example.com","data":${data}}`],
  'an anonymous sign-up': (data) => ['POST', '/signup', `{"data":${data}}`],
  'an invitation': (data) => ['POST', '/invite', `{"email":"e400@example.com","data":${data}}`, 'service_role'],
  'an account of an administrator': (data) => [
    'POST',
    '/admin/users',
    `{"email":"e400@example.com","app_metadata":${data}}`,
    'service_role',
  ],
  'a generated link': (data) => [
    'POST',
    '/admin/generate_link',
    `{"type":"signup","email":"e400@example.com","password":"long enough","data":${data}}`,
    'service_role',
  ],
}
for (const [name, write] of Object.entries(writes))
  test(`${name} with a number that no double can hold is 400, and nothing is written`, async () => {
    for (const data of [
      '{"n":1e400}',
      '{"n":[{"m":-1E+309}]}',
      `{"n":${'9'.repeat(310)}}`,
      `{"n":${'9'.repeat(250)}e99}`,
    ]) {
      const [method, path, raw, as] = write(data)
      const answer = await server.request(method, path, { raw, ...(as && { as }) })
      assert.deepEqual([answer.status, answer.body.error_code], [400, 'bad_json'], answer.text)
    }
    assert.deepEqual(await server.sql(`select id from auth.users where email = 'e400@example.com'`), [])
  })

test('a claim that a hook answers keeps its digits', async () => {
  const hook: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { claims } = JSON.parse(body)
    const text = JSON.stringify({ claims: { ...claims, tenant: 0 } }).replace('"tenant":0', `"tenant":${big}`)
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const hooked = await startTestServer({
    env: {
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_ENABLED: 'true',
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI: `http://127.0.0.1:${Object(hook.address()).port}/`,
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_SECRETS: `v1,whsec_${Buffer.alloc(32, 1).toString('base64')}`,
    },
  })
  try {
    const { access_token } = await hooked.user()
    assert.match(payloadOf(access_token), new RegExp(`"tenant":${big}[,}]`))
  } finally {
    await hooked.close()
    hook.closeAllConnections()
    hook.close()
  }
})
