// REV-01: what a link carries is random, and no code that people can guess leads to it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { codeOf, codeTemplates } from '../support/cases.ts'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 'plain' }
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({
    env: {
      ...codeTemplates,
      GOTRUE_MAILER_TEMPLATES_INVITE: codeTemplates.GOTRUE_MAILER_TEMPLATES_RECOVERY ?? '',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_TEST_OTP: '15550001111:123456',
    },
  })
})
after(() => server.close())

const address = (name: string) => `${name}${++people}@example.com`
const computed = (to: string, code: string) => createHash('sha224').update(`${to}${code}`).digest('hex')
const follow = (type: string, token: string) =>
  server.request('GET', `/verify?${new URLSearchParams({ type, token, redirect_to: 'http://localhost:3000' })}`)
const show = (type: string, token_hash: string) => server.request('POST', '/verify', { body: { type, token_hash } })
const tokenOf = (html: string) => new URL(linkOf({ html })).searchParams.get('token') ?? ''

/** Each way to have a mail sent, with the type of its link and whom it goes to. */
const ways: Record<string, { type: string; send(email: string): Promise<unknown> }> = {
  'sign-up': { type: 'signup', send: (email) => server.request('POST', '/signup', { body: { email, password } }) },
  'sign-up with PKCE': {
    type: 'signup',
    send: (email) => server.request('POST', '/signup', { body: { email, password, ...challenge } }),
  },
  'a code for a new address': { type: 'email', send: (email) => server.request('POST', '/otp', { body: { email } }) },
  invitation: {
    type: 'invite',
    send: (email) => server.request('POST', '/invite', { as: 'service_role', body: { email } }),
  },
  recovery: {
    type: 'recovery',
    async send(email) {
      await server.user({ email })
      await server.request('POST', '/recover', { body: { email } })
    },
  },
  'magic link with PKCE': {
    type: 'magiclink',
    async send(email) {
      await server.user({ email })
      await server.request('POST', '/magiclink', { body: { email, ...challenge } })
    },
  },
  'change of address': {
    type: 'email_change',
    async send(email) {
      const { access_token } = await server.user()
      await server.request('PUT', '/user', { token: access_token, body: { email } })
    },
  },
}

for (const [way, { type, send }] of Object.entries(ways))
  test(`REV-01 ${way}: the hash of address and code opens nothing, what the link carries does`, async () => {
    const email = address('rev01')
    await send(email)
    const { html } = await server.nextMail(email)
    const carried = tokenOf(html)
    assert.match(carried, way.includes('PKCE') ? /^pkce_[0-9a-f]{56}$/ : /^[0-9a-f]{56}$/)
    const [row] = await server.sql<{ token_hash: string }>(
      'select token_hash from auth.one_time_tokens where relates_to = $1',
      [email],
    )
    const hash = computed(email, codeOf(html))
    assert.equal(row?.token_hash.replace('pkce_', ''), hash, 'the column keeps the hash of the contract')
    for (const guess of [hash, `pkce_${hash}`, `${carried.slice(0, -1)}${carried.endsWith('0') ? 1 : 0}`]) {
      assert.deepEqual([(await show(type, guess)).body.error_code], ['otp_expired'])
      assert.match(String((await follow(type, guess)).location), /error_code=otp_expired/)
    }
    const [kept] = await server.sql<{ kept: string }>('select json_agg(l)::text as kept from postern.link_tokens l')
    assert.ok(!kept?.kept.includes(carried.replace('pkce_', '')), 'what a link carries is not kept in clear')
    const opened = await follow(type, carried)
    assert.match(String(opened.location), /access_token=|[?&]code=|message=/)
    assert.match(String((await follow(type, carried)).location), /error_code=otp_expired/)
  })

test('REV-01 the code itself works, and ends the link; a new mail ends the link of the one before', async () => {
  const email = address('rev01')
  await server.user({ email })
  await server.request('POST', '/otp', { body: { email } })
  const first = await server.nextMail(email)
  await server.request('POST', '/otp', { body: { email } })
  const second = await server.nextMail(email)
  assert.equal((await show('email', tokenOf(first.html))).body.error_code, 'otp_expired')
  const body = { type: 'email', email, token: codeOf(second.html) }
  assert.equal((await server.request('POST', '/verify', { body })).status, 200)
  assert.equal((await show('email', tokenOf(second.html))).body.error_code, 'otp_expired')
})

test('REV-01 a generated link carries a token of its own, and its hashed_token is the same', async () => {
  const email = address('rev01')
  await server.user({ email })
  for (const type of ['magiclink', 'recovery']) {
    const made = await server.request('POST', '/admin/generate_link', { as: 'service_role', body: { type, email } })
    const { action_link, hashed_token, email_otp } = made.body
    assert.equal(new URL(String(action_link)).searchParams.get('token'), hashed_token)
    assert.equal((await show(type, computed(email, String(email_otp)))).body.error_code, 'otp_expired')
    assert.equal((await show(type, String(hashed_token))).status, 200)
  }
})

test('REV-01 the hash of a message to a phone opens nothing as a link of any type', async () => {
  const phone = '15550001111'
  await server.request('POST', '/otp', { body: { phone } })
  const hash = computed(phone, '123456')
  for (const type of ['signup', 'invite', 'email', 'magiclink', 'recovery', 'email_change'])
    assert.equal((await show(type, hash)).body.error_code, 'otp_expired', type)
  const body = { type: 'sms', phone, token: '123456' }
  assert.equal((await server.request('POST', '/verify', { body })).status, 200)
})

test('REV-01 rows that a reference server wrote are accepted by their hash', async () => {
  const email = address('rev01')
  const { user } = await server.user({ email })
  await server.request('POST', '/recover', { body: { email } })
  await server.nextMail(email)
  const hash = computed(email, '987654')
  // As the reference does it, the row of before is replaced.
  await server.sql('delete from auth.one_time_tokens where user_id = $1', [user.id])
  await server.sql(
    `insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
      values (gen_random_uuid(), $1, 'recovery_token', $2, $3)`,
    [user.id, hash, email],
  )
  await server.sql('update auth.users set recovery_token = $2, recovery_sent_at = now() where id = $1', [user.id, hash])
  assert.equal((await show('recovery', hash)).status, 200)
})
