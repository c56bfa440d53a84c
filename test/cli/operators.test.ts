// What operators do at the shell: on record as theirs, and an account that they only look at stays as it is.
import assert from 'node:assert/strict'
import { userInfo } from 'node:os'
import { after, before, test } from 'node:test'
import { commandEnvironment } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { mint, startTestServer, type TestServer } from '../support/server.ts'
import { runShell } from '../support/shell.ts'
import { newVisitor } from '../support/visitor.ts'

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

const me = process.env.SUDO_USER && userInfo().username === 'root' ? process.env.SUDO_USER : userInfo().username

const shell = (line: string, env: Record<string, string> = {}) =>
  runShell(`admin ${line}`, {
    ...commandEnvironment(database.url),
    ...env,
  })

const json = async (line: string, env: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await shell(`${line} --json`, env)
  assert.deepEqual([code, stderr], [0, ''], line)
  return JSON.parse(stdout)
}

/** Everything that is stored about an account. */
const stored = async (id: string) => ({
  user: await server.sql('select to_jsonb(u) as row from auth.users u where id = $1', [id]),
  identities: await server.sql('select to_jsonb(i) as row from auth.identities i where user_id = $1', [id]),
  tokens: await server.sql('select to_jsonb(t) as row from auth.one_time_tokens t where user_id = $1', [id]),
  sessions: await server.sql('select to_jsonb(s) as row from auth.sessions s where user_id = $1', [id]),
  pending: await server.sql('select to_jsonb(p) as row from postern.pending_credentials p where user_id = $1', [id]),
})

interface Payload {
  action: string
  actor_id: string
  actor_username: string
  act?: { sub: string }
  traits: Record<string, unknown>
}
const entries = async (id: string) =>
  (
    await server.sql<{ payload: Payload }>(
      `select payload from auth.audit_log_entries
        where payload ->> 'actor_id' = $1 or payload -> 'traits' ->> 'user_id' = $1 order by created_at`,
      [id],
    )
  ).map(({ payload }) => payload)

test('a token to see what somebody sees opens no session and leaves every row of the account as it was', async () => {
  const { user } = await server.user({ email: 'seen@example.com' })
  const before = await stored(user.id)
  const { access_token, refresh_token, expires_in } = await json(`token ${user.email} --expires-in 10m`)
  assert.deepEqual([refresh_token, expires_in], [undefined, 600])
  assert.deepEqual(await stored(user.id), before)
  const claims = JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString())
  assert.deepEqual(
    [claims.sub, claims.act, claims.session_id, claims.exp - claims.iat],
    [user.id, { sub: me }, undefined, 600],
  )
  assert.equal((await server.request('GET', '/user', { token: access_token })).body.id, user.id)
})

test('what is done with such a token is on record as the operator’s, not as the person’s', async () => {
  const { user } = await server.user({ email: 'acted@example.com' })
  const { access_token } = await json(`token ${user.email}`)
  const changed = await server.request('PUT', '/user', { token: access_token, body: { data: { team: 'red' } } })
  assert.equal(changed.status, 200)
  const [, , made, modified] = await entries(user.id)
  for (const entry of [made, modified])
    assert.deepEqual(
      [entry?.actor_username, entry?.act, entry?.actor_id, entry?.traits.user_id],
      [me, { sub: me }, '00000000-0000-0000-0000-000000000000', user.id],
    )
  assert.deepEqual([made?.action, modified?.action], ['user_impersonated', 'user_modified'])
})

test('a claim act in a token of a session makes nobody an operator', async () => {
  const { user, access_token } = await server.user({ email: 'hooked@example.com' })
  const { exp: _, ...claims } = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString())
  const token = mint({ ...claims, act: { sub: 'mallory' } })
  assert.equal((await server.request('PUT', '/user', { token, body: { data: { a: 1 } } })).status, 200)
  const last = (await entries(user.id)).at(-1)
  assert.deepEqual([last?.action, last?.actor_id, last?.act], ['user_modified', user.id, undefined])
})

test('who could not sign in has no such token: unconfirmed, banned; password and metadata stay', async () => {
  const body = { email: 'unproved@example.com', password: 'a long enough password', data: { team: 'red' } }
  assert.equal((await server.request('POST', '/signup', { body })).status, 200)
  const [row] = await server.sql<{ id: string }>('select id from auth.users where email = $1', [body.email])
  const before = await stored(row?.id ?? '')
  const refused = await shell(`token ${body.email}`)
  assert.deepEqual([refused.code, refused.stdout], [1, ''])
  assert.match(refused.stderr, /Neither address nor number of this account is confirmed \(email_not_confirmed\)/)
  assert.deepEqual(await stored(row?.id ?? ''), before)
  await json(`users confirm ${body.email}`)
  const signedIn = await server.request('POST', '/token?grant_type=password', { body })
  assert.deepEqual(Object(signedIn.body.user).user_metadata.team, 'red')
  await json(`users ban ${body.email}`)
  assert.match((await shell(`token ${body.email}`)).stderr, /User is banned/)
})

test('the custom access token hook has its say on such a token, but cannot take the operator out of it', async () => {
  const { user } = await server.user({ email: 'hook@example.com' })
  await server.sql(`create or replace function auth.claims_for_shell(event jsonb) returns jsonb language sql as
    $$ select jsonb_build_object('claims', (event -> 'claims') - 'act' || '{"plan":"pro","session_id":"x"}') $$`)
  const { access_token } = await json(`token ${user.email}`, {
    GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_ENABLED: 'true',
    GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI: 'pg-functions://postgres/auth/claims_for_shell',
  })
  const claims = JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString())
  assert.deepEqual([claims.plan, claims.act, claims.session_id], ['pro', { sub: me }, undefined])
})

test('every change of the shell is on record under the name of the system user', async () => {
  const { user } = await server.user({ email: 'changed@example.com' })
  const before = (await entries(user.id)).length
  await json(`users update ${user.email} --app-metadata {"plan":"pro"}`.replace(/\{.*\}/, (text) => `'${text}'`))
  await json(`link recovery ${user.email}`)
  await json(`users ban ${user.email}`)
  await json(`sessions end ${user.email}`)
  await json(`users delete ${user.email}`)
  const made = (await entries(user.id)).slice(before)
  assert.deepEqual(
    made.map(({ action }) => action),
    ['user_modified', 'user_recovery_requested', 'user_modified', 'token_revoked', 'user_deleted'],
  )
  for (const entry of made) assert.deepEqual([entry.actor_username, entry.act], [me, { sub: me }], entry.action)
})

test('an API key is on record with its role and its end', async () => {
  const { token } = await json('token --role service_role --expires-in 60s')
  assert.equal((await server.request('GET', '/admin/users', { token })).status, 200)
  const [entry] = await json('audit --action api_key_created')
  assert.deepEqual([entry.actor, entry.payload.traits], [me, { role: 'service_role', expires_in: 60 }])
})

test('the endpoints of the shell are not served', async () => {
  const { user } = await server.user({ email: 'served@example.com' })
  const calls: [string, string][] = [
    ['POST', `/admin/users/${user.id}/token`],
    ['DELETE', `/admin/users/${user.id}/identities/${user.id}`],
    ['POST', '/admin/api_keys'],
  ]
  for (const [method, path] of calls)
    assert.equal(
      (await server.request(method, path, { as: 'service_role', body: { expires_in: 60 } })).status,
      404,
      path,
    )
})

test('the shell makes a link to the console that works on a server beside it, in the name of who asked, and only where there is one', async () => {
  const refused = await shell('console')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /POSTERN_CONSOLE/)
  const env = { POSTERN_PAGES: 'true', POSTERN_CONSOLE: 'true' }
  const { link } = await json('console', env)
  assert.match(link, /^http:\/\/auth\.example\.test\/console\/enter\?link=[\w-]{43}$/)
  const beside = await startTestServer({ database, mail: server.mail, env })
  const visitor = newVisitor(beside)
  const page = await visitor.get(link)
  assert.equal((await visitor.submit(page, '/console/enter')).location, '/console')
  assert.match((await visitor.get('/console')).text, new RegExp(`>${me}<`))
  await beside.close()
})
