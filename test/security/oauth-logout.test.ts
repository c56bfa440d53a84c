// Signing out by an application's link: whose sessions end, in whose browser, and what anybody's link cannot do.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { applicationServer, exchange, getCode, registerApplication } from '../support/applications.ts'
import { claimsOf, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import { newVisitor, signInToPages, type Visitor } from '../support/visitor.ts'

const bye = 'https://client.example/bye'
let server: TestServer
before(async () => {
  server = await startTestServer({
    env: { ...applicationServer, POSTERN_PAGES: 'true', POSTERN_OAUTH_FEATURES: 'logout' },
  })
})
after(() => server.close())

async function enter(person: SignedIn) {
  const application = await registerApplication(server, { post_logout_redirect_uris: [bye] })
  const given = await getCode(server, application, person, { scope: 'openid' })
  const { body } = await exchange(server, application, given)
  return { id_token: String(body.id_token), session_id: String(claimsOf(String(body.access_token)).session_id) }
}

async function browserOf(person: SignedIn): Promise<Visitor> {
  const visitor = newVisitor(server)
  await signInToPages(server, visitor, person)
  return visitor
}

const lives = async (id: unknown) =>
  (await server.sql('select from auth.sessions where id = $1', [String(id)])).length === 1
const leave = (visitor: Visitor, query: Record<string, string>) =>
  visitor.get(`/oauth/logout?${new URLSearchParams(query)}`)

test('the session of this browser with the pages ends with it, and its cookie goes; other applications go on', async () => {
  const person = await server.user()
  const [one, other] = [await enter(person), await enter(person)]
  const browser = await browserOf(person)
  const { status, location } = await leave(browser, { id_token_hint: one.id_token, post_logout_redirect_uri: bye })
  assert.deepEqual([status, location], [303, bye])
  assert.equal(browser.cookies.has('postern'), false)
  const own = claimsOf(person.access_token).session_id
  assert.deepEqual([await lives(one.session_id), await lives(other.session_id), await lives(own)], [false, true, false])
})

test('the browser of somebody else stays signed in, whatever ID token its link has', async () => {
  const [attacker, victim] = [await server.user(), await server.user()]
  const { id_token } = await enter(attacker)
  const browser = await browserOf(victim)
  await leave(browser, { id_token_hint: id_token })
  assert.equal(browser.cookies.has('postern'), true)
  assert.equal(await lives(claimsOf(victim.access_token).session_id), true)
})

test('a link without an ID token asks, and ends nothing', async () => {
  const person = await server.user()
  const browser = await browserOf(person)
  const { session_id } = await enter(person)
  for (const query of [{}, { client_id: 'x' }] as Record<string, string>[]) {
    const { status, location } = await leave(browser, query)
    assert.deepEqual([status, location], [303, 'http://auth.example.test/pages/sign-out'])
  }
  assert.deepEqual([await lives(session_id), await lives(claimsOf(person.access_token).session_id)], [true, true])
})

test('a session that another application has, or another person, does not end by an ID token that names it', async () => {
  const person = await server.user()
  const [one, other] = [await enter(person), await enter(person)]
  const [head, body, signature] = one.id_token.split('.')
  const claims = { ...JSON.parse(Buffer.from(body ?? '', 'base64url').toString()), sid: other.session_id }
  const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
  assert.equal((await leave(newVisitor(server), { id_token_hint: forged })).status, 400)
  assert.deepEqual([await lives(one.session_id), await lives(other.session_id)], [true, true])
})
