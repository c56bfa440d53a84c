// Cases of the security rules about whose an account is: nobody gets into one that somebody else proved.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf, codeTemplates, refusal } from '../support/cases.ts'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { codeIn, startSmsGateway } from '../support/sms-gateway.ts'

const password = 'correct horse battery staple'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({ env: codeTemplates })
})
after(() => server.close())

const address = (name: string) => `${name}${++people}@example.com`

const signIn = (email: string, given = password) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })

const follow = (link: string, on = server) => {
  const { pathname, search } = new URL(link)
  return on.request('GET', pathname + search)
}

test('ACC-03 and ACC-04 a change of address needs both sides, in either order, each once', async () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const session = await server.user({ email: address('acc03') })
    const email = address('acc03new')
    await server.request('PUT', '/user', { token: session.access_token, body: { email } })
    const hashes = [await server.nextMail(email), await server.nextMail(session.user.email)].map((mail) =>
      new URL(linkOf(mail)).searchParams.get('token'),
    )
    const use = (i = 0) => server.request('POST', '/verify', { body: { type: 'email_change', token_hash: hashes[i] } })
    const half = await use(order[0])
    assert.deepEqual([half.status, half.body.code], [200, '200'])
    assert.equal(refusal(await use(order[0])), '403 otp_expired')
    assert.equal((await server.sql('select 1 from auth.users where email = $1', [email])).length, 0)
    const whole = await use(order[1])
    assert.equal(whole.status, 200)
    assert.equal(Object(whole.body.user).email, email)
    assert.deepEqual(await server.sql('select 1 from auth.one_time_tokens where user_id = $1', [session.user.id]), [])
    assert.deepEqual(await server.sql('select email from auth.identities where user_id = $1', [session.user.id]), [
      { email },
    ])
  }
})

test('ACC-05 an address that somebody else took meanwhile is not given twice', async () => {
  const session = await server.user({ email: address('acc05') })
  const email = address('acc05new')
  await server.request('PUT', '/user', { token: session.access_token, body: { email } })
  const hashes = [await server.nextMail(email), await server.nextMail(session.user.email)].map((mail) =>
    new URL(linkOf(mail)).searchParams.get('token'),
  )
  await server.user({ email })
  const use = (i: number) =>
    server.request('POST', '/verify', { body: { type: 'email_change', token_hash: hashes[i] } })
  await use(0)
  assert.equal(refusal(await use(1)), '422 email_exists')
  assert.deepEqual(await server.sql('select email from auth.users where id = $1', [session.user.id]), [
    { email: session.user.email },
  ])
})

test('ACC-09 a password set before the address was proved is dead once its owner recovers the account', async () => {
  const email = address('acc09')
  await server.request('POST', '/signup', { body: { email, password: 'of the attacker' } })
  await server.nextMail(email)
  await server.request('POST', '/recover', { body: { email } })
  const token = codeOf((await server.nextMail(email)).html)
  assert.equal((await server.request('POST', '/verify', { body: { type: 'recovery', email, token } })).status, 200)
  assert.equal(refusal(await signIn(email, 'of the attacker')), '400 invalid_credentials')
})

test('ACC-10 of two sign-ups with different passwords neither lives, whoever signed up first', async () => {
  for (const [first, second] of [
    ['of the attacker', 'of the owner'],
    ['of the owner', 'of the attacker'],
  ] as const) {
    const email = address('acc10')
    await server.request('POST', '/signup', { body: { email, password: first, data: { by: first } } })
    const earlier = await server.nextMail(email)
    await server.request('POST', '/signup', { body: { email, password: second, data: { by: second } } })
    const later = await server.nextMail(email)
    assert.match((await follow(linkOf(earlier))).location ?? '', /otp_expired/)
    assert.match((await follow(linkOf(later))).location ?? '', /access_token=/)
    for (const password of [first, second])
      assert.equal(refusal(await signIn(email, password)), '400 invalid_credentials')
    const [row] = await server.sql("select raw_user_meta_data->>'by' as by from auth.users where email = $1", [email])
    assert.deepEqual(row, { by: null })
  }
})

test('ACC-15 a softly deleted account cannot be signed in to, and its address is free and unrecognisable', async () => {
  const { user } = await server.user({ email: address('acc15') })
  await server.request('DELETE', `/admin/users/${user.id}`, { as: 'service_role', body: { should_soft_delete: true } })
  assert.equal(refusal(await signIn(user.email)), '400 invalid_credentials')
  const [row] = await server.sql<{ email: string }>('select email from auth.users where id = $1', [user.id])
  assert.doesNotMatch(row?.email ?? '', /acc15/)
  assert.equal((await server.request('POST', '/signup', { body: { email: user.email, password } })).status, 200)
})

test('ACC-14 an anonymous person takes no address of another, and no password without an address', async () => {
  const anonymous = await startTestServer({ env: { GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' } })
  try {
    const { user: owner } = await anonymous.user({ email: address('acc14') })
    const { body } = await anonymous.request('POST', '/signup', { body: {} })
    const token = String(body.access_token)
    const put = (change: object) => anonymous.request('PUT', '/user', { token, body: change })
    assert.equal(refusal(await put({ email: owner.email })), '422 email_exists')
    assert.equal(refusal(await put({ password })), '422 validation_failed')
    const [row] = await anonymous.sql(
      'select email, email_change, encrypted_password, is_anonymous from auth.users where id = $1',
      [String(Object(body.user).id)],
    )
    assert.deepEqual(row, { email: null, email_change: '', encrypted_password: '', is_anonymous: true })
  } finally {
    await anonymous.close()
  }
})

test('ACC-16 of two people who change to one number, the code of the one does not help the other', async () => {
  const gateway = await startSmsGateway()
  const phones = await startTestServer({
    env: {
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      ...gateway.env,
      GOTRUE_SMS_MAX_FREQUENCY: '1ns',
      GOTRUE_RATE_LIMIT_SMS_SENT: '1000',
    },
  })
  try {
    const phone = '15550004444'
    const [a, b] = [await phones.user({ email: address('acc16a') }), await phones.user({ email: address('acc16b') })]
    for (const { access_token: token } of [a, b])
      assert.equal((await phones.request('PUT', '/user', { token, body: { phone } })).status, 200)
    const codes = gateway.messages.map(({ text }) => codeIn(text))
    assert.equal(codes.length, 2)
    const verified = await phones.request('POST', '/verify', { body: { type: 'phone_change', phone, token: codes[1] } })
    assert.equal(verified.status, 200)
    assert.equal(Object(verified.body.user).id, b.user.id)
    assert.deepEqual(await phones.sql('select id from auth.users where phone = $1', [phone]), [{ id: b.user.id }])
    const late = await phones.request('POST', '/verify', { body: { type: 'phone_change', phone, token: codes[0] } })
    assert.ok(late.status >= 400 && late.status < 500)
    assert.deepEqual(await phones.sql('select id from auth.users where phone = $1', [phone]), [{ id: b.user.id }])
  } finally {
    await phones.close()
    gateway.stop()
  }
})
