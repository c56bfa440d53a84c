// Administration of accounts: what must hold beside the recorded answers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cpuTime } from '../support/cpu-time.ts'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const create = (body: object) => server.request('POST', '/admin/users', { as: 'service_role', body })
const update = (id: string, body: object) => server.request('PUT', `/admin/users/${id}`, { as: 'service_role', body })
const signIn = (email: string, given = password) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })
let next = 0
const address = () => `admin${++next}@example.com`

test('INP-11: an id may be written in four ways; anything else is 404', async () => {
  const { user } = await server.user()
  const bare = user.id.replaceAll('-', '')
  for (const id of [user.id, user.id.toUpperCase(), `urn:uuid:${user.id}`, `%7B${user.id}%7D`, bare])
    assert.equal((await server.request('GET', `/admin/users/${id}`, { as: 'service_role' })).body.id, user.id, id)
  for (const id of ['1', '%00', '..%2f', '%F0%9F%98%80', `${user.id}0`]) {
    const { status, body } = await server.request('GET', `/admin/users/${id}`, { as: 'service_role' })
    assert.equal(status, 404, id)
    assert.equal(body.error_code, 'validation_failed', id)
  }
  const unknown = await server.request('GET', '/admin/users/11111111-1111-4111-8111-111111111111', {
    as: 'service_role',
  })
  assert.equal(unknown.body.error_code, 'user_not_found')
})

for (const [duration, hours] of [
  ['1h30m', 1.5],
  ['1000000h', 1_000_000],
  ['-1h', -1],
  ['1.5h', 1.5],
  ['90000000ms', 25],
  ['9223372036854775807ns', 2_562_047.788],
  ['none', null],
  ['0s', null],
] as const)
  test(`INP-12: a ban of ${duration} is exact`, async () => {
    const { user } = await server.user({ email: address() })
    const { status } = await update(user.id, { ban_duration: duration })
    assert.equal(status, 200)
    const [row] = await server.sql<{ hours: number | null }>(
      `select extract(epoch from banned_until - now())::float8 / 3600 as hours from auth.users where id = $1`,
      [user.id],
    )
    if (hours === null) assert.equal(row?.hours, null)
    else assert.ok(Math.abs((row?.hours ?? 0) - hours) < 0.01, String(row?.hours))
  })

for (const [ban_duration, fault] of [
  ['9e99h', 'unknown unit "e" in duration "9e99h"'],
  ['NaN', 'invalid duration "NaN"'],
  ['1d', 'unknown unit "d" in duration "1d"'],
  ['99999999999h', 'invalid duration "99999999999h"'],
  ['Infinity', 'invalid duration "Infinity"'],
  ['1h 2m', 'unknown unit "h " in duration "1h 2m"'],
  ['--1h', 'invalid duration "--1h"'],
  ['24', 'missing unit in duration "24"'],
  ['-1.', 'missing unit in duration "-1."'],
  ['.h', 'invalid duration ".h"'],
  ['2h"ü\\', 'unknown unit "h\\"\\xc3\\xbc\\\\" in duration "2h\\"\\xc3\\xbc\\\\"'],
] as const)
  test(`INP-12: a ban of ${ban_duration} is refused`, async () => {
    const email = address()
    const { status, body } = await create({ email, ban_duration })
    assert.equal(status, 400)
    assert.equal(body.msg, `invalid format for ban duration: time: ${fault}`)
    assert.deepEqual(await server.sql('select 1 from auth.users where email = $1', [email]), [])
  })

test('ADM-05: a link that was sent to an address dies when an administrator replaces it', async () => {
  const email = address()
  const { user } = await server.user({ email })
  await server.request('POST', '/recover', { body: { email } })
  const link = new URL(linkOf(await server.nextMail(email)))
  await update(user.id, { email: address() })
  const { body, status } = await server.request('POST', '/verify', {
    body: { type: 'recovery', token_hash: link.searchParams.get('token') },
  })
  assert.equal(status, 403)
  assert.equal(body.error_code, 'otp_expired')
})

test('an address that an administrator replaces leaves the change that was asked for, and when', async () => {
  const { user, access_token: token } = await server.user({ email: address() })
  const next_email = address()
  await server.request('PUT', '/user', { token, body: { email: next_email } })
  const { body } = await update(user.id, { email: address() })
  assert.equal(body.new_email, next_email)
  assert.match(String(body.email_change_sent_at), /^\d{4}-/)
  const columns = 'email_change_token_new, email_change_token_current, email_change_sent_at is not null as sent'
  const rows = await server.sql(`select ${columns} from auth.users where id = $1`, [user.id])
  assert.deepEqual(rows, [{ email_change_token_new: '', email_change_token_current: '', sent: true }])
})

test('ADM-06: a change whose address is taken changes nothing at all', async () => {
  const taken = address()
  await create({ email: taken })
  const { user } = await server.user({ email: address() })
  const { status, body } = await update(user.id, { role: 'editor', email: taken, user_metadata: { changed: true } })
  assert.equal(status, 422)
  assert.equal(body.error_code, 'email_exists')
  const now = await server.request('GET', `/admin/users/${user.id}`, { as: 'service_role' })
  assert.equal(now.body.role, 'authenticated')
  assert.equal(now.body.email, user.email)
  assert.equal(Object(now.body.user_metadata).changed, undefined)
})

test('of ten accounts made at once for one address one is made, and the others hear why', async () => {
  const email = address()
  const made = await Promise.all(Array.from({ length: 10 }, () => create({ email })))
  assert.equal(made.filter(({ status }) => status === 200).length, 1)
  for (const { status, body } of made)
    if (status !== 200) assert.deepEqual([status, body.error_code], [422, 'email_exists'])
})

test('ten changes of metadata at once are all kept', async () => {
  const { user } = await server.user({ email: address() })
  await Promise.all(Array.from({ length: 10 }, (_, i) => update(user.id, { user_metadata: { [`k${i}`]: i } })))
  const { body } = await server.request('GET', `/admin/users/${user.id}`, { as: 'service_role' })
  assert.deepEqual(Object.keys(Object(body.user_metadata)).filter((name) => name.startsWith('k')).length, 10)
})

test('an id that is taken shows nothing of the database', async () => {
  const { user } = await server.user({ email: address() })
  const { status, text } = await create({ email: address(), id: user.id })
  assert.equal(status, 409)
  assert.doesNotMatch(text, /users_pkey|duplicate|constraint|23505/)
})

test('a trigger that raises fails the creation with its own message, and leaves nothing', async () => {
  const email = 'triggered@example.com'
  await server.sql(`create function auth.refuse_triggered() returns trigger language plpgsql as $$ begin
    if new.email like 'triggered%' then raise exception 'not this one'; end if; return new; end $$`)
  await server.sql(
    `create trigger refuse_triggered before insert on auth.users for each row execute function auth.refuse_triggered()`,
  )
  const { status, body } = await create({ email })
  assert.equal(status, 500)
  assert.equal(body.message, 'not this one')
  assert.deepEqual(await server.sql('select 1 from auth.users where email = $1', [email]), [])
})

test('PWD-05: hashes that would cost too much are refused when the account is made', async () => {
  for (const password_hash of [
    `$2b$31$${'a'.repeat(53)}`,
    '$argon2id$v=19$m=1048577,t=1000,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',
    '$fbscrypt$v=1,n=31,r=8,p=1$c2FsdA==$aGFzaA==',
  ]) {
    const { process_ms } = await cpuTime(async () => {
      const { status, body } = await create({ email: address(), password_hash })
      assert.equal(status, 400, password_hash)
      assert.equal(body.error_code, 'validation_failed')
    })
    assert.ok(process_ms < 500, `${process_ms} ms`)
  }
})

test('a password that an administrator sets survives the proof of the address, whoever signed up before', async () => {
  const email = address()
  await server.request('POST', '/signup', { body: { email, password: 'set by a stranger' } })
  const [row] = await server.sql<{ id: string }>('select id from auth.users where email = $1', [email])
  await update(row?.id ?? '', { password })
  const link = await server.request('POST', '/admin/generate_link', {
    as: 'service_role',
    body: { type: 'recovery', email },
  })
  await server.request('POST', '/verify', { body: { type: 'recovery', token_hash: link.body.hashed_token } })
  assert.equal((await signIn(email)).status, 200)
  assert.equal((await signIn(email, 'set by a stranger')).status, 400)
})

test('a deleted account leaves nothing in schema postern', async () => {
  const email = address()
  await server.request('POST', '/signup', { body: { email, password } })
  await server.request('POST', '/signup', { body: { email, password: `${password}!` } })
  const [row] = await server.sql<{ id: string }>('select id from auth.users where email = $1', [email])
  const id = row?.id ?? ''
  await server.request('DELETE', `/admin/users/${id}`, { as: 'service_role' })
  for (const table of ['outbox', 'pending_credentials', 'foreign_passwords'])
    assert.deepEqual(await server.sql(`select 1 from postern.${table} where user_id = $1`, [id]), [], table)
})

test('ADM-04: whoever is deleted amid refreshes and sign-ins leaves no session, token or identity', async () => {
  for (let round = 0; round < 5; round++) {
    const { user, refresh_token } = await server.user({ email: address() })
    await Promise.all([
      ...Array.from({ length: 5 }, () =>
        server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } }),
      ),
      ...Array.from({ length: 3 }, () => signIn(user.email)),
      server.request('DELETE', `/admin/users/${user.id}`, { as: 'service_role' }),
    ])
    const [left] = await server.sql<{ n: number }>(
      `select (select count(*) from auth.users where id = $1) + (select count(*) from auth.sessions where user_id = $1)
        + (select count(*) from auth.identities where user_id = $1) + (select count(*) from auth.one_time_tokens where user_id = $1)
        + (select count(*) from auth.refresh_tokens where user_id = $1::text) as n`,
      [user.id],
    )
    assert.equal(left?.n, 0)
  }
})
