// What the console asks of the server within its process: numbers that are kept, health, settings, mails, hooks, keys, links.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { consoleRoutes } from '../../src/http/console-routes.ts'
import { operatorRoutes } from '../../src/http/operator-routes.ts'
import { pageRoutes } from '../../src/http/page-routes.ts'
import { until } from '../support/process.ts'
import { mint, startTestServer, type TestServer } from '../support/server.ts'

const as = 'service_role'
const hookSecret = `v1,whsec_${Buffer.alloc(32, 7).toString('base64')}`
let server: TestServer

before(async () => {
  server = await startTestServer({
    more_routes: [...pageRoutes, ...operatorRoutes],
    env: {
      GOTRUE_HOOK_BEFORE_USER_CREATED_ENABLED: 'true',
      GOTRUE_HOOK_BEFORE_USER_CREATED_URI: 'https://ada:geheim@hooks.example/new',
      GOTRUE_HOOK_BEFORE_USER_CREATED_SECRETS: hookSecret,
      GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true',
      GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'github-client',
      GOTRUE_EXTERNAL_GITHUB_SECRET: 'github-secret',
      GOTRUE_SMS_TEST_OTP: '15550001111:424242',
    },
    fetch: async () => new Response('{}', { headers: { 'content-type': 'application/json' } }),
  })
})
after(() => server.close())

const get = (path: string) => server.request('GET', path, { as })

interface Daily {
  event: string
  way: string
  outcome: string
  count: number
}

test('sign-ups and sign-ins are counted by way and outcome once they are committed, and failures by their code', async () => {
  const { user } = await server.user({ email: 'counted@example.com' })
  await server.request('POST', '/token?grant_type=password', { body: { email: user.email, password: 'wrong' } })
  const counted = async () => {
    // Counts are written behind the answers; looking at the overview has them written.
    const { body } = await get('/console/overview')
    const daily = body.daily as Daily[]
    return (event: string, way: string, outcome: string) =>
      daily.find((row) => row.event === event && row.way === way && row.outcome === outcome)?.count ?? 0
  }
  const found = await until('all four are counted', async () => {
    const count = await counted()
    const numbers = [
      count('sign_up', 'email', 'ok'),
      count('sign_in', 'email', 'ok'),
      count('sign_in', 'email', 'failed'),
      count('failure', 'invalid_credentials', 'failed'),
    ]
    return numbers.every((number) => number > 0) && numbers
  })
  assert.deepEqual(found, [1, 1, 1, 1])
  const numbers = await until('the accounts are counted', async () => {
    const { body } = await get('/console/overview')
    return (body.accounts as { numbers?: object } | null)?.numbers
  })
  assert.deepEqual(numbers, { accounts: 1, active_1: 1, active_7: 1, active_30: 1 })
})

test('a sign-up that is rolled back counts for nothing', async () => {
  await server.sql(
    `create function auth.refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
  )
  await server.sql(`create trigger refuse before insert on auth.audit_log_entries for each row
    when (new.payload ->> 'action' = 'user_signedup') execute function auth.refuse()`)
  const signUps = async () => {
    const [row] = await server.sql<{ n: number }>(
      `select coalesce(sum(count), 0)::int as n from postern.daily_counts where event = 'sign_up'`,
    )
    return row?.n ?? 0
  }
  const before = await signUps()
  const body = { email: 'rolled-back@example.com', password: 'correct horse battery staple', email_confirm: true }
  assert.equal((await server.request('POST', '/admin/users', { as, body })).status, 500)
  await server.sql('drop trigger refuse on auth.audit_log_entries')
  await server.user({ email: 'after@example.com' })
  await server.sql(`update postern.kept_numbers set counted_at = now() - interval '1 day'`)
  await get('/console/overview')
  const after = await until('the sign-up after it is counted', async () => {
    const now = await signUps()
    return now > before && now
  })
  assert.equal(after, before + 1)
})

test('health tells of database, pool, hashing, limits and mails', async () => {
  const { body } = await get('/console/health')
  const { database, hashing, mails, limits } = body as Record<string, Record<string, unknown>>
  assert.equal(database?.state, 'ok')
  assert.ok(Number(Object(database?.pool).most) > 0)
  assert.equal(hashing?.waiting, 0)
  assert.deepEqual([mails?.configured, mails?.waiting, mails?.failing], [true, 0, 0])
  assert.equal(limits?.store, 'auto')
})

test('settings hold every variable with value, source and meaning, and no secret or password of an address', async () => {
  const { body, text } = await get('/console/settings')
  const rows = body.settings as { name: string; value: string; is_set: boolean; is_secret: boolean; about: string }[]
  const row = (name: string) => rows.find((one) => one.name === name)
  assert.deepEqual([row('GOTRUE_SITE_URL')?.value, row('GOTRUE_SITE_URL')?.is_set], ['http://site.example', true])
  assert.deepEqual([row('GOTRUE_MAILER_OTP_EXP')?.is_set, row('GOTRUE_JWT_SECRET')?.value], [false, '••••••••'])
  assert.equal(row('GOTRUE_HOOK_BEFORE_USER_CREATED_URI')?.value, 'https://hooks.example/new')
  assert.equal(row('GOTRUE_SMS_MAX_FREQUENCY')?.value, '1m')
  assert.ok(rows.every(({ about }) => about.length > 5))
  for (const secret of ['test-secret-with', 'geheim', hookSecret.slice(-20), 'github-secret', '424242', 'root@'])
    assert.ok(!text.includes(secret), secret)
})

test('every variable that looks like a secret is marked as one', async () => {
  const { body } = await get('/console/settings')
  const rows = body.settings as { name: string; is_secret: boolean }[]
  const open = rows.filter(
    ({ name, is_secret }) =>
      !is_secret &&
      /(SECRETS?|_PASS|PRIVATE_KEY|AUTH_TOKEN|DATABASE_URL|REDIS_URL|API_KEY|ACCESS_KEY|DECRYPTION_KEYS|JWT_KEYS|SERVER_KEY)$/.test(
        name,
      ),
  )
  assert.deepEqual(
    open.map(({ name }) => name),
    [],
  )
})

test('hooks show their last calls without what was said', async () => {
  await server.request('POST', '/signup', {
    body: { email: 'hooked@example.com', password: 'correct horse battery staple' },
  })
  const { body, text } = await get('/console/hooks')
  const hooks = body.hooks as { name: string; uri: string; signed: number; calls: { outcome: string }[] }[]
  const hook = hooks.find(({ name }) => name === 'before_user_created')
  assert.deepEqual([hook?.uri, hook?.signed], ['https://hooks.example/new', 1])
  assert.ok((hook?.calls.length ?? 0) > 0)
  assert.equal(hook?.calls[0]?.outcome, 'answered')
  assert.ok(!text.includes('hooked@example.com'))
})

test('a mail is previewed with sample data, with the names that it uses, and a wrong template says where', async () => {
  const preview = (body: object) => server.request('POST', '/console/mails/recovery/preview', { as, body })
  const now = await preview({})
  assert.equal(now.body.subject, 'Reset your password')
  const changed = await preview({
    subject: 'For {{ .Data.full_name }}',
    template: '<p>{{ .Token }} <b>{{ .Email }}</b></p>',
  })
  assert.deepEqual(
    [changed.body.subject, changed.body.html, changed.body.used],
    ['For Ada Lovelace', '<p>123456 <b>ada@example.com</b></p>', ['Data.full_name', 'Email', 'Token']],
  )
  const wrong = await preview({ template: '<p>{{ if }}</p>' })
  assert.match(String(wrong.body.problem), /^line 1, column 4: /)
  assert.equal((await server.request('POST', '/console/mails/none/preview', { as, body: {} })).status, 404)
})

test('a test mail goes through the outbox to the address', async () => {
  const sent = await server.request('POST', '/console/mails/recovery/test', {
    as,
    body: { to: 'operator@example.com' },
  })
  assert.equal(sent.status, 200)
  const mail = await server.nextMail('operator@example.com')
  assert.equal(mail.subject, 'Reset your password')
  const wrong = await server.request('POST', '/console/mails/recovery/test', { as, body: { to: 'a@b.c, d@e.f' } })
  assert.equal(wrong.body.error_code, 'validation_failed')
})

test('keys are named and never shown', async () => {
  const { body, text } = await get('/console/keys')
  assert.deepEqual(body.keys, [{ kid: '', alg: 'HS256', signs: true, checks: true, published: false }])
  assert.equal(body.rotation, 'none')
  assert.ok(!text.includes('test-secret'))
})

test('providers come with the address to enter there', async () => {
  const { body } = await get('/console/providers')
  const rows = body.providers as { name: string; callback: string; enabled: boolean; has_secret: boolean }[]
  const github = rows.find(({ name }) => name === 'github')
  assert.deepEqual(
    [github?.enabled, github?.has_secret, github?.callback],
    [true, true, 'http://auth.example.test/callback'],
  )
})

test('the people of the list are counted up to a number, and a page begins behind a cursor without being switched on', async () => {
  for (const name of ['one', 'two', 'three']) await server.user({ email: `list-${name}@example.com` })
  const first = await server.request('GET', '/admin/users?cursor=&limit=2&count=2&q=list-', { as })
  assert.equal(first.body.total, 2)
  const { next_cursor } = first.body.pagination as { next_cursor: string }
  const second = await server.request('GET', `/admin/users?cursor=${next_cursor}&limit=2&q=list-`, { as })
  const emails = [first, second].flatMap(({ body }) => (body.users as { email: string }[]).map(({ email }) => email))
  assert.deepEqual(emails, ['list-three@example.com', 'list-two@example.com', 'list-one@example.com'])
})

test('the audit log goes on behind a cursor, and an unknown cursor is refused', async () => {
  const first = await server.request('GET', '/admin/audit?cursor=&limit=2', { as })
  const [, next = ''] = /[?&]cursor=([^&>]+)/.exec(first.headers.get('link') ?? '') ?? []
  const second = await server.request('GET', `/admin/audit?cursor=${next}&limit=1000`, { as })
  const all = await server.request('GET', '/admin/audit?per_page=1000&created_after=2000-01-01', { as })
  const ids = (text: string) => (JSON.parse(text) as { id: string }[]).map(({ id }) => id)
  assert.deepEqual([...ids(first.text), ...ids(second.text)], ids(all.text))
  assert.equal(second.headers.get('link'), null)
  assert.equal((await server.request('GET', '/admin/audit?cursor=x', { as })).status, 400)
})

const operator = () => mint({ role: as, act: { sub: 'grace' } })

test('a link to the console opens one session, once, and its handle leads to an operator', async () => {
  const made = await server.request('POST', '/admin/console_links', { token: operator() })
  const { link } = made.body
  const [stored] = await server.sql<{ operator: string; hash: string }>(
    `select operator, encode(token_hash, 'hex') as hash from postern.console_links`,
  )
  assert.equal(stored?.operator, 'grace')
  assert.ok(!JSON.stringify(stored).includes(String(link)))
  const opened = await Promise.all(
    Array.from({ length: 10 }, () => server.request('POST', '/console/sessions', { body: { link } })),
  )
  assert.deepEqual(opened.map(({ status }) => status).sort(), [200, ...Array(9).fill(403)])
  const { handle } = opened.find(({ status }) => status === 200)?.body ?? {}
  const read = () => server.request('POST', '/console/operator', { body: { console_handle: handle } })
  const { body } = await read()
  assert.deepEqual([body.id, body.name], [null, 'grace'])
  await server.request('POST', '/admin/users', { token: String(body.token), body: { email: 'by-console@example.com' } })
  const [entry] = await server.sql<{ payload: Record<string, unknown> }>(
    `select payload from auth.audit_log_entries where payload -> 'traits' ->> 'user_email' = 'by-console@example.com'`,
  )
  assert.deepEqual([entry?.payload.actor_username, entry?.payload.act], ['grace', { sub: 'grace' }])
  await server.request('DELETE', '/console/sessions', { body: { handle } })
  assert.equal((await read()).status, 403)
})

test('a link that is too old, or none, opens nothing', async () => {
  const { body } = await server.request('POST', '/admin/console_links', { token: operator() })
  await server.sql(`update postern.console_links set expires_at = now() - interval '1 second'`)
  for (const link of [body.link, 'x', '', 'A'.repeat(43)]) {
    const opened = await server.request('POST', '/console/sessions', { body: { link } })
    assert.deepEqual([opened.status, opened.body.error_code], [403, 'otp_expired'])
  }
  assert.equal((await server.request('POST', '/admin/console_links', { as })).status, 403)
})

test('none of these rows answers outside, nor to anybody but administrators', async () => {
  const outside = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: { POSTERN_PAGES: 'true', POSTERN_CONSOLE: 'true' },
  })
  const person = await server.user()
  for (const { method, path, guard } of consoleRoutes) {
    const address = path.replaceAll(/:\w+/g, '11111111-1111-4111-8111-111111111111')
    const body = method === 'GET' ? {} : { body: {} }
    if (path.startsWith('/console/')) {
      const answer = await outside.request(method, address, { as, ...body })
      // Of the same name there may be a page, which asks to sign in.
      assert.doesNotMatch(answer.headers.get('content-type') ?? '', /json/, address)
      assert.ok([303, 403, 404].includes(answer.status), `${address}: ${answer.status}`)
    }
    if (guard === 'public') continue
    const refused = await server.request(method, address, { token: person.access_token, ...body })
    assert.equal(refused.status, 403, address)
    assert.equal((await server.request(method, address, body)).status, 401, address)
  }
  await outside.close()
})
