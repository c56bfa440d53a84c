// What hooks that send mails and messages are told of an account, and when they are asked, as the reference was seen to do it.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

type Shown = Record<string, string> & { new_phone?: string; new_email?: string }

const long_ago = '2020-01-01T00:00:00Z'
let plain: TestServer
let server: TestServer
const calls: { name: string; user: Shown }[] = []

const hooks = (async (url: string | URL | Request, init?: RequestInit) => {
  calls.push({ name: new URL(String(url)).pathname.slice(1), user: JSON.parse(String(init?.body)).user })
  return Response.json({})
}) as typeof fetch

before(async () => {
  plain = await startTestServer({
    env: {
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_MAILER_SUBJECTS_EMAIL_CHANGE: 'For {{ .Data.name }}{{ .Data.old }}',
    },
  })
  const switches = ['send_email', 'send_sms'].flatMap((name) => [
    [`GOTRUE_HOOK_${name.toUpperCase()}_ENABLED`, 'true'],
    [`GOTRUE_HOOK_${name.toUpperCase()}_URI`, `https://hooks.example/${name}`],
  ])
  server = await startTestServer({
    database: plain.database,
    mail: plain.mail,
    fetch: hooks,
    env: {
      ...Object.fromEntries(switches),
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMTP_MAX_FREQUENCY: '10m',
      GOTRUE_SMS_MAX_FREQUENCY: '10m',
      GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED: 'false',
    },
  })
})
after(async () => {
  await server.close()
  await plain.close()
})
beforeEach(() => {
  calls.length = 0
})

let next = 0
const address = () => `told${++next}@example.com`
const number = () => `1555777${String(++next).padStart(4, '0')}`

/** Somebody whose account was last written long ago. */
async function person() {
  const { access_token: token, user } = await plain.user({ email: address() })
  await plain.sql('update auth.users set updated_at = $2 where id = $1', [user.id, long_ago])
  return { token, email: user.email, id: user.id }
}

const told = () =>
  calls.map(({ name, user: { updated_at, new_phone, new_email } }) => ({
    name,
    is_old: updated_at === long_ago,
    ...(new_phone !== undefined && { new_phone }),
    ...(new_email !== undefined && { new_email }),
  }))

test('the hook of messages sees the number that is to come, and an account that is not written yet', async () => {
  const { token } = await person()
  const phone = number()
  assert.equal((await server.request('PUT', '/user', { token, body: { phone } })).status, 200)
  assert.deepEqual(told(), [{ name: 'send_sms', is_old: true, new_phone: phone }])
})

test('the hook of mails sees the address that is to come, and an account that is not written yet', async () => {
  const { token } = await person()
  const email = address()
  assert.equal((await server.request('PUT', '/user', { token, body: { email } })).status, 200)
  assert.deepEqual(told(), [{ name: 'send_email', is_old: true, new_email: email }])
})

test('what the same request wrote before has moved the time that both hooks see', async () => {
  const { token } = await person()
  const [email, phone] = [address(), number()]
  const body = { email, phone, data: { a: 1 } }
  assert.equal((await server.request('PUT', '/user', { token, body })).status, 200)
  assert.deepEqual(told(), [
    { name: 'send_email', is_old: false, new_email: email },
    { name: 'send_sms', is_old: false, new_email: email, new_phone: phone },
  ])
})

test('the mails of a change of address have the metadata that the same request gave', async () => {
  const { access_token: token, user } = await plain.user({ email: address(), user_metadata: { name: 'Ada', old: '!' } })
  const email = address()
  const body = { email, data: { name: 'Augusta', old: null } }
  assert.equal((await plain.request('PUT', '/user', { token, body })).status, 200)
  for (const to of [email, user.email]) assert.equal((await plain.nextMail(to)).subject, 'For Augusta')
})

for (const path of ['/recover', '/otp', '/magiclink'])
  test(`the hook of a mail by POST ${path} sees the time of the last write before it`, async () => {
    const { email } = await person()
    assert.equal((await server.request('POST', path, { body: { email } })).status, 200)
    await server.auth.idle()
    assert.deepEqual(told(), [{ name: 'send_email', is_old: true }])
  })

test('a number may be changed again at once together with a new password, which ends the code before', async () => {
  const { token } = await person()
  const change = (body: object) => server.request('PUT', '/user', { token, body })
  assert.equal((await change({ phone: number() })).status, 200)
  assert.equal((await change({ phone: number() })).status, 429)
  const phone = number()
  const { status, text } = await change({ phone, password: 'another good password' })
  assert.equal(status, 200, text)
  assert.deepEqual(
    told()
      .map(({ new_phone }) => new_phone)
      .at(-1),
    phone,
  )
})

test('an address may be changed again at once together with a new password', async () => {
  const { token } = await person()
  const change = (body: object) => server.request('PUT', '/user', { token, body })
  assert.equal((await change({ email: address() })).status, 200)
  assert.equal((await change({ email: address() })).status, 429)
  assert.equal((await change({ email: address(), password: 'another good password' })).status, 200)
})

test('the audit log names the channel that was asked for, which a hook decides on', async () => {
  const phone = number()
  const as = 'service_role'
  await plain.request('POST', '/admin/users', { as, body: { phone, phone_confirm: true } })
  const { status, text } = await server.request('POST', '/otp', { body: { phone, channel: 'telegram' } })
  assert.equal(status, 200, text)
  const rows = await plain.sql(
    `select payload->>'action' as action, payload->'traits' as traits from auth.audit_log_entries
      where payload->>'actor_username' = $1`,
    [phone],
  )
  assert.deepEqual(rows, [{ action: 'user_recovery_requested', traits: { channel: 'telegram' } }])
})
