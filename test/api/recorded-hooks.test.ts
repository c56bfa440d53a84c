// What people are told when a hook refuses, and whom hooks are asked about, as the reference was seen to do it.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

type Payload = { user?: { user_metadata: object; identities: object[] }; claims?: object; valid?: boolean }

const password = 'correct horse battery staple'
const names = ['after_user_created', 'custom_access_token', 'password_verification_attempt']
let plain: TestServer
let server: TestServer
const calls: { name: string; payload: Payload }[] = []
let answers: Record<string, () => Response> = {}

const hooks = (async (url: string | URL | Request, init?: RequestInit) => {
  const name = new URL(String(url)).pathname.slice(1)
  const payload: Payload = JSON.parse(String(init?.body))
  calls.push({ name, payload })
  const answer = answers[name]
  if (answer) return answer()
  return Response.json(name === 'custom_access_token' ? { claims: payload.claims } : {})
}) as typeof fetch

before(async () => {
  plain = await startTestServer()
  const switches = names.flatMap((name) => [
    [`GOTRUE_HOOK_${name.toUpperCase()}_ENABLED`, 'true'],
    [`GOTRUE_HOOK_${name.toUpperCase()}_URI`, `https://hooks.example/${name}`],
  ])
  server = await startTestServer({
    database: plain.database,
    mail: plain.mail,
    fetch: hooks,
    env: { ...Object.fromEntries(switches), GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' },
  })
})
after(async () => {
  await server.close()
  await plain.close()
})
beforeEach(() => {
  calls.length = 0
  answers = {}
})

let next = 0
const address = () => `asked${++next}@example.com`
const as = 'service_role'
const refuses = () => Response.json({ error: { http_code: 418, message: 'not you' } })
const told = ({ status, body }: { status: number; body: Record<string, unknown> }) => `${status} ${body.msg}`

const afterwards: [string, () => ReturnType<TestServer['request']>, string][] = [
  ['an anonymous person', () => server.request('POST', '/signup', { body: {} }), '418 not you'],
  ['an invitation', () => server.request('POST', '/invite', { as, body: { email: address() } }), '418 not you'],
  [
    'a link that an administrator makes',
    () => server.request('POST', '/admin/generate_link', { as, body: { type: 'signup', email: address(), password } }),
    '418 not you',
  ],
  [
    'a sign-up',
    () => server.request('POST', '/signup', { body: { email: address(), password } }),
    '500 Error invoking hook',
  ],
  [
    'a magic link',
    () => server.request('POST', '/magiclink', { body: { email: address() } }),
    '500 Error invoking hook',
  ],
]
for (const [who, ask, expected] of afterwards)
  test(`${who} hears "${expected}" when the after-user-created hook refuses, and the account stays`, async () => {
    answers = { after_user_created: refuses }
    const [{ n } = { n: 0 }] = await plain.sql<{ n: number }>('select count(*)::int as n from auth.users')
    assert.equal(told(await ask()), expected)
    assert.deepEqual(await plain.sql('select count(*)::int as n from auth.users'), [{ n: n + 1 }])
  })

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const refreshed = async (): Promise<string> => {
  const { refresh_token } = await plain.user({ email: address() })
  return refresh_token
}
const named: [string, () => Promise<Awaited<ReturnType<TestServer['request']>>>, object][] = [
  ['a sign-up of nobody', () => server.request('POST', '/signup', { body: {} }), { reuse: null }],
  [
    'a password',
    async () => {
      const { user } = await plain.user({ email: address() })
      return server.request('POST', '/token?grant_type=password', { body: { email: user.email, password } })
    },
    { reuse: null },
  ],
  [
    'a refresh',
    async () =>
      server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token: await refreshed() } }),
    { reuse: 'false' },
  ],
  [
    'a link of a mail',
    async () => {
      const email = address()
      await plain.request('POST', '/signup', { body: { email, password } })
      const link = new URL(linkOf(await plain.nextMail(email)))
      return server.request('GET', link.pathname + link.search)
    },
    { reuse: null },
  ],
]
for (const [what, ask, { reuse }] of named as [string, (typeof named)[0][1], { reuse: string | null }][])
  test(`${what} that the token hook refuses names the session in its headers`, async () => {
    answers = { custom_access_token: refuses }
    const { headers, status } = await ask()
    assert.ok(status >= 300, String(status))
    assert.match(headers.get('sb-auth-user-id') ?? '', uuid)
    assert.match(headers.get('sb-auth-session-id') ?? '', uuid)
    assert.equal(headers.get('sb-auth-refresh-token-prefix')?.length, 5)
    assert.equal(headers.get('sb-auth-refresh-token-reuse'), reuse)
  })

test('an anonymous person hears nothing of why the token hook refused, and no account stays', async () => {
  answers = { custom_access_token: refuses }
  const [before_] = await plain.sql('select count(*)::int as n from auth.users')
  assert.equal(
    told(await server.request('POST', '/signup', { body: {} })),
    '500 Database error creating anonymous user',
  )
  assert.deepEqual(await plain.sql('select count(*)::int as n from auth.users'), [before_])
})

const attempts = async (email: string, given: string): Promise<unknown[]> => {
  await server.request('POST', '/token?grant_type=password', { body: { email, password: given } })
  return calls.filter(({ name }) => name === 'password_verification_attempt').map(({ payload }) => payload.valid)
}

test('the password hook is asked about somebody unconfirmed, right and wrong', async () => {
  const email = address()
  await plain.request('POST', '/signup', { body: { email, password } })
  assert.deepEqual(await attempts(email, password), [true])
  assert.deepEqual(await attempts(email, 'something else'), [true, false])
})

test('the password hook is not asked about somebody who is banned', async () => {
  const { user } = await plain.user({ email: address() })
  await plain.request('PUT', `/admin/users/${user.id}`, { as, body: { ban_duration: '24h' } })
  assert.deepEqual(await attempts(user.email, password), [])
  assert.deepEqual(await attempts(user.email, 'something else'), [])
})

test('a sign-up with an invited address tells the hook, and who signs up, nothing of the invitation', async () => {
  const email = address()
  await plain.request('POST', '/invite', { as, body: { email, data: { team: 'secret' } } })
  const { text } = await server.request('POST', '/signup', { body: { email, password } })
  assert.doesNotMatch(text, /secret|invited/)
  const [call] = calls.filter(({ name }) => name === 'after_user_created')
  assert.deepEqual([call?.payload.user?.user_metadata, call?.payload.user?.identities], [{}, []])
})

test('somebody who was invited keeps what the invitation says when another mail proves the address', async () => {
  const email = address()
  await plain.request('POST', '/invite', { as, body: { email, data: { team: 'red' } } })
  await plain.nextMail(email)
  await plain.request('POST', '/recover', { body: { email } })
  const link = new URL(linkOf(await plain.nextMail(email)))
  const { status } = await plain.request('GET', link.pathname + link.search)
  assert.equal(status, 303)
  const [row] = await plain.sql(
    'select raw_user_meta_data as metadata, confirmation_token from auth.users where email = $1',
    [email],
  )
  assert.deepEqual(row, { metadata: { team: 'red', email_verified: true }, confirmation_token: '' })
})
