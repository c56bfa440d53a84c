// What an administrator's write does to an account, as the reference was seen to do it: providers, identities, times.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const as = 'service_role'
const password = 'correct horse battery staple'
const long_ago = '2020-01-01 00:00:00+00'
let server: TestServer
let identities: TestServer
let next = 0

before(async () => {
  server = await startTestServer({ env: { GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' } })
  identities = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: { GOTRUE_EXPERIMENTAL_CREATE_EMAIL_IDENTITY_ON_PASSWORD_SET_ENABLED: 'true' },
  })
})
after(() => server.close())

const address = () => `write${++next}@example.com`
const number = () => `1555888${String(++next).padStart(4, '0')}`
const update = (id: string, body: object, on = server) => on.request('PUT', `/admin/users/${id}`, { as, body })

/** An account all of whose times are long ago. */
async function made(body: object): Promise<string> {
  const { body: account, text } = await server.request('POST', '/admin/users', { as, body })
  assert.equal(typeof account.id, 'string', text)
  return aged(String(account.id))
}

async function aged(id: string): Promise<string> {
  await server.sql(
    `update auth.users set created_at = '${long_ago}', updated_at = '${long_ago}',
      email_confirmed_at = case when email_confirmed_at is not null then '${long_ago}'::timestamptz end,
      phone_confirmed_at = case when phone_confirmed_at is not null then '${long_ago}'::timestamptz end where id = $1`,
    [id],
  )
  await server.sql(
    `update auth.identities set updated_at = '${long_ago}', created_at = '${long_ago}' where user_id = $1`,
    [id],
  )
  return id
}

async function anonymous(): Promise<string> {
  const { body } = await server.request('POST', '/signup', { body: {} })
  return aged((body.user as { id: string }).id)
}

const rowOf = async (id: string) => {
  const [row] = await server.sql(
    `select raw_app_meta_data as app, updated_at > '2021-01-01' as moved, email_confirmed_at > '2021-01-01' as email_now,
        phone_confirmed_at > '2021-01-01' as phone_now, is_anonymous,
        (select json_agg(provider order by provider) from auth.identities where user_id = u.id) as identities
      from auth.users u where id = $1`,
    [id],
  )
  return row
}

const email = { provider: 'email', providers: ['email'] }
const phone = { provider: 'phone', providers: ['phone'] }
const writes: { of: string; make: () => Promise<string>; body: () => object; leaves: object }[] = [
  {
    of: 'an e-mail account, a number',
    make: () => made({ email: address(), email_confirm: true }),
    body: () => ({ phone: number() }),
    leaves: { app: email, moved: true, email_now: false, phone_now: null, identities: ['email', 'phone'] },
  },
  {
    of: 'an e-mail account, a confirmed number',
    make: () => made({ email: address(), email_confirm: true }),
    body: () => ({ phone: number(), phone_confirm: true }),
    leaves: { app: email, moved: true, email_now: false, phone_now: true, identities: ['email', 'phone'] },
  },
  {
    of: 'a phone account, a confirmed address',
    make: () => made({ phone: number(), phone_confirm: true }),
    body: () => ({ email: address(), email_confirm: true }),
    leaves: { app: phone, moved: true, email_now: true, phone_now: false, identities: ['email', 'phone'] },
  },
  {
    of: 'a phone account, an address that nobody confirms',
    make: () => made({ phone: number(), phone_confirm: true }),
    body: () => ({ email: address() }),
    leaves: { app: phone, moved: true, email_now: null, phone_now: false, identities: ['email', 'phone'] },
  },
  {
    of: 'an anonymous account, a confirmed address',
    make: anonymous,
    body: () => ({ email: address(), email_confirm: true }),
    leaves: { app: {}, moved: true, email_now: true, phone_now: null, is_anonymous: false, identities: ['email'] },
  },
  {
    of: 'an anonymous account, an address that nobody confirms',
    make: anonymous,
    body: () => ({ email: address() }),
    leaves: { app: {}, moved: true, email_now: null, phone_now: null, is_anonymous: true, identities: ['email'] },
  },
  {
    of: 'a confirmed account, a second confirmation',
    make: () => made({ email: address(), email_confirm: true }),
    body: () => ({ email_confirm: true }),
    leaves: { app: email, moved: true, email_now: true, phone_now: null, identities: ['email'] },
  },
  {
    of: 'an account, providers of its own',
    make: () => made({ email: address(), email_confirm: true }),
    body: () => ({ app_metadata: { provider: 'corp', providers: null } }),
    leaves: { app: { provider: 'corp' }, moved: true, email_now: false, identities: ['email'] },
  },
]
for (const { of, make, body, leaves } of writes)
  test(`an administrator gives ${of}`, async () => {
    const id = await make()
    const { status, text } = await update(id, body())
    assert.equal(status, 200, text)
    const row = await rowOf(id)
    assert.deepEqual({ ...row, ...leaves }, row)
  })

for (const body of [{}, { aud: 'other' }, { email_confirm: false, phone_confirm: false }, { id: 'x', nonce: 'y' }])
  test(`a write of ${JSON.stringify(body)} changes nothing and leaves updated_at`, async () => {
    const id = await made({ email: address(), email_confirm: true })
    const { status, body: answer } = await update(id, body)
    assert.deepEqual([status, answer.updated_at], [200, '2020-01-01T00:00:00Z'])
    assert.equal((await rowOf(id))?.moved, false)
  })

test('an identity that is changed keeps its updated_at, and the answer shows it as it was', async () => {
  const before = address()
  const id = await made({ email: before, email_confirm: true })
  const after = address()
  const { body } = await update(id, { email: after })
  const [shown] = body.identities as { email: string; updated_at: string }[]
  assert.deepEqual([shown?.email, shown?.updated_at], [before, '2020-01-01T00:00:00Z'])
  const rows = await server.sql(
    `select email, updated_at < '2021-01-01' as old from auth.identities where user_id = $1`,
    [id],
  )
  assert.deepEqual(rows, [{ email: after, old: true }])
})

test('user_metadata of a write counts after its email_confirm', async () => {
  const id = await made({ email: address() })
  const { body } = await update(id, { email_confirm: true, user_metadata: { email_verified: false, name: 'Ann' } })
  assert.deepEqual(body.user_metadata, { email_verified: false, name: 'Ann' })
})

test('a first password makes the address a way to sign in where that is switched on, by an administrator too', async () => {
  const given = address()
  const id = await made({ email: given, email_confirm: true })
  await server.sql('update auth.users set encrypted_password = null where id = $1', [id])
  await server.sql(`update auth.identities set provider = 'github', provider_id = $1::text where user_id = $1::uuid`, [
    id,
  ])
  await update(id, { password }, identities)
  const row = await rowOf(id)
  assert.deepEqual(row?.identities, ['email', 'github'])
  assert.deepEqual(row?.app, { provider: 'github', providers: ['github', 'email'] })
})

test('a first password alone adds no identity where that is not switched on', async () => {
  const id = await made({ phone: number(), phone_confirm: true })
  await server.sql('update auth.users set encrypted_password = null where id = $1', [id])
  await update(id, { password })
  assert.deepEqual((await rowOf(id))?.identities, ['phone'])
})

test('an address that is added to a phone account leaves its pending codes alone', async () => {
  const mine = number()
  const id = await made({ phone: mine, phone_confirm: true })
  await server.sql(
    `update auth.users set phone_change = '15558889999', phone_change_token = 'hash', phone_change_sent_at = now() where id = $1`,
    [id],
  )
  await update(id, { email: address() })
  const [row] = await server.sql('select phone_change_token from auth.users where id = $1', [id])
  assert.deepEqual(row, { phone_change_token: 'hash' })
})

test('a soft deletion leaves when tokens were sent, and the tokens themselves nowhere', async () => {
  const given = address()
  const id = await made({ email: given, email_confirm: true })
  await server.request('POST', '/recover', { body: { email: given } })
  await server.request('DELETE', `/admin/users/${id}`, { as, body: { should_soft_delete: true } })
  const [row] = await server.sql(
    `select recovery_token, recovery_sent_at is not null as sent, (select count(*)::int from auth.one_time_tokens where user_id = $1) as rows
      from auth.users where id = $1`,
    [id],
  )
  assert.deepEqual(row, { recovery_token: '', sent: true, rows: 0 })
})

test('a challenge moves updated_at of its factor', async () => {
  const person = await server.user({ email: address() })
  const token = person.access_token
  const { body } = await server.request('POST', '/factors', { token, body: { factor_type: 'totp' } })
  await server.sql(`update auth.mfa_factors set updated_at = '${long_ago}' where id = $1`, [String(body.id)])
  await server.request('POST', `/factors/${body.id}/challenge`, { token })
  const [row] = await server.sql(`select updated_at > '2021-01-01' as moved from auth.mfa_factors where id = $1`, [
    String(body.id),
  ])
  assert.deepEqual(row, { moved: true })
})

test('whoever may write app_metadata is told by the role of the account, not of its token', async () => {
  const changed = await server.user({ email: address(), role: 'admin' })
  const body = { app_metadata: { plan: 'gold' } }
  const allowed = await server.request('PUT', '/user', { token: changed.access_token, body })
  assert.deepEqual([allowed.status, (allowed.body.app_metadata as { plan?: string } | undefined)?.plan], [200, 'gold'])
  await server.sql(`update auth.users set role = 'authenticated' where id = $1`, [changed.user.id])
  const refused = await server.request('PUT', '/user', { token: changed.access_token, body })
  assert.deepEqual([refused.status, refused.body.error_code], [403, 'not_admin'])
})

test('the role that may write app_metadata is that of the configuration', async () => {
  const boss = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: { GOTRUE_JWT_ADMIN_GROUP_NAME: 'boss' },
  })
  const body = { app_metadata: { plan: 'gold' } }
  const one = await server.user({ email: address(), role: 'boss' })
  const other = await server.user({ email: address(), role: 'admin' })
  assert.equal((await boss.request('PUT', '/user', { token: one.access_token, body })).status, 200)
  assert.equal((await boss.request('PUT', '/user', { token: other.access_token, body })).status, 403)
})
