// What a proof or a change of address leaves of an account, as the reference was seen to do it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const as = 'service_role'
const password = 'correct horse battery staple'
const long_ago = '2020-01-01 00:00:00+00'
let server: TestServer
let at_once: TestServer
let next = 0

before(async () => {
  server = await startTestServer()
  at_once = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: {
      GOTRUE_MAILER_AUTOCONFIRM: 'true',
      GOTRUE_SMS_AUTOCONFIRM: 'true',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
    },
  })
})
after(async () => {
  await at_once.close()
  await server.close()
})

const address = () => `changing${++next}@example.com`
const number = () => `1555666${String(++next).padStart(4, '0')}`
const userRow = async (columns: string, email: string) =>
  (await server.sql(`select ${columns} from auth.users where email = $1`, [email]))[0]

async function follow(email: string) {
  const link = new URL(linkOf(await server.nextMail(email)))
  return server.request('GET', link.pathname + link.search)
}

test('following a confirmation moves email_confirmed_at, also of somebody who was confirmed meanwhile', async () => {
  const email = address()
  await server.request('POST', '/signup', { body: { email, password } })
  await server.sql(`update auth.users set email_confirmed_at = '${long_ago}' where email = $1`, [email])
  assert.equal((await follow(email)).status, 303)
  assert.deepEqual(await userRow(`email_confirmed_at > '2021-01-01' as now`, email), { now: true })
})

test('a recovery that confirms an address ends the code of its confirmation', async () => {
  const email = address()
  await server.request('POST', '/signup', { body: { email, password } })
  await server.nextMail(email)
  await server.request('POST', '/recover', { body: { email } })
  await follow(email)
  assert.deepEqual(await userRow('confirmation_token, recovery_token', email), {
    confirmation_token: '',
    recovery_token: '',
  })
})

test('an address that is proved is verified in each identity that has it, with updated_at as it was', async () => {
  const email = address()
  const { body } = await server.request('POST', '/signup', { body: { email, password } })
  await server.sql(
    `insert into auth.identities (user_id, provider, provider_id, identity_data, created_at, updated_at)
      values ($1::uuid, 'github', $1::uuid::text, jsonb_build_object('sub', '1', 'email', $2::text, 'email_verified', false), now(), '${long_ago}')`,
    [String(body.id), email],
  )
  await follow(email)
  const rows = await server.sql(
    `select provider, identity_data->'email_verified' as verified, updated_at < '2021-01-01' as old from auth.identities
      where user_id = $1 order by provider`,
    [String(body.id)],
  )
  assert.deepEqual(rows, [
    { provider: 'email', verified: true, old: false },
    { provider: 'github', verified: true, old: true },
  ])
})

test('a sign-up that is confirmed at once ends the codes of the one before', async () => {
  const email = address()
  await server.request('POST', '/signup', { body: { email, password } })
  const again = await at_once.request('POST', '/signup', { body: { email, password } })
  assert.equal(again.status, 200, again.text)
  assert.deepEqual(
    await userRow(
      `confirmation_token, raw_user_meta_data->'email_verified' as verified,
        (select count(*)::int from auth.one_time_tokens o where o.user_id = auth.users.id) as tokens`,
      email,
    ),
    { confirmation_token: '', verified: true, tokens: 0 },
  )
})

test('a phone sign-up that is confirmed at once says by which channel, the second time too', async () => {
  const phone = number()
  const user = await server.request('POST', '/admin/users', { as, body: { phone, password } })
  await at_once.request('POST', '/signup', { body: { phone, password } })
  const rows = await server.sql(
    `select payload->'traits' as traits from auth.audit_log_entries
      where payload->>'action' = 'user_signedup' and payload->>'actor_id' = $1`,
    [String(user.body.id)],
  )
  assert.deepEqual(rows, [{ traits: { provider: 'phone', channel: 'sms' } }])
})

test('a number that is set at once ends pending codes, shows confirmed_at as before and records two changes', async () => {
  const person = await server.user({ email: address() })
  await server.request('POST', '/recover', { body: { email: person.user.email } })
  await server.sql('update auth.users set email_confirmed_at = null where id = $1', [person.user.id])
  const { status, body, text } = await at_once.request('PUT', '/user', {
    token: person.access_token,
    body: { phone: number() },
  })
  assert.equal(status, 200, text)
  assert.equal('confirmed_at' in body, false)
  assert.deepEqual(
    await server.sql('select count(*)::int as n from auth.one_time_tokens where user_id = $1', [person.user.id]),
    [{ n: 0 }],
  )
  assert.deepEqual(await changesOf(person.user.id), [{ n: 2 }])
})

test('an address that an anonymous person gets at once records two changes', async () => {
  const { body } = await at_once.request('POST', '/signup', { body: {} })
  const { id } = body.user as { id: string }
  const changed = await at_once.request('PUT', '/user', {
    token: String(body.access_token),
    body: { email: address() },
  })
  assert.deepEqual([changed.status, changed.body.is_anonymous], [200, false])
  assert.deepEqual(await changesOf(id), [{ n: 2 }])
})

const changesOf = (id: string) =>
  server.sql(
    `select count(*)::int as n from auth.audit_log_entries where payload->>'action' = 'user_modified' and payload->>'actor_id' = $1`,
    [id],
  )

test('a change of address that was proved moves updated_at of the identity', async () => {
  const person = await server.user({ email: address() })
  await server.sql(`update auth.identities set updated_at = '${long_ago}' where user_id = $1`, [person.user.id])
  const email = address()
  await server.request('PUT', '/user', { token: person.access_token, body: { email } })
  await follow(email)
  await follow(person.user.email)
  const rows = await server.sql(
    `select email, updated_at > '2021-01-01' as moved from auth.identities where user_id = $1`,
    [person.user.id],
  )
  assert.deepEqual(rows, [{ email, moved: true }])
})

test('GET /admin/audit tells a banned person without the role that it is not theirs', async () => {
  const person = await server.user({ email: address() })
  await server.request('PUT', `/admin/users/${person.user.id}`, { as, body: { ban_duration: '1h' } })
  const { status, body } = await server.request('GET', '/admin/audit', { token: person.access_token })
  assert.deepEqual([status, body.error_code], [403, 'not_admin'])
})

test('an enrolled factor always shows its name, and an app needs an address to be named after', async () => {
  const person = await server.user({ email: address() })
  const enroll = { factor_type: 'totp' }
  const { body } = await server.request('POST', '/factors', { token: person.access_token, body: enroll })
  assert.equal(body.friendly_name, '')
  const phone = await at_once.request('POST', '/signup', { body: { phone: number(), password } })
  const refused = await at_once.request('POST', '/factors', { token: String(phone.body.access_token), body: enroll })
  assert.deepEqual([refused.status, refused.body.msg], [500, 'Error generating QR Code'])
})

for (const type of ['signup', 'invite'] as const)
  test(`what an administrator says in a link of type ${type} for somebody who waits goes into the account, not into the identity`, async () => {
    const email = address()
    await server.request('POST', '/signup', { body: { email, password, data: { name: 'Ann' } } })
    await server.sql(`update auth.identities set updated_at = '${long_ago}' where email = $1`, [email])
    const body = { type, email, password, data: { via: 'link' } }
    const made = await server.request('POST', '/admin/generate_link', { as, body })
    const link = new URL(String(made.body.action_link))
    assert.equal((await server.request('GET', link.pathname + link.search)).status, 303)
    const rows = await server.sql(
      `select array(select jsonb_object_keys(identity_data - 'sub') as key order by key) as keys, i.updated_at < '2021-01-01' as old, raw_user_meta_data->>'via' as via
        from auth.identities i join auth.users u on u.id = i.user_id where i.email = $1`,
      [email],
    )
    const own = ['email', 'email_verified', 'phone_verified']
    assert.deepEqual(rows, [{ keys: own, old: true, via: 'link' }])
  })
