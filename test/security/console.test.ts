// Attacks on the console: who is no operator, who no longer is one, stolen and fixed cookies, and forms of other sites.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { byConsoleLink, consoleEnv, filledPath, guardedPages, newConsoleLink } from '../support/console.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import { fieldsOf, newVisitor, signInToPages, type Visitor } from '../support/visitor.ts'

let server: TestServer
let target: SignedIn

before(async () => {
  server = await startTestServer({ env: consoleEnv })
  target = await server.user({ email: 'target@example.com' })
})
after(() => server.close())

let people = 0

/** Somebody in a browser with a session of the pages. */
async function signedIn(role?: string, on = server): Promise<{ visitor: Visitor; person: SignedIn }> {
  const person = await on.user({ email: `console${++people}@example.com`, ...(role && { role }) })
  const visitor = newVisitor(on)
  await signInToPages(on, visitor, person)
  return { visitor, person }
}

/** Asserts that no row of the console lets somebody in; a form is sent with a token of their own. */
async function assertShutOut(visitor: Visitor, expected: RegExp): Promise<void> {
  const enter = await visitor.get('/console/enter')
  const { _token = '' } = fieldsOf(enter, '/console/enter')
  for (const { method, path } of guardedPages) {
    const address = filledPath(path, target.user.id)
    const answer =
      method === 'GET'
        ? await visitor.get(address)
        : await visitor.post(address, { _token, id: target.user.id, action: 'delete', sure: 'true' })
    assert.match(`${answer.status} ${answer.location ?? ''}`, expected, `${method} ${address}`)
    assert.ok(!answer.text.includes('target@example.com'), `${method} ${address}`)
  }
  const [still] = await server.sql<{ banned_until: string | null; deleted_at: string | null }>(
    'select banned_until, deleted_at from auth.users where id = $1',
    [target.user.id],
  )
  assert.deepEqual(still, { banned_until: null, deleted_at: null })
}

const toSignIn = /^303 \/pages\/sign-in/
const forbidden = /^403 $/

test('nobody, and whoever shows cookies that lead nowhere, is sent to sign in by every page', async () => {
  assert.ok(guardedPages.length > 60)
  await assertShutOut(newVisitor(server), toSignIn)
  const forger = newVisitor(server)
  forger.cookies.set('postern', randomBytes(32).toString('base64url'))
  forger.cookies.set('postern-console', randomBytes(32).toString('base64url'))
  await assertShutOut(forger, toSignIn)
})

test('a person who is no operator gets none of its pages', async () => {
  const { visitor } = await signedIn()
  await assertShutOut(visitor, forbidden)
})

test('who is an operator by another account is led to sign in with it, and back', async () => {
  const { visitor } = await signedIn()
  const { status, text } = await visitor.get('/console/people?q=ada')
  assert.equal(status, 403)
  const [, address = ''] = /href="([^"]*\/pages\/sign-in\?[^"]*)"/.exec(text) ?? []
  const { searchParams } = new URL(address.replaceAll('&amp;', '&'), 'http://own.example')
  assert.deepEqual([searchParams.get('prompt'), searchParams.get('redirect_to')], ['login', '/console/people?q=ada'])
})

test('neither metadata nor a token of the API makes an operator', async () => {
  const { visitor, person } = await signedIn()
  await server.request('PUT', '/user', {
    token: person.access_token,
    body: { data: { role: 'service_role', operator: true } },
  })
  assert.equal((await visitor.get('/console')).status, 403)
  const carrier = newVisitor(server)
  const answer = await server.request('GET', '/console', { as: 'service_role' })
  assert.match(answer.location ?? '', /^\/pages\/sign-in/)
  carrier.cookies.set('postern', person.access_token)
  assert.match((await carrier.get('/console')).location ?? '', /^\/pages\/sign-in/)
})

test('a stolen cookie is worth nothing after its session ended, by link or by account', async () => {
  const operator = await signedIn('service_role')
  assert.equal((await operator.visitor.get('/console')).status, 200)
  const thief = newVisitor(server)
  for (const [name, value] of operator.visitor.cookies) thief.cookies.set(name, value)
  await server.request('POST', '/logout?scope=global', { token: operator.person.access_token })
  await assertShutOut(thief, toSignIn)

  const grace = await byConsoleLink(server)
  const second = newVisitor(server)
  for (const [name, value] of grace.cookies) second.cookies.set(name, value)
  await grace.submit(await grace.get('/console'), '/console/sign-out')
  await assertShutOut(second, toSignIn)
})

test('a session of a link ends by itself, and a cookie from before the link leads nowhere', async () => {
  const visitor = newVisitor(server)
  visitor.cookies.set('postern-console', 'A'.repeat(43))
  const link = await newConsoleLink(server)
  await visitor.submit(await visitor.get(`/console/enter?link=${link}`), '/console/enter')
  assert.notEqual(visitor.cookies.get('postern-console'), 'A'.repeat(43))
  const fixed = newVisitor(server)
  fixed.cookies.set('postern-console', 'A'.repeat(43))
  assert.match((await fixed.get('/console')).location ?? '', /sign-in/)
  assert.equal((await visitor.get('/console')).status, 200)
  await server.sql(`update postern.console_sessions set expires_at = now() - interval '1 second'`)
  assert.match((await visitor.get('/console')).location ?? '', /sign-in/)
})

test('who loses the role, is banned or deleted is out at the next request, also in the middle of an action', async () => {
  const endings = [
    `update auth.users set role = 'authenticated' where id = $1`,
    `update auth.users set banned_until = now() + interval '1 day' where id = $1`,
    `delete from auth.users where id = $1`,
  ]
  for (const ending of endings) {
    const { visitor, person } = await signedIn('service_role')
    const page = await visitor.get(`/console/people/${target.user.id}/delete`)
    assert.equal(page.status, 200)
    await server.sql(ending, [person.user.id])
    const answer = await visitor.submit(page, `/console/people/${target.user.id}/delete`)
    assert.ok([303, 403].includes(answer.status), ending)
    assert.equal((await server.sql('select from auth.users where id = $1', [target.user.id])).length, 1)
  }
})

test('an account is an operator by its id in POSTERN_CONSOLE_ADMINS, and by no address', async () => {
  const id = '6b1f6ea1-6a0a-4c5b-9d57-1d1ad0f5a6c1'
  const own = await startTestServer({
    env: { ...consoleEnv, POSTERN_CONSOLE_ADMINS: `${id.toUpperCase()},boss@example.com` },
    database: server.database,
    mail: server.mail,
  })
  const named = await own.user({ email: 'named@example.com', id })
  const squatter = await own.user({ email: 'boss@example.com' })
  for (const [person, status] of [
    [named, 200],
    [squatter, 403],
  ] as const) {
    const visitor = newVisitor(own)
    await signInToPages(own, visitor, person)
    assert.equal((await visitor.get('/console')).status, status)
  }
  await own.close()
})

test('with POSTERN_CONSOLE_REQUIRE_AAL2 a person without a second factor is told to show one', async () => {
  const own = await startTestServer({
    env: { ...consoleEnv, POSTERN_CONSOLE_REQUIRE_AAL2: 'true' },
    database: server.database,
    mail: server.mail,
  })
  const { visitor, person } = await signedIn('service_role', own)
  const refused = await visitor.get('/console')
  assert.equal(refused.status, 403)
  assert.match(refused.text, /second step is needed/)
  await own.sql(`update auth.sessions set aal = 'aal2' where user_id = $1`, [person.user.id])
  await own.sql(
    `insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at, secret) values (gen_random_uuid(), $1, 'totp', 'verified', now(), now(), 'x')`,
    [person.user.id],
  )
  await own.sql(
    `insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at)
      select gen_random_uuid(), id, 'totp', now(), now() from auth.sessions where user_id = $1`,
    [person.user.id],
  )
  assert.equal((await visitor.get('/console')).status, 200)
  await own.close()
})

test('forms of other sites, without a token or with one of another browser do nothing', async () => {
  const operator = await byConsoleLink(server)
  const stranger = await byConsoleLink(server, 'eve')
  const path = `/console/people/${target.user.id}/ban`
  const page = await operator.get(path)
  const fields: Record<string, string> = { ...fieldsOf(page, path), duration: '24h' }
  const foreign = fieldsOf(await stranger.get(path), path)
  const { _token: _, ...without } = fields
  const tries: [Record<string, string>, Record<string, string>][] = [
    [fields, { origin: 'https://evil.example' }],
    [fields, { origin: 'null' }],
    [without, {}],
    [{ ...fields, _token: foreign._token ?? '' }, {}],
  ]
  for (const [form, headers] of tries) assert.equal((await operator.post(path, form, headers)).status, 403)
  const [row] = await server.sql('select banned_until from auth.users where id = $1', [target.user.id])
  assert.equal(row?.banned_until, null)
  assert.equal((await operator.post(path, fields)).status, 303)
  await server.sql('update auth.users set banned_until = null where id = $1', [target.user.id])
})

test('looking at a link does not spend it, and its page leaks it to nobody', async () => {
  const link = await newConsoleLink(server)
  for (let i = 0; i < 3; i++) {
    const page = await newVisitor(server).get(`/console/enter?link=${link}`)
    assert.equal(page.headers.get('referrer-policy'), 'same-origin')
    assert.equal(page.headers.get('cache-control'), 'no-store')
  }
  assert.equal((await server.sql('select from postern.console_links where expires_at > now()')).length > 0, true)
  assert.ok(!JSON.stringify(server.log).includes(link))
})
