// GET /admin/users beyond the recorded behaviour: exact and prefix search, filters, orders, totals, cursors.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
/** name → id */
const ids: Record<string, string> = {}

before(async () => {
  server = await startTestServer({ env: { GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' } })
  const people: Record<string, object> = {
    ada: { email: 'ada@example.com', phone: '15550001111', email_confirm: true, user_metadata: { full_name: 'Ada L' } },
    adam: { email: 'adam@example.org', email_confirm: true, ban_duration: '24h' },
    grace: { email: 'grace@example.com' },
    karl: { phone: '15550002222', phone_confirm: true },
  }
  for (const [i, [name, body]] of Object.entries(people).entries()) {
    const made = await server.request('POST', '/admin/users', { as: 'service_role', body })
    assert.equal(made.status, 200, made.text)
    ids[name] = String(made.body.id)
    await server.sql(`update auth.users set created_at = timestamptz '2024-01-0${i + 1}T00:00:00Z' where id = $1`, [
      String(made.body.id),
    ])
  }
  const anonymous = await server.request('POST', '/signup', { body: {} })
  ids.nobody = String(Object(anonymous.body.user).id)
  await server.sql(`update auth.users set created_at = '2024-01-05T00:00:00Z' where id = $1`, [ids.nobody])
  await server.sql(`update auth.users set last_sign_in_at = '2024-02-01T00:00:00Z' where id = $1`, [ids.ada ?? ''])
  await server.sql(`update auth.users set last_sign_in_at = '2024-02-02T00:00:00Z' where id = $1`, [ids.nobody])
})
after(() => server.close())

const list = (query: string) => server.request('GET', `/admin/users?${query}`, { as: 'service_role' })

/** Names of the accounts that a query finds, in their order. */
async function names(query: string): Promise<string[]> {
  const { status, body, text } = await list(query)
  assert.equal(status, 200, text)
  const name = (id: string) => Object.entries(ids).find(([, other]) => other === id)?.[0] ?? id
  return (body.users as { id: string }[]).map(({ id }) => name(id))
}

const found: [query: string, expected: string[]][] = [
  ['email=ADA%40example.com', ['ada']],
  ['email=ada%40example.org', []],
  ['phone=%2B1%20555%20000%201111', ['ada']],
  ['id=$ada&id=$karl', ['karl', 'ada']],
  ['q=ad', ['adam', 'ada']],
  ['q=ADA%40', ['ada']],
  ['q=a_a', []],
  ['q=%25', []],
  ['q=1555', ['karl', 'ada']],
  ['q=%2B15550002', ['karl']],
  ['q=$grace', ['grace']],
  ['provider=phone', ['karl', 'ada']],
  ['provider=github', []],
  ['banned=true', ['adam']],
  ['banned=false', ['nobody', 'karl', 'grace', 'ada']],
  ['confirmed=true', ['karl', 'adam', 'ada']],
  ['confirmed=false', ['nobody', 'grace']],
  ['anonymous=true', ['nobody']],
  ['anonymous=false&confirmed=false', ['grace']],
  ['created_after=2024-01-03&created_before=2024-01-05', ['karl', 'grace']],
  ['created_after=2024-01-03T01:00:00%2B01:00&created_before=2024-01-04T00:00:00Z', ['grace']],
  ['last_sign_in_after=2024-02-02', ['nobody']],
  ['last_sign_in_before=2024-02-02', ['ada']],
  ['order_by=created_at%20asc', ['ada', 'adam', 'grace', 'karl', 'nobody']],
  ['order_by=created_at', ['nobody', 'karl', 'grace', 'adam', 'ada']],
  ['order_by=email&q=a', ['ada', 'adam']],
  ['order_by=email%20desc&provider=email', ['grace', 'adam', 'ada']],
  ['order_by=last_sign_in_at&confirmed=true&provider=email', ['ada', 'adam']],
  ['order_by=last_sign_in_at&per_page=2', ['nobody', 'ada']],
  ['filter=Ada', ['ada']],
  ['sort=created_at%20asc%3Bdrop%20table%20auth.users&per_page=1', ['ada']],
]
for (const [query, expected] of found)
  test(`?${query} finds ${expected.join(', ') || 'nobody'}`, async () => {
    assert.deepEqual(await names(query.replaceAll(/\$(\w+)/g, (_, name) => ids[name] ?? '')), expected)
  })

const refused: [query: string, message: RegExp][] = [
  ['email=not-an-address', /^email: /],
  ['email=', /^email: /],
  ['phone=abc', /^phone: /],
  ['id=5', /^id must/],
  ['q=', /^q must/],
  ['q=%00', /^q must/],
  ['provider=', /^provider must/],
  ['banned=yes', /^banned must/],
  ['confirmed=1', /^confirmed must/],
  ['anonymous=', /^anonymous must/],
  ['created_after=yesterday', /^created_after must/],
  // REV-18: the edges of what PostgreSQL can hold.
  ['created_after=0000-01-01', /^created_after must be a time that the database can hold/],
  ['created_before=9999-12-31T23:59:59%2B16:00', /^created_before must be a time that the database can hold/],
  ['last_sign_in_after=10000-01-01', /^last_sign_in_after must/],
  ['last_sign_in_before=infinity', /^last_sign_in_before must/],
  ['created_before=2024-02-30', /^created_before must/],
  ['last_sign_in_after=2024-01-01T00:00', /^last_sign_in_after must/],
  ['order_by=password', /^order_by must/],
  ['order_by=email%20sideways', /^order_by must/],
  ['count=maybe', /^count must/],
  ['per_page=0', /per_page must be greater than 0/],
  ['page=99999999999999999999', /value out of range/],
  ['page=a', /strconv\.ParseUint: parsing "a": invalid syntax/],
  ['filter=%00', /^filter contains/],
  // INP-10: the recorded parameter knows creation only.
  ['sort=email%20asc', /bad field for sort 'email'/],
]
for (const [query, message] of refused)
  test(`?${query} is refused by name`, async () => {
    const { status, body } = await list(query)
    assert.equal(status, 400)
    assert.equal(body.error_code, 'validation_failed')
    assert.match(String(body.msg), message)
  })

test('count=true puts the total into the body, and only then', async () => {
  const counted = await list('count=true&provider=email&per_page=1')
  assert.equal(counted.body.total, 3)
  assert.equal((counted.body.users as unknown[]).length, 1)
  assert.equal(counted.headers.get('x-total-count'), '3')
  assert.equal('total' in (await list('provider=email')).body, false)
})

test('a page far beyond the last one is empty', async () => {
  const { status, body } = await list('page=18446744073709551615&per_page=18446744073709551615')
  assert.equal(status, 200)
  assert.deepEqual(body.users, [])
})

test('a page with its total takes one round trip', async () => {
  assert.equal(await server.countRoundTrips(() => list('q=a&count=true')), 1)
})

test('links keep the filters, with their parameters sorted', async () => {
  const { headers } = await list('provider=email&per_page=1&banned=false')
  assert.equal(
    headers.get('link'),
    '</admin/users?banned=false&page=2&per_page=1&provider=email>; rel="next", ' +
      '</admin/users?banned=false&page=2&per_page=1&provider=email>; rel="last"',
  )
})

test('both spellings of the path serve the list', async () => {
  const { status, body } = await server.request('GET', '/admin/user?email=ada%40example.com', { as: 'service_role' })
  assert.equal(status, 200)
  assert.equal((body.users as unknown[]).length, 1)
})

test('a list by cursor shows everybody once, also when accounts of one moment are cut in two', async (t) => {
  const other = await startTestServer({
    database: server.database,
    env: { GOTRUE_EXPERIMENTAL_CURSOR_PAGINATION_ENABLED: 'true', GOTRUE_JWT_AUD: 'cursors' },
  })
  t.after(() => other.close())
  for (let i = 0; i < 7; i++)
    await other.request('POST', '/admin/users', { as: 'service_role', body: { email: `c${i}@example.com` } })
  await server.sql(`update auth.users set created_at = '2024-03-01' where aud = 'cursors'`)
  const seen: string[] = []
  for (let path: string | undefined = '/admin/users?limit=3&count=true'; path; ) {
    const { status, body, headers } = await other.request('GET', path, { as: 'service_role' })
    assert.equal(status, 200)
    assert.equal(body.total, 7)
    seen.push(...(body.users as { id: string }[]).map(({ id }) => id))
    path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
  }
  assert.equal(seen.length, 7)
  assert.equal(new Set(seen).size, 7)
})

test('a list shows of an account what the account itself shows, but for identities and factors', async () => {
  const odd = { 'a"b\\c': ['<&>\u2028', 'Zoë', null, { n: 12345678901234567890n.toString() }], z: 1.5, e: {} }
  const { body } = await server.request('POST', '/admin/users', {
    as: 'service_role',
    body: {
      email: 'every.field@example.com',
      phone: '15550009999',
      email_confirm: true,
      phone_confirm: true,
      user_metadata: odd,
      app_metadata: { plan: null, list: [1, 'two'] },
      ban_duration: '1h',
    },
  })
  const times = ['invited_at', 'confirmation_sent_at', 'recovery_sent_at', 'email_change_sent_at', 'deleted_at']
  const more = ['phone_change_sent_at', 'reauthentication_sent_at', 'last_sign_in_at']
  await server.sql(
    `update auth.users set email_change = 'new"<one>@example.com', phone_change = '15550009998',
        ${[...times, ...more].map((name, n) => `${name} = '2024-02-0${n + 1} 10:00:00.12${n}000+00'`).join(', ')}
      where id = $1`,
    [String(body.id)],
  )
  const alone = await server.request('GET', `/admin/users/${body.id}`, { as: 'service_role' })
  const { factors: _, ...shown } = alone.body
  const listed = await list('email=every.field%40example.com')
  assert.deepEqual(listed.body.users, [{ ...shown, identities: null }])
  assert.deepEqual(Object.keys(Object((listed.body.users as unknown[])[0])), Object.keys(shown))
  assert.deepEqual(Object.keys(listed.body), ['users', 'aud'])
  assert.doesNotMatch(listed.text, /[<>&\u2028]/)
})

test('a list shows an account of nothing', async () => {
  await server.sql(
    `insert into auth.users (id, instance_id, aud, created_at)
      values ('aaaaaaaa-0000-4000-8000-00000000aaaa', '00000000-0000-0000-0000-000000000000', 'authenticated', '2024-05-01')`,
  )
  const alone = await server.request('GET', '/admin/users/aaaaaaaa-0000-4000-8000-00000000aaaa', { as: 'service_role' })
  const listed = await list('id=aaaaaaaa-0000-4000-8000-00000000aaaa')
  assert.deepEqual(listed.body.users, [{ ...alone.body, identities: null }])
  await server.sql(`delete from auth.users where id = 'aaaaaaaa-0000-4000-8000-00000000aaaa'`)
})
