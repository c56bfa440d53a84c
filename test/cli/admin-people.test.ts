// postern admin for people: lists that go on, several accounts at once, lost phones, unlinked providers, reasons of bans.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { commandEnvironment } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { runShell } from '../support/shell.ts'

let database: TestDatabase
let server: TestServer

before(async () => {
  database = await testDatabase()
  server = await startTestServer({ database })
})
after(async () => {
  await server.close()
  await database.drop()
})

const shell = (line: string, env: Record<string, string> = {}) =>
  runShell(`admin ${line}`, {
    ...commandEnvironment(database.url),
    GOTRUE_URI_ALLOW_LIST: 'https://app.example/**',
    ...env,
  })

const json = async (line: string, env: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await shell(`${line} --json`, env)
  assert.deepEqual([code, stderr], [0, ''], line)
  return JSON.parse(stdout)
}

test('a list says how many there are, and goes on by page, or all at once', async () => {
  for (let n = 1; n <= 5; n++) await server.user({ email: `page-${n}@example.com` })
  const first = await shell('users list --q page- --per-page 2')
  assert.deepEqual([first.code, first.stderr], [0, '2 of 5; --page N or --all shows the others\n'])
  assert.deepEqual(first.stdout.match(/page-\d/g), ['page-5', 'page-4'])
  const second = await shell('users list --q page- --per-page 2 --page 3 --json')
  assert.deepEqual(
    JSON.parse(second.stdout).map(({ email }: { email: string }) => email),
    ['page-1@example.com'],
  )
  const all = await shell('users list --q page- --all')
  assert.deepEqual([all.stdout.match(/page-\d/g)?.length, all.stderr], [5, '5 in all\n'])
  assert.match((await shell('users list --all --page 2')).stderr, /--all goes with neither --page nor --per-page/)
  assert.equal((await json('users list --q page-')).length, 5)
  assert.match((await shell('audit --action login --per-page 1')).stderr, /^1 of \d+; --page N/)
  assert.equal((await shell('users list --q nobody-like-this')).stdout, 'nothing found\n')
})

test('--format csv is read by a spreadsheet as it is, and never runs as a formula', async () => {
  await server.user({ email: 'sheet@example.com' })
  await server.sql(`update auth.users set phone = '15550009999', role = $1 where email = 'sheet@example.com'`, [
    '=cmd|" /C calc"!A0,x',
  ])
  const { stdout } = await shell('users list --q sheet --format csv')
  const [row] = parse(stdout, { columns: true }) as Record<string, string>[]
  assert.deepEqual([row?.email, row?.phone, row?.role], ['sheet@example.com', '15550009999', `'=cmd|" /C calc"!A0,x`])
})

test('several accounts at once: what fails is told for each, and does not keep the others from it', async () => {
  for (const name of ['many-1', 'many-2']) await server.user({ email: `${name}@example.com` })
  const done = await shell('users ban many-1@example.com nobody@example.com many-2@example.com --for 7d --json')
  assert.equal(done.code, 1)
  assert.equal(done.stderr, 'postern: nobody@example.com: there is no user nobody@example.com\n')
  assert.deepEqual(
    JSON.parse(done.stdout).map(({ email }: { email: string }) => email),
    ['many-1@example.com', 'many-2@example.com'],
  )
  const rows = await server.sql<{ days: number }>(
    `select round(extract(epoch from banned_until - now()) / 86400)::int as days from auth.users where email like 'many-%'`,
  )
  assert.deepEqual(rows, [{ days: 7 }, { days: 7 }])
  assert.equal((await json('users unban many-1@example.com many-2@example.com')).length, 2)
})

test('a ban keeps its reason, a list shows who is banned, and lifting it takes the reason away', async () => {
  const { user } = await server.user({ email: 'reason@example.com', app_metadata: { plan: 'pro' } })
  await json('users ban reason@example.com --for 1h30m --reason "spam, case 114"')
  const stored = async () =>
    (await server.sql<{ app: object }>('select raw_app_meta_data as app from auth.users where id = $1', [user.id]))[0]
      ?.app
  assert.deepEqual(Object(await stored()).ban_reason, 'spam, case 114')
  assert.match((await shell('users list --banned yes')).stdout, /reason@example\.com .* spam, case 114\n/)
  await json('users unban reason@example.com')
  assert.deepEqual([Object(await stored()).ban_reason, Object(await stored()).plan], [undefined, 'pro'])
})

test('a ban without end begins a century, and one that replaces another has its own reason or none', async () => {
  await server.user({ email: 'forever@example.com' })
  await json('users ban forever@example.com --reason first')
  const banned = await json('users ban forever@example.com')
  assert.deepEqual([banned.app_metadata.ban_reason, banned.banned_until.slice(0, 2)], [undefined, '21'])
})

test('an address whose mail never arrived is confirmed, and whoever has none is told so', async () => {
  const body = { email: 'lost-mail@example.com', password: 'a long enough password' }
  await server.request('POST', '/signup', { body })
  assert.equal(
    (await server.request('POST', '/token?grant_type=password', { body })).body.error_code,
    'email_not_confirmed',
  )
  const outcome = await shell('users confirm lost-mail@example.com --only phone')
  assert.deepEqual([outcome.code, /has no phone to confirm/.test(outcome.stderr)], [1, true])
  await json('users confirm lost-mail@example.com')
  assert.equal((await server.request('POST', '/token?grant_type=password', { body })).status, 200)
})

test('factors are listed and removed when a phone is lost, and sessions fall back', async () => {
  const { user, access_token } = await server.user({ email: 'factor@example.com' })
  for (const friendly_name of ['phone', 'tablet'])
    await server.request('POST', '/factors', { token: access_token, body: { factor_type: 'totp', friendly_name } })
  const listed = await json('factors list factor@example.com')
  assert.deepEqual(listed.map(({ friendly_name }: { friendly_name: string }) => friendly_name).sort(), [
    'phone',
    'tablet',
  ])
  const [first, second] = listed
  const wrong = await shell(`factors remove ${user.id} ${first.id} ${user.id}`)
  assert.deepEqual([wrong.code, wrong.stderr], [1, `postern: this account has no factor ${user.id}\n`])
  assert.deepEqual(await json(`factors remove ${user.id} ${first.id}`), { removed: 1, factors: [first.id] })
  assert.deepEqual(await json(`factors remove ${user.id}`), { removed: 1, factors: [second.id] })
  assert.deepEqual(await server.sql('select id from auth.mfa_factors where user_id = $1', [user.id]), [])
})

test('an identity is unlinked by the name of its provider, and the last one stays', async () => {
  const { user } = await server.user({ email: 'linked@example.com' })
  await server.sql(
    `insert into auth.identities (id, user_id, provider, provider_id, identity_data, created_at, updated_at)
      values (gen_random_uuid(), $1, 'github', '4711', '{"sub":"4711","email":"linked@example.com","email_verified":true}', now(), now())`,
    [user.id],
  )
  assert.deepEqual(
    (await json('identities list linked@example.com')).map(({ provider }: { provider: string }) => provider).sort(),
    ['email', 'github'],
  )
  assert.match((await shell('identities remove linked@example.com gitlab')).stderr, /has no identity gitlab/)
  assert.equal((await json('identities remove linked@example.com github')).provider, 'github')
  const [row] = await server.sql<{ providers: string[] }>(
    `select raw_app_meta_data -> 'providers' as providers from auth.users where id = $1`,
    [user.id],
  )
  assert.deepEqual(row?.providers, ['email'])
  const last = await shell('identities remove linked@example.com email')
  assert.match(last.stderr, /at least 1 identity .*\(single_identity_not_deletable\)/)
})

test('custom providers are listed, changed and removed; what is not of their type is refused', async () => {
  const env = { GOTRUE_CUSTOM_OAUTH_ENABLED: 'true' }
  await server.sql(
    `insert into auth.custom_oauth_providers (id, provider_type, identifier, name, client_id, client_secret,
        authorization_url, token_url, userinfo_url, scopes)
      values (gen_random_uuid(), 'oauth2', 'custom:acme', 'Acme', 'postern', 's3cret', 'https://a.example/auth',
        'https://a.example/token', 'https://a.example/me', '{}')`,
  )
  const listed = await shell('providers list', env)
  assert.match(listed.stdout, /custom:acme +oauth2 +Acme +yes +postern/)
  assert.equal(listed.stdout.includes('s3cret'), false)
  const wrong = await shell('providers update custom:acme --issuer https://a.example', env)
  assert.match(wrong.stderr, /--issuer does not go with a provider of type oauth2/)
  assert.match((await shell('providers update custom:acme', env)).stderr, /nothing to change is given/)
  await json('providers update custom:acme --enabled no --name "Acme Inc."', env)
  const shown = await json('providers get custom:acme', env)
  assert.deepEqual([shown.enabled, shown.name], [false, 'Acme Inc.'])
  assert.deepEqual(await json('providers remove custom:acme', env), { removed: 'custom:acme' })
  assert.match((await shell('providers get custom:acme', env)).stderr, /provider.*not found/i)
  assert.match((await shell('providers list', { GOTRUE_CUSTOM_OAUTH_ENABLED: 'false' })).stderr, /disabled/)
})

test('unknown roles and redirects, and options that do not go together, are refused before anything happens', async () => {
  await server.user({ email: 'refused@example.com' })
  const cases: [string, number, RegExp][] = [
    [
      'users update refused@example.com --role ceo',
      2,
      /--role ceo is unknown to the configuration \(authenticated, anon, service_role.*\) and to the database/,
    ],
    ['users update refused@example.com', 2, /nothing to change is given/],
    [
      'users update refused@example.com --confirm',
      2,
      /--confirm goes with --email or --phone; see postern admin users confirm/,
    ],
    ['users create --confirm', 2, /--email or --phone is missing/],
    ['users create --email x@example.com --new-role', 2, /--new-role goes with --role/],
    [
      'users invite x@example.com --redirect https://evil.example',
      2,
      /--redirect https:\/\/evil.example is allowed neither by GOTRUE_SITE_URL nor/,
    ],
    ['link recovery refused@example.com --redirect https://evil.example', 2, /is allowed neither/],
    [
      'link recovery refused@example.com --new-email a@example.com',
      2,
      /--new-email does not go with a link of type recovery/,
    ],
    ['link magiclink refused@example.com --password', 2, /--password does not go with a link of type magiclink/],
    ['link email_change_new refused@example.com', 2, /--new-email is missing/],
    ['token refused@example.com --role anon', 2, /--role does not go with a USER/],
    ['token refused@example.com --expires-in 25h', 2, /a day at most/],
    ['token --role ceo', 2, /--role must be one of anon, service_role.*, not ceo/],
    ['users get not-an-address', 1, /not-an-address is no id, e-mail address or phone number/],
    ['audit --user nobody@example.com', 1, /there is no user nobody@example.com/],
  ]
  const before = await server.sql('select to_jsonb(u) as row from auth.users u order by id')
  for (const [line, code, message] of cases) {
    const outcome = await shell(line)
    assert.deepEqual([outcome.code, outcome.stdout], [code, ''], line)
    assert.match(outcome.stderr, message, line)
  }
  assert.deepEqual(await server.sql('select to_jsonb(u) as row from auth.users u order by id'), before)
  assert.equal((await json('users update refused@example.com --role ceo --new-role')).role, 'ceo')
  assert.equal((await json('users update refused@example.com --role postgres')).role, 'postgres')
  assert.match(
    (await json('link recovery refused@example.com --redirect https://app.example/new')).action_link,
    /app\.example/,
  )
})
