// What an application gets from the pages in special cases: levels, signed refresh tokens, one session a person, hooks, guests.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import { ownStatements, runCleanup } from '../../src/storage/cleanup.ts'
import { ownerOfApp } from '../support/second-factors.ts'
import { claimsOf, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import { newVisitor, signInToPages, type Visitor } from '../support/visitor.ts'

let server: TestServer
let hook: Server
let people = 0
const asked: { authentication_method: string; claims: Record<string, unknown> }[] = []
const others: TestServer[] = []

before(async () => {
  hook = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const call = JSON.parse(body)
    asked.push(call)
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ claims: { ...call.claims, plan: 'gold' } }))
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  server = await startTestServer({ env: { POSTERN_PAGES: 'true' } })
})
after(async () => {
  for (const { auth } of others) await auth.close()
  await server.close()
  hook.close()
})

async function serverWith(env: Record<string, string>): Promise<TestServer> {
  const other = await startTestServer({
    env: { POSTERN_PAGES: 'true', ...env },
    database: server.database,
    mail: server.mail,
  })
  others.push(other)
  return other
}

async function visit(on: TestServer, person: Pick<SignedIn, 'access_token'>): Promise<Visitor> {
  const visitor = newVisitor(on)
  await signInToPages(on, visitor, person)
  return visitor
}

/** Goes from an application through the pages, and exchanges what comes back. */
async function enter(on: TestServer, visitor: Visitor): Promise<Record<string, unknown>> {
  const code_verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    provider: 'postern',
    redirect_to: 'https://app.example/',
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 's256',
  })
  const begun = await on.request('GET', `/authorize?${query}`)
  const page = await visitor.get(begun.location ?? '')
  const gone = await visitor.submit(page, '/pages/continue', { choice: 'continue' })
  const auth_code = new URL(gone.location ?? '').searchParams.get('code')
  const answer = await on.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } })
  assert.equal(answer.status, 200, answer.text)
  return answer.body
}
const newEmail = () => ({ email: `handed${++people}@example.com` })

test('a session of the second level is handed on as one, and falls back with its factor', async () => {
  const owner = await ownerOfApp(server, newEmail())
  const tokens = await enter(server, await visit(server, { access_token: owner.token }))
  const claims = claimsOf(String(tokens.access_token))
  assert.equal(claims.aal, 'aal2')
  assert.deepEqual(claims.amr.map(({ method }: { method: string }) => method).sort(), ['password', 'totp'])
  await server.sql('delete from auth.mfa_factors where id = $1', [owner.factor_id])
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: tokens.refresh_token },
  })
  assert.equal(claimsOf(String(refreshed.body.access_token)).aal, 'aal1')
})

test('signed refresh tokens work for a session that was handed on', async () => {
  const signed = await serverWith({ GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION: '2' })
  const person = await signed.user(newEmail())
  const { refresh_token } = await enter(signed, await visit(signed, person))
  for (let turn = 0, token = refresh_token; turn < 3; turn++) {
    const refreshed = await signed.request('POST', '/token?grant_type=refresh_token', {
      body: { refresh_token: token },
    })
    assert.equal(refreshed.status, 200, refreshed.text)
    token = refreshed.body.refresh_token
  }
})

test('where a person has one session, that of the application takes the place of the one with the pages', async () => {
  const single = await serverWith({ GOTRUE_SESSIONS_SINGLE_PER_USER: 'true' })
  const person = await single.user(newEmail())
  const visitor = await visit(single, person)
  await server.sql("update auth.sessions set created_at = created_at - interval '1 minute' where user_id = $1", [
    person.user.id,
  ])
  const { refresh_token } = await enter(single, visitor)
  assert.match((await visitor.get('/pages/account')).location ?? '', /^\/pages\/sign-in/)
  const refreshed = await single.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
  assert.equal(refreshed.status, 200)
})

test('the token hook decides on the token of the application, and is not asked for pages', async () => {
  const hooked = await serverWith({
    GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_ENABLED: 'true',
    GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI: `http://127.0.0.1:${Object(hook.address()).port}/`,
  })
  const person = await server.user(newEmail())
  const visitor = await visit(hooked, person)
  await visitor.get('/pages/account')
  assert.equal(asked.length, 0)
  const tokens = await enter(hooked, visitor)
  assert.equal(claimsOf(String(tokens.access_token)).plan, 'gold')
  assert.deepEqual(
    asked.map(({ authentication_method, claims }) => [authentication_method, claims.sub]),
    [['oauth', person.user.id]],
  )
  assert.equal((await server.sql('select from auth.sessions where user_id = $1', [person.user.id])).length, 2)
})

test('where everybody needs a second step, it is set up on the way to the application', async () => {
  const strict = await serverWith({ POSTERN_MFA_REQUIRED: 'all' })
  const person = await server.user(newEmail())
  const visitor = await visit(strict, person)
  const begun = await strict.request('GET', '/authorize?provider=postern&redirect_to=https://app.example/')
  const sent = await visitor.get(begun.location ?? '')
  assert.match(sent.location ?? '', /^\/pages\/account\/factors\?attempt=/)
  assert.equal((await visitor.get('/pages/account')).location, '/pages/account/factors')
  const page = await visitor.get(sent.location ?? '')
  assert.match(page.text, /Set up a second step to go on/)
  const [factor] = await server.sql<{ id: string }>(
    `insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret)
      values (gen_random_uuid(), $1, 'app', 'totp', 'verified', now(), now(), 'x') returning id`,
    [person.user.id],
  )
  await server.sql("update auth.sessions set aal = 'aal2', factor_id = $2 where user_id = $1", [
    person.user.id,
    factor?.id ?? '',
  ])
  const ready = await visitor.get('/pages/account/factors')
  const [, onward = ''] = /href="(\/pages\/continue\?attempt=[^"]+)"/.exec(ready.text) ?? []
  assert.match((await visitor.get(onward)).text, /Continue as/)
  assert.doesNotMatch((await visitor.get('/pages/account/factors')).text, /An application waits/)
})

test('a guest goes on as a guest, sees a small account, and becomes a person by an address', async () => {
  const open = await serverWith({ GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' })
  const guest = (await open.request('POST', '/signup', { body: {} })).body as unknown as SignedIn
  const visitor = await visit(open, guest)
  const tokens = await enter(open, visitor)
  assert.equal(claimsOf(String(tokens.access_token)).is_anonymous, true)
  const page = await visitor.get('/pages/account')
  assert.match(page.text, /You are here as a guest/)
  assert.doesNotMatch(page.text, /\/pages\/account\/(factors|sign-in)"/)
  for (const path of ['/pages/account/factors', '/pages/account/sign-in'])
    assert.equal((await visitor.get(path)).location, '/pages/account')
  const { email } = newEmail()
  const sent = await visitor.submit(await visitor.get('/pages/account/email'), '/pages/account/email', { email })
  assert.equal(sent.location, '/pages/account')
  assert.equal((await open.nextMail(email)).to.includes(email), true)
})

test('a session that no cookie can lead to any more is cleaned up', async () => {
  const person = await server.user(newEmail())
  await visit(server, person)
  const sessions = () => server.sql('select from auth.sessions where user_id = $1', [person.user.id])
  await server.sql("update postern.page_sessions set created_at = now() - interval '32 days'")
  for (const statement of ownStatements()) await runCleanup(server.database.db, statement)
  assert.equal((await sessions()).length, 0)
})

test('an application on a phone is called by its scheme, and the form may lead to it', async () => {
  const mobile = await serverWith({ GOTRUE_URI_ALLOW_LIST: 'com.example.shop://**' })
  const visitor = await visit(mobile, await mobile.user(newEmail()))
  const begun = await mobile.request('GET', '/authorize?provider=postern&redirect_to=com.example.shop://welcome')
  const page = await visitor.get(begun.location ?? '')
  assert.match(page.text, /Sign in to com\.example\.shop/)
  assert.match(page.headers.get('content-security-policy') ?? '', /form-action 'self' com\.example\.shop:;/)
  const gone = await visitor.submit(page, '/pages/continue', { choice: 'continue' })
  assert.match(gone.location ?? '', /^com\.example\.shop:\/\/welcome#access_token=/)
})

test('an attempt leads to wherever browsers reach the pages', async () => {
  const places: [Record<string, string>, string][] = [
    [{ API_EXTERNAL_URL: 'https://api.example.com/auth/v1' }, 'https://api.example.com/auth/v1/pages/continue'],
    [
      { API_EXTERNAL_URL: 'https://api.example.com/auth/v1', POSTERN_PAGES_URL: 'https://id.example.com/' },
      'https://id.example.com/pages/continue',
    ],
  ]
  for (const [env, place] of places) {
    const on = await serverWith(env)
    const begun = await on.request('GET', '/authorize?provider=postern&redirect_to=https://app.example/&ui_locales=de')
    assert.match(begun.location ?? '', new RegExp(`^${place}\\?attempt=[\\da-f-]{36}&ui_locales=de$`))
  }
})
