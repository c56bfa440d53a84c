// GET /admin/audit beyond the recorded behaviour: filters, addresses, lines of JSON, failed sign-ins.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../support/process.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

interface Entry {
  id: string
  payload: { action: string; actor_id: string; traits?: Record<string, unknown>; [name: string]: unknown }
  created_at: string
  ip_address: string
}

const password = 'correct horse battery staple'
let server: TestServer
let ada: SignedIn

before(async () => {
  server = await startTestServer()
  ada = await server.user({ email: 'ada@example.com', password })
  await server.user({ email: 'grace@example.com', password })
  await signIn('ada@example.com', password, '192.0.2.10')
})
after(() => server.close())

const signIn = (email: string, given: string, address: string) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given }, address })

async function audit(query: string): Promise<Entry[]> {
  const { status, text } = await server.request('GET', `/admin/audit?per_page=100&${query}`, { as: 'service_role' })
  assert.equal(status, 200, text)
  return JSON.parse(text)
}

test('as recorded, addresses are left out of entries', async () => {
  for (const { ip_address, payload } of await audit('')) {
    assert.equal(ip_address, '')
    assert.equal('ip_address' in payload, false)
  }
})

test('by account: what somebody did and what was done to them', async () => {
  const entries = await audit(`user=${ada.user.id}`)
  assert.deepEqual(
    entries.map(({ payload }) => payload.action),
    ['login', 'login', 'user_signedup'],
  )
  for (const { ip_address } of entries) assert.match(ip_address, /^[\d.]+$/)
})

test('by action, by address and by time', async () => {
  for (const { payload } of await audit('action=login')) assert.equal(payload.action, 'login')
  const here = await audit('address=192.0.2.10')
  assert.deepEqual(
    here.map(({ ip_address, payload }) => [ip_address, payload.action]),
    [['192.0.2.10', 'login']],
  )
  await server.sql(`update auth.audit_log_entries set created_at = '2020-01-02T03:04:05Z' where id = $1`, [
    here[0]?.id ?? '',
  ])
  const then = await audit('created_after=2020-01-01&created_before=2020-02-01')
  assert.deepEqual(
    then.map(({ id, created_at }) => [id, created_at]),
    [[here[0]?.id, '2020-01-02T03:04:05Z']],
  )
  assert.deepEqual(await audit(`action=logout&user=${ada.user.id}`), [])
})

test('as lines of JSON where they are accepted, a page at a time', async () => {
  const headers = { accept: 'application/x-ndjson' }
  const answer = await server.request('GET', '/admin/audit?per_page=2', { as: 'service_role', headers })
  assert.equal(answer.headers.get('content-type'), 'application/x-ndjson')
  const lines = answer.text.trimEnd().split('\n')
  assert.equal(lines.length, 2)
  for (const line of lines) assert.match(JSON.parse(line).ip_address, /^[\d.]+$/)
  assert.match(answer.headers.get('link') ?? '', /rel="next"/)
})

for (const query of ['user=5', 'action=Log%20in', 'address=here', 'created_after=then', 'created_before=', 'page=x'])
  test(`?${query} is refused by name`, async () => {
    const { status, body } = await server.request('GET', `/admin/audit?${query}`, { as: 'service_role' })
    assert.equal(status, 400)
    assert.match(String(body.msg), new RegExp(query === 'page=x' ? 'ParseUint' : `^${query.split('=')[0]} must`))
  })

test('LOG-03: a name with a line break stays one line of JSON', async () => {
  await server.user({ email: 'line@example.com', password, user_metadata: { full_name: 'a\nb\u001b[31m' } })
  const headers = { accept: 'application/x-ndjson' }
  const { text } = await server.request('GET', '/admin/audit?query=author:a%0Ab', { as: 'service_role', headers })
  assert.equal(text.trimEnd().split('\n').length, 1)
  assert.equal(JSON.parse(text).payload.actor_name, 'a\nb\u001b[31m')
})

test('failed sign-ins are recorded, once a minute for an account and an address', async () => {
  const failed = () => audit(`user=${ada.user.id}&action=login_failed`)
  for (let i = 0; i < 5; i++) await signIn('ada@example.com', 'wrong', '192.0.2.20')
  await signIn('ada@example.com', 'wrong', '192.0.2.21')
  await signIn('nobody@example.com', 'wrong', '192.0.2.22')
  const entries = await until('both entries', async () => {
    const found = await failed()
    return found.length >= 2 ? found : null
  })
  assert.deepEqual(entries.map(({ ip_address }) => ip_address).sort(), ['192.0.2.20', '192.0.2.21'])
  assert.deepEqual(entries[0]?.payload.traits, {
    user_id: ada.user.id,
    user_email: 'ada@example.com',
    provider: 'email',
    error_code: 'invalid_credentials',
  })
  assert.doesNotMatch(JSON.stringify(entries), /wrong/)
  // As recorded, whoever asks as the reference is asked does not see them.
  const plain = await server.request('GET', '/admin/audit?query=action:login&per_page=1', { as: 'service_role' })
  const [logins] = await server.sql<{ n: string }>(
    `select count(*)::text as n from auth.audit_log_entries where payload->>'action' = 'login'`,
  )
  assert.equal(plain.headers.get('x-total-count'), logins?.n)
  for (const { payload } of await audit('')) assert.notEqual(payload.action, 'login_failed')
  await server.sql(
    `update postern.attempts set window_start = window_start - interval '61 seconds' where scope = 'login_failed'`,
  )
  await signIn('ada@example.com', 'wrong', '192.0.2.20')
  await until('the third entry', async () => (await failed()).length === 3)
  assert.deepEqual(await audit('address=192.0.2.22'), [])
})

test('a sign-in that succeeds takes no further round trip for it', async () => {
  assert.equal(await server.countRoundTrips(() => signIn('ada@example.com', password, '192.0.2.30')), 4)
})
