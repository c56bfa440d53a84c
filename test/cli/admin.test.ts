// postern admin: real processes on a real database, and what they leave in it.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { commandEnvironment } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { startCommand, startDev } from '../support/process.ts'
import { jwtSecret, mint, startTestServer, type TestServer } from '../support/server.ts'

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

const environment = () => ({
  ...commandEnvironment(database.url),
})

async function run(args: string[], given: { stdin?: string; env?: Record<string, string> } = {}) {
  const { child, ended } = startCommand(['admin', ...args], given.env ?? environment())
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin?.end(given.stdin ?? '')
  const code = await ended
  const json = () => JSON.parse(stdout)
  return { code, stdout, stderr, json }
}

const signIn = (email: string, password: string) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password } })

test('an account is created with a password of standard input, read, listed, changed, banned and deleted', async () => {
  const email = 'grace@example.com'
  const create = [
    'users',
    'create',
    '--email',
    email,
    '--password',
    '--confirm',
    '--metadata',
    '{"team":"red"}',
    '--json',
  ]
  const made = (await run(create, { stdin: 'a long enough password\n' })).json()
  assert.equal(made.email, email)
  assert.equal((await signIn(email, 'a long enough password')).status, 200)
  assert.deepEqual((await run(['users', 'get', email, '--json'])).json().user_metadata, {
    team: 'red',
    email_verified: true,
  })
  const listed = await run(['users', 'list', '--q', 'grace'])
  assert.match(listed.stdout, new RegExp(`^id +email +phone .*\n${made.id}  ${email} `))
  await run(['users', 'update', made.id, '--app-metadata', '{"plan":"pro"}'])
  await run(['users', 'ban', email, '--for', '24h'])
  assert.equal((await signIn(email, 'a long enough password')).body.error_code, 'user_banned')
  await run(['users', 'unban', email])
  assert.equal((await signIn(email, 'a long enough password')).status, 200)
  const sessions = await run(['sessions', 'list', email, '--json'])
  assert.equal(sessions.json().length, 2)
  await run(['sessions', 'end', email, sessions.json()[0].id])
  assert.equal((await run(['sessions', 'list', email, '--json'])).json().length, 1)
  await run(['sessions', 'end', email])
  assert.deepEqual(await server.sql('select id from auth.sessions where user_id = $1', [made.id]), [])
  const [row] = await server.sql<{ plan: string }>(
    `select raw_app_meta_data->>'plan' as plan from auth.users where id = $1`,
    [made.id],
  )
  assert.equal(row?.plan, 'pro')
  assert.deepEqual((await run(['users', 'delete', email, '--json'])).json(), { id: made.id, deleted: true })
  assert.deepEqual(await server.sql('select id from auth.users where id = $1', [made.id]), [])
})

test('links and tokens work: a link signs in, a session is opened, a key of a role administers', async () => {
  const { user } = await server.user({ email: 'links@example.com' })
  const link = new URL((await run(['link', 'recovery', user.email, '--json'])).json().action_link)
  const { location } = await server.request('GET', link.pathname + link.search)
  assert.match(location ?? '', /access_token=/)
  const { access_token } = (await run(['token', user.email, '--json'])).json()
  assert.equal((await server.request('GET', '/user', { token: access_token })).body.id, user.id)
  const { token } = (await run(['token', '--role', 'service_role', '--expires-in', '60', '--json'])).json()
  assert.equal((await server.request('GET', '/admin/users', { token })).status, 200)
})

test('the audit log says what the shell did, and can be asked for one account', async () => {
  const { user } = await server.user({ email: 'audited@example.com' })
  await run(['users', 'update', user.email, '--phone', '15550001234'])
  const { json } = await run(['audit', '--user', user.id, '--json'])
  const actions = json().map(({ action }: { action: string }) => action)
  assert.deepEqual([...actions].sort(), ['login', 'user_modified', 'user_signedup'])
  assert.match((await run(['audit', '--user', user.id])).stdout, /^created_at +action +actor +address +user\n/)
})

test('mistakes are one clear line and an exit code', async () => {
  const cases: [string[], number, RegExp][] = [
    [['users', 'get', 'nobody@example.com'], 1, /^postern: there is no user nobody@example.com\n$/],
    [['users', 'create', '--email', 'no address'], 1, /^postern: .*email.*\(validation_failed\)\n$/],
    [
      ['users', 'create', '--email', 'a@example.com', '--metadata', 'x'],
      2,
      /--metadata must be a JSON object; see postern admin users create --help/,
    ],
    [['users', 'get'], 2, /usage: postern admin users get USER/],
    [['users', 'frobnicate'], 2, /there is no command admin users frobnicate; see postern admin users --help/],
    [['users', 'list', '--colour'], 2, /--colour/],
    [['token'], 2, /needs a USER or --role/],
  ]
  for (const [args, code, message] of cases) {
    const result = await run(args)
    assert.equal(result.code, code, args.join(' '))
    assert.match(result.stderr, message)
    assert.equal(result.stdout, '')
  }
  const help = await run(['--help'])
  assert.deepEqual([help.code, help.stdout.includes('users create')], [0, true])
})

test('without configuration it works on the database of postern dev in the folder, running or not', async () => {
  const state_dir = await mkdtemp(join(tmpdir(), 'postern-admin-'))
  const dev = await startDev({ state_dir })
  const env = { POSTERN_STATE_DIR: state_dir }
  try {
    const create = ['users', 'create', '--email', 'dev@example.com', '--password', '--confirm', '--json']
    const made = (await run(create, { env, stdin: 'a long enough password\n' })).json()
    const answer = await fetch(`${dev.url}/auth/v1/token?grant_type=password`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'dev@example.com', password: 'a long enough password' }),
    })
    assert.equal(Object(await answer.json()).user.id, made.id)
    // What only the shell has is answered in its own process, though a server runs.
    const { access_token } = (await run(['token', 'dev@example.com', '--json'], { env })).json()
    const seen = await fetch(`${dev.url}/auth/v1/user`, { headers: { authorization: `Bearer ${access_token}` } })
    assert.equal(Object(await seen.json()).id, made.id)
    await dev.stop()
    assert.equal((await run(['users', 'get', 'dev@example.com', '--json'], { env })).json().id, made.id)
  } finally {
    await dev.stop()
    await rm(state_dir, { recursive: true, force: true })
  }
})

test('without configuration and without a folder of postern dev it names the ways to give it one', async () => {
  const state_dir = join(tmpdir(), 'postern-admin-that-is-not-there')
  const nothing = { DATABASE_URL: '', API_EXTERNAL_URL: '', GOTRUE_SITE_URL: '', GOTRUE_JWT_SECRET: '' }
  const { code, stdout, stderr } = await run(['users', 'list'], { env: { ...nothing, POSTERN_STATE_DIR: state_dir } })
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /DATABASE_URL is required/)
  assert.ok(stderr.includes(`${state_dir} is no folder of it`), stderr)
  for (const way of ['--config FILE', '--state DIR', 'POSTERN_STATE_DIR']) assert.ok(stderr.includes(way), way)
})

test('the key that commands sign with is never printed', async () => {
  const { stdout, stderr } = await run(['users', 'list', '--json'])
  assert.equal(`${stdout}${stderr}`.includes(jwtSecret), false)
  assert.equal(stdout.includes(mint({ role: 'service_role' }).slice(0, 20)), false)
})
