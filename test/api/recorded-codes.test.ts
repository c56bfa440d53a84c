// To whom codes and links lead, and whose an address is, as the reference was seen to decide it; never with a 500.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const as = 'service_role'
const password = 'correct horse battery staple'
let server: TestServer
let other: TestServer
let next = 0

const phones = {
  GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
  GOTRUE_SMS_TEST_OTP: '15559990001:123456,15559990002:123456,15559990003:123456',
}

before(async () => {
  server = await startTestServer({ env: phones })
  other = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: { ...phones, GOTRUE_JWT_AUD: 'elsewhere' },
  })
})
after(async () => {
  await other.close()
  await server.close()
})

const address = () => `codes${++next}@example.com`
const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }) => `${status} ${body.error_code}`

test('a code is for an audience, a link is for an account', async () => {
  const email = address()
  await server.request('POST', '/signup', { body: { email, password } })
  const mail = await server.nextMail(email)
  const link = new URL(linkOf(mail))
  await server.sql(
    `update auth.users set confirmation_token = encode(sha224((email || '123456')::bytea), 'hex') where email = $1`,
    [email],
  )
  const code = await other.request('POST', '/verify', { body: { type: 'signup', email, token: '123456' } })
  assert.equal(refusal(code), '403 otp_expired')
  const [row] = await server.sql<{ token_hash: string }>(
    `update auth.one_time_tokens set token_hash = 'ab' || substr(token_hash, 3) where relates_to = $1 returning token_hash`,
    [email],
  )
  await server.sql('update auth.users set confirmation_token = $2 where email = $1', [email, row?.token_hash ?? ''])
  assert.ok(link.searchParams.get('token'))
  const hash = await other.request('POST', '/verify', { body: { type: 'signup', token_hash: row?.token_hash } })
  assert.equal(hash.status, 200, hash.text)
})

test('the code of a change of number outlives the proof of another thing, those of a change of address do not', async () => {
  const { user, access_token: token } = await server.user({ email: address() })
  const { email } = user
  const link = (body: object) => server.request('POST', '/admin/generate_link', { as, body: { email, ...body } })
  const verify = (body: object) => server.request('POST', '/verify', { body })
  const new_email = address()
  const change = await link({ type: 'email_change_new', new_email })
  const phone = '15559990003'
  await server.request('PUT', '/user', { token, body: { phone } })
  const recovery = await link({ type: 'recovery' })
  await verify({ type: 'recovery', token_hash: recovery.body.hashed_token })
  assert.deepEqual(await server.sql('select 1 from auth.one_time_tokens where user_id = $1', [user.id]), [])
  const byCode = await verify({ type: 'email_change', email: new_email, token: change.body.email_otp })
  assert.equal(refusal(byCode), '403 otp_expired')
  const byNumber = { type: 'phone_change', phone, token: '123456' }
  const { status, text, body } = await verify(byNumber)
  assert.deepEqual([status, Object(body.user).phone], [200, phone], text)
  assert.equal(refusal(await verify(byNumber)), '403 otp_expired')
})

test('somebody who is banned hears of it from any code on a phone, and from an old link', async () => {
  const phone = '15559990001'
  const made = await server.request('POST', '/admin/users', { as, body: { phone, phone_confirm: true } })
  await server.request('POST', '/otp', { body: { phone } })
  await server.request('PUT', `/admin/users/${made.body.id}`, { as, body: { ban_duration: '1h' } })
  for (const token of ['000000', '123456'])
    assert.equal(
      refusal(await server.request('POST', '/verify', { body: { type: 'sms', phone, token } })),
      '403 user_banned',
    )
  const { user } = await server.user({ email: address() })
  await server.request('POST', '/recover', { body: { email: user.email } })
  const link = new URL(linkOf(await server.nextMail(user.email)))
  await server.sql(`update auth.users set recovery_sent_at = now() - interval '9 days' where id = $1`, [user.id])
  await server.request('PUT', `/admin/users/${user.id}`, { as, body: { ban_duration: '1h' } })
  const { location } = await server.request('GET', link.pathname + link.search)
  assert.match(location ?? '', /error_code=user_banned/)
})

/** An address that an account of the first server's audience has. */
const held = async () => (await server.user({ email: address() })).user.email

const claims: [string, (email: string) => ReturnType<TestServer['request']>, string][] = [
  ['POST /admin/users', (email) => other.request('POST', '/admin/users', { as, body: { email } }), '422 email_exists'],
  ['POST /invite', (email) => other.request('POST', '/invite', { as, body: { email } }), '422 email_exists'],
  [
    'a link for a sign-up',
    (email) => other.request('POST', '/admin/generate_link', { as, body: { type: 'signup', email, password } }),
    '422 email_exists',
  ],
  ['POST /signup', (email) => other.request('POST', '/signup', { body: { email, password } }), '200 undefined'],
  ['POST /otp', (email) => other.request('POST', '/otp', { body: { email } }), '200 undefined'],
  ['POST /magiclink', (email) => other.request('POST', '/magiclink', { body: { email } }), '200 undefined'],
  ['POST /recover', (email) => other.request('POST', '/recover', { body: { email } }), '200 undefined'],
]
for (const [what, ask, expected] of claims)
  test(`${what} for an address of another audience answers ${expected} and sends nothing`, async () => {
    const email = await held()
    const mails = server.mail.mails.length
    assert.equal(refusal(await ask(email)), expected)
    assert.deepEqual(await server.sql('select count(*)::int as n from auth.users where email = $1', [email]), [
      { n: 1 },
    ])
    await other.auth.idle()
    assert.equal(server.mail.mails.length, mails)
  })

test('PUT /user to an address or number of another audience is refused', async () => {
  const email = await held()
  const { body } = await other.request('POST', '/admin/users', {
    as,
    body: { email: address(), password, email_confirm: true },
  })
  const session = await other.request('POST', '/token?grant_type=password', {
    body: { email: body.email, password },
  })
  const token = String(session.body.access_token)
  assert.equal(refusal(await other.request('PUT', '/user', { token, body: { email } })), '422 email_exists')
  await server.request('POST', '/admin/users', { as, body: { phone: '15559990077' } })
  assert.equal(
    refusal(await other.request('PUT', '/user', { token, body: { phone: '15559990077' } })),
    '422 phone_exists',
  )
})

/** An address that a provider proved for somebody who signs in with another. */
async function heldByIdentity(verified: boolean): Promise<string> {
  const { user } = await server.user({ email: address() })
  const email = address()
  await server.sql(
    `insert into auth.identities (user_id, provider, provider_id, identity_data, created_at, updated_at)
      values ($1::uuid, 'google', $1::uuid::text, jsonb_build_object('sub', '1', 'email', $2::text, 'email_verified', $3::boolean), now(), now())`,
    [user.id, email, verified],
  )
  return email
}

for (const verified of [true, false])
  test(`an address that an identity of somebody else has is ${verified ? 'taken' : 'free, since nobody proved it'}`, async () => {
    const email = await heldByIdentity(verified)
    const person = await server.user({ email: address() })
    const changed = await server.request('PUT', '/user', { token: person.access_token, body: { email } })
    assert.equal(refusal(changed), verified ? '422 email_exists' : '200 undefined')
    const signed = await server.request('POST', '/signup', { body: { email, password } })
    assert.deepEqual([signed.status, signed.body.email], [200, email])
    const rows = await server.sql('select count(*)::int as n from auth.users where email = $1', [email])
    assert.deepEqual(rows, [{ n: verified ? 0 : 1 }])
    const made = await server.request('POST', '/admin/users', { as, body: { email } })
    assert.equal(refusal(made), '422 email_exists')
  })

for (const [type, expected] of [
  ['reauthentication', '403 user_banned'],
  ['nonsense', '403 user_banned'],
  ['sms', '403 otp_expired'],
] as const)
  test(`the code of somebody who is banned, as type ${type}, answers ${expected}`, async () => {
    const { user } = await server.user({ email: address() })
    await server.request('PUT', `/admin/users/${user.id}`, { as, body: { ban_duration: '1h' } })
    const body = { type, email: user.email, token: '123456' }
    assert.equal(refusal(await server.request('POST', '/verify', { body })), expected)
  })
