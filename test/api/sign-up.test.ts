// POST /signup: what an account consists of, and that it is there whole or not at all.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer({ env: { POSTERN_RATE_LIMIT_STORE: 'memory' } })
})
after(() => server.close())

const signUp = (email: string, more: object = {}, on = server) =>
  on.request('POST', '/signup', { body: { email, password, ...more } })
const count = async (table: string, user_id: unknown, on = server) =>
  (await on.sql<{ n: number }>(`select count(*)::int as n from ${table} where user_id = $1`, [String(user_id)]))[0]?.n

test('an account has an identity, a token and an entry in the audit log, and its mail opens a session', async () => {
  const { status, body } = await signUp('Ada@Example.com', { data: { name: 'Ada' } })
  assert.equal(status, 200)
  assert.deepEqual(
    [body.email, body.role, body.user_metadata],
    [
      'ada@example.com',
      'authenticated',
      { name: 'Ada', email: 'ada@example.com', email_verified: false, phone_verified: false, sub: body.id },
    ],
  )
  assert.equal(await count('auth.identities', body.id), 1)
  assert.equal(await count('auth.one_time_tokens', body.id), 1)
  const [entry] = await server.sql<{ action: string }>(
    `select payload ->> 'action' as action from auth.audit_log_entries where payload ->> 'actor_id' = $1`,
    [String(body.id)],
  )
  assert.equal(entry?.action, 'user_confirmation_requested')
  const { pathname, search } = new URL(linkOf(await server.nextMail('ada@example.com')))
  assert.match((await server.request('GET', pathname + search)).location ?? '', /#access_token=/)
  assert.equal(await count('auth.one_time_tokens', body.id), 0)
})

test('where addresses are confirmed at once, the answer is a session that can be refreshed', async () => {
  const open = await startTestServer({ env: { GOTRUE_MAILER_AUTOCONFIRM: 'true' } })
  try {
    const { body } = await signUp('open@example.com', {}, open)
    assert.equal(Object(body.user).email, 'open@example.com')
    const { refresh_token } = body
    const refreshed = await open.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
    assert.equal(refreshed.status, 200)
    await open.auth.idle()
    assert.deepEqual(open.mail.mails, [])
  } finally {
    await open.close()
  }
})

test('without an address the account is anonymous, has no identity, and its token says so', async () => {
  const open = await startTestServer({ env: { GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' } })
  try {
    const { body } = await open.request('POST', '/signup', { body: { data: { colour: 'blue' } } })
    const claims = JSON.parse(Buffer.from(String(body.access_token).split('.')[1] ?? '', 'base64url').toString())
    assert.deepEqual([claims.is_anonymous, claims.user_metadata], [true, { colour: 'blue' }])
    assert.equal(await count('auth.identities', claims.sub, open), 0)
  } finally {
    await open.close()
  }
})

test('a sign-up that is refused leaves nothing and sends nothing', async () => {
  const refused = [
    await signUp('short@example.com', { password: 'abc' }),
    await signUp('no address'),
    await signUp('challenge@example.com', { code_challenge: 'x', code_challenge_method: 's256' }),
  ]
  assert.deepEqual(
    refused.map(({ status, body }) => `${status} ${body.error_code}`),
    ['422 weak_password', '400 validation_failed', '400 validation_failed'],
  )
  await server.auth.idle()
  for (const email of ['short@example.com', 'challenge@example.com']) {
    assert.deepEqual(await server.sql('select id from auth.users where email = $1', [email]), [])
    assert.ok(!server.mail.mails.some(({ to }) => to.includes(email)))
  }
})

test('a sign-up takes five round trips', async () => {
  assert.equal(await server.countRoundTrips((turn) => signUp(`trips${turn}@example.com`)), 5)
})
