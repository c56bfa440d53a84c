// REV-02, REV-03 and REV-13: whoever proves an address gets nothing that somebody else left there, and leaves nothing to them.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { codeOf, codeTemplates, refusal } from '../support/cases.ts'
import { linkOf } from '../support/mail-sink.ts'
import { enabled } from '../support/mock-providers.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const phone = '15550001111'
const p1 = 'the first password of all'
const p2 = 'the second password of all'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({
    env: {
      ...codeTemplates,
      ...enabled(['google', 'github']),
      GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_TEST_OTP: `${phone}:123456,15550002222:654321`,
    },
  })
})
after(() => server.close())

const address = (name: string) => `${name}-${++people}@example.com`
const tokenOf = ({ html }: { html: string }) => new URL(linkOf({ html })).searchParams.get('token') ?? ''
const signUp = (email: string, password: string, data?: object) =>
  server.request('POST', '/signup', { body: { email, password, ...(data && { data }) } })
const show = (type: string, token_hash: string) => server.request('POST', '/verify', { body: { type, token_hash } })
const signIn = async (email: string, password: string) =>
  refusal(await server.request('POST', '/token?grant_type=password', { body: { email, password } }))

for (const order of [
  [p1, p2],
  [p2, p1],
])
  for (const resent of [false, true])
    test(`REV-02 of two sign-ups with different passwords none survives${resent ? ', with a resend between' : ''} (${order[0] === p1 ? 'one' : 'the other'} first)`, async () => {
      const email = address('rev02')
      await signUp(email, order[0] ?? '', { name: 'first', role: 'admin' })
      await server.nextMail(email)
      if (resent) {
        await server.request('POST', '/resend', { body: { type: 'signup', email } })
        await server.nextMail(email)
      }
      await signUp(email, order[1] ?? '', { name: 'second' })
      const mail = await server.nextMail(email)
      const session = await show('signup', tokenOf(mail))
      assert.equal(session.status, 200)
      const { user_metadata } = Object(session.body.user)
      assert.equal(user_metadata.name, undefined)
      assert.equal(user_metadata.role, undefined)
      assert.equal(await signIn(email, p1), '400 invalid_credentials')
      assert.equal(await signIn(email, p2), '400 invalid_credentials')
      const token = String(session.body.access_token)
      const set = await server.request('PUT', '/user', { token, body: { password: 'a password of the owner' } })
      assert.equal(set.status, 200)
      assert.equal(await signIn(email, 'a password of the owner'), '200 undefined')
    })

test('REV-02 the code does as the link, and a resend after both sign-ups helps neither password', async () => {
  const email = address('rev02')
  // A mail that is not sent before the next one replaces it is never sent.
  await signUp(email, p1)
  await server.nextMail(email)
  await signUp(email, p2)
  await server.nextMail(email)
  await server.request('POST', '/resend', { body: { type: 'signup', email } })
  const token = codeOf((await server.nextMail(email)).html)
  assert.equal((await server.request('POST', '/verify', { body: { type: 'email', email, token } })).status, 200)
  assert.equal(await signIn(email, p1), '400 invalid_credentials')
  assert.equal(await signIn(email, p2), '400 invalid_credentials')
})

test('REV-02 with the same password twice it works, with what was said last; with one sign-up and a resend too', async () => {
  const twice = address('rev02')
  await signUp(twice, p1, { name: 'first' })
  await server.nextMail(twice)
  await signUp(twice, p1, { name: 'second' })
  const session = await show('signup', tokenOf(await server.nextMail(twice)))
  assert.equal(Object(session.body.user).user_metadata.name, 'second')
  assert.equal(await signIn(twice, p1), '200 undefined')
  const once = address('rev02')
  await signUp(once, p1, { name: 'first' })
  await server.nextMail(once)
  await server.request('POST', '/resend', { body: { type: 'signup', email: once } })
  const again = await show('signup', tokenOf(await server.nextMail(once)))
  assert.equal(Object(again.body.user).user_metadata.name, 'first')
  assert.equal(await signIn(once, p1), '200 undefined')
})

test('REV-02 a code without a password beside a sign-up lets the password go, whoever was first', async () => {
  for (const isFirst of [true, false]) {
    const email = address('rev02')
    const code = () => server.request('POST', '/otp', { body: { email, data: { from: 'code' } } })
    if (isFirst) await code()
    else await signUp(email, p1, { from: 'sign-up' })
    await server.nextMail(email)
    if (isFirst) await signUp(email, p1, { from: 'sign-up' })
    else await code()
    const session = await show('email', tokenOf(await server.nextMail(email)))
    assert.equal(session.status, 200)
    assert.equal(Object(session.body.user).user_metadata.from, undefined)
    assert.equal(await signIn(email, p1), '400 invalid_credentials')
  }
})

test('REV-02 by phone too', async () => {
  const sign = (password: string) => server.request('POST', '/signup', { body: { phone: '15550002222', password } })
  await sign(p1)
  await server.sql("update auth.users set confirmation_sent_at = now() - interval '1 hour' where phone = '15550002222'")
  await sign(p2)
  const body = { type: 'sms', phone: '15550002222', token: '654321' }
  assert.equal((await server.request('POST', '/verify', { body })).status, 200)
  for (const password of [p1, p2]) {
    const answer = await server.request('POST', '/token?grant_type=password', {
      body: { phone: '15550002222', password },
    })
    assert.equal(answer.body.error_code, 'invalid_credentials')
  }
})

test('REV-03 what was sent to a phone proves no e-mail address, as a code or as a hash', async () => {
  const email = address('rev03')
  const { user } = await server.user({ email, phone, email_confirm: false, phone_confirm: false }).catch(async () => {
    const [row] = await server.sql<{ id: string }>('select id from auth.users where email = $1', [email])
    return { user: { id: row?.id ?? '' } }
  })
  await server.request('POST', '/otp', { body: { phone } })
  const hash = createHash('sha224').update(`${phone}123456`).digest('hex')
  for (const type of ['signup', 'email', 'invite', 'recovery', 'magiclink', 'email_change']) {
    assert.equal((await show(type, hash)).body.error_code, 'otp_expired', type)
    const body = { type, email, token: '123456' }
    assert.equal(refusal(await server.request('POST', '/verify', { body })), '403 otp_expired', type)
  }
  // As a reference server writes it, which knows no token of ours.
  await server.sql('delete from postern.link_tokens where user_id = $1', [user.id])
  for (const type of ['signup', 'email', 'invite'])
    assert.equal((await show(type, hash)).body.error_code, 'otp_expired', type)
  const body = { type: 'sms', phone, token: '123456' }
  assert.equal((await server.request('POST', '/verify', { body })).status, 200)
  const [row] = await server.sql(
    'select email_confirmed_at, phone_confirmed_at is not null as phone from auth.users where id = $1',
    [user.id],
  )
  assert.deepEqual(row, { email_confirmed_at: null, phone: true })
})

test('REV-03 what was sent to an address proves no phone number', async () => {
  const email = address('rev03')
  const number = '15550002222'
  await server.sql('delete from auth.users where phone = $1', [number])
  await server.request('POST', '/admin/users', { as: 'service_role', body: { email, phone: number, password: p1 } })
  await server.request('POST', '/resend', { body: { type: 'signup', email } })
  const code = codeOf((await server.nextMail(email)).html)
  for (const token of [code, '654321']) {
    const body = { type: 'sms', phone: number, token }
    assert.equal(refusal(await server.request('POST', '/verify', { body })), '403 otp_expired')
  }
  const [row] = await server.sql('select phone_confirmed_at, email_confirmed_at from auth.users where email = $1', [
    email,
  ])
  assert.deepEqual(row, { phone_confirmed_at: null, email_confirmed_at: null })
})

test('REV-03 data of a sign-up writes no address, subject or proof into an identity', async () => {
  const victim = address('victim')
  const data = {
    email: victim,
    email_verified: true,
    phone: '15559990000',
    phone_verified: true,
    sub: 'x',
    name: 'Ada',
  }
  const number = '15550002222'
  await server.sql('delete from auth.users where phone = $1', [number])
  await server.request('POST', '/signup', { body: { phone: number, password: p1, data } })
  const own = address('rev03')
  await signUp(own, p1, data)
  await server.nextMail(own)
  const rows = await server.sql<{ provider: string; email: string | null; identity_data: Record<string, unknown> }>(
    `select i.provider, i.email, i.identity_data from auth.identities i join auth.users u on u.id = i.user_id
      where u.phone = $1 or u.email = $2 order by i.provider`,
    [number, own],
  )
  assert.deepEqual(
    rows.map(({ provider, email }) => [provider, email]),
    [
      ['email', own],
      ['phone', null],
    ],
  )
  for (const { identity_data } of rows) {
    assert.notEqual(identity_data.sub, 'x')
    assert.equal(identity_data.phone, undefined)
    assert.deepEqual([identity_data.email_verified, identity_data.phone_verified], [false, false])
    assert.equal(identity_data.name, 'Ada')
  }
})

test('REV-03 unlinking moves the account to an address that a provider proved, and else to none', async () => {
  for (const verified of [true, false]) {
    const { access_token: token, user } = await server.user({ email: address('rev03') })
    const other = address('elsewhere')
    await server.sql(
      `insert into auth.identities (provider, provider_id, user_id, identity_data, created_at, updated_at)
        values ('github', $1, $2, jsonb_build_object('sub', $1::text, 'email', $1::text, 'email_verified', $3::boolean), now(), now())`,
      [other, user.id, verified],
    )
    const [own] = await server.sql<{ id: string }>(
      "select id from auth.identities where user_id = $1 and provider = 'email'",
      [user.id],
    )
    const pending = `email_change = 'next@example.com', email_change_confirm_status = 1, phone_change = '15551110000'`
    await server.sql(`update auth.users set ${pending} where id = $1`, [user.id])
    assert.equal((await server.request('DELETE', `/user/identities/${own?.id}`, { token })).status, 200)
    const [row] = await server.sql(
      `select email, email_confirmed_at is not null as confirmed, email_change || phone_change as pending,
        email_change_confirm_status as half from auth.users where id = $1`,
      [user.id],
    )
    const moved = verified ? { email: other, confirmed: true } : { email: null, confirmed: false }
    assert.deepEqual(row, { ...moved, pending: '', half: 0 }, 'what was asked for by the address before is over')
  }
})

test('REV-13 a stranger who signs up the address of an unconfirmed account sees their own data alone', async () => {
  const email = address('rev13')
  await server.request('POST', '/admin/users', {
    as: 'service_role',
    body: { email, user_metadata: { name: 'Ada', plan: 'gold' }, app_metadata: { team: 'secret' }, password: p1 },
  })
  await server.sql(
    "update auth.users set phone = '15557770000', created_at = now() - interval '1 year' where email = $1",
    [email],
  )
  const data = { name: 'stranger' }
  const known = await signUp(email, p2, data)
  const unknown = await signUp(address('rev13'), p2, data)
  assert.equal(known.status, 200)
  const form = ({ body, status }: typeof known) => {
    const text = JSON.stringify({ status, ...body })
    return JSON.parse(
      text
        .replace(/[0-9a-f-]{36}/g, 'id')
        .replace(/rev13-\d+/g, 'somebody')
        .replace(/"20[^"]*Z"/g, '"time"'),
    )
  }
  assert.deepEqual(form(known), form(unknown))
  assert.doesNotMatch(known.text, /gold|secret|15557770000/)
  assert.ok(Date.now() - Date.parse(String(known.body.created_at)) < 60_000)
})
