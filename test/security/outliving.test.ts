// What outlives what: a code that waits to be exchanged is worth no more than the session that it would open.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type Application,
  applicationServer,
  askTokens,
  exchange,
  getCode,
  proofKey,
  registerApplication,
} from '../support/applications.ts'
import { linkOf } from '../support/mail-sink.ts'
import { type Answer, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
let server: TestServer
before(async () => {
  server = await startTestServer({
    env: { ...applicationServer, POSTERN_OAUTH_FEATURES: 'device,introspection', POSTERN_OAUTH_DEVICE_PATH: '/device' },
  })
})
after(() => server.close())

const admin = (method: string, path: string, body?: object) =>
  server.request(method, path, { as: 'service_role', ...(body && { body }) })
const own = ({ access_token: token }: SignedIn, method: string, path: string, body?: object) =>
  server.request(method, path, { token, ...(body && { body }) })

/** What ends, by what is asked for. */
const endings: Record<string, (person: SignedIn) => Promise<Answer>> = {
  'a new password': (person) => own(person, 'PUT', '/user', { password: 'another horse battery staple' }),
  'signing out everywhere': (person) => own(person, 'POST', '/logout'),
  'signing out elsewhere': (person) => own(person, 'POST', '/logout?scope=others'),
  'an administrator who ends all sessions': ({ user }) => admin('DELETE', `/admin/users/${user.id}/sessions`),
  'an administrator who sets a password': ({ user }) =>
    admin('PUT', `/admin/users/${user.id}`, { password: 'another horse battery staple' }),
  'a ban': ({ user }) => admin('PUT', `/admin/users/${user.id}`, { ban_duration: '1h' }),
  'soft deletion': ({ user }) => admin('DELETE', `/admin/users/${user.id}`, { should_soft_delete: true }),
  deletion: ({ user }) => admin('DELETE', `/admin/users/${user.id}`),
}

/** Follows a magic link with PKCE, and gives what its code is exchanged with. */
async function followed({ user: { email } }: SignedIn) {
  const { code_verifier, code_challenge } = proofKey()
  await server.request('POST', '/magiclink', { body: { email, code_challenge, code_challenge_method: 's256' } })
  const link = new URL(linkOf(await server.nextMail(email)))
  const { location } = await server.request('GET', `/verify${link.search}`)
  return { auth_code: new URL(String(location)).searchParams.get('code') ?? '', code_verifier }
}

const exchangeOwn = (body: object) => server.request('POST', '/token?grant_type=pkce', { body })
const sessionsOf = ({ user }: SignedIn) => server.sql('select id from auth.sessions where user_id = $1', [user.id])

for (const [ending, end] of Object.entries(endings))
  test(`a code of PKCE that was earned before opens no session after ${ending}`, async () => {
    const person = await server.user()
    const code = await followed(person)
    const { status, text } = await end(person)
    assert.ok(status < 300, text)
    const before = await sessionsOf(person)
    const { status: refused, body } = await exchangeOwn(code)
    assert.ok(refused === 404 || refused === 403, String(refused))
    assert.equal(body.access_token, undefined)
    assert.deepEqual(await sessionsOf(person), before)
  })

test('signing out here leaves the code of another sign-in', async () => {
  const person = await server.user()
  const code = await followed(person)
  assert.equal((await own(person, 'POST', '/logout?scope=local')).status, 204)
  assert.equal((await exchangeOwn(code)).status, 200)
})

async function deviceOf(person: SignedIn, { client_id }: Application): Promise<string> {
  const form = { client_id, scope: 'email' }
  const { body } = await server.request('POST', '/oauth/device_authorization', { form })
  const decision = { user_code: body.user_code, action: 'approve' }
  assert.equal((await own(person, 'POST', '/oauth/device/consent', decision)).status, 200)
  return String(body.device_code)
}

for (const ending of ['a ban', 'soft deletion', 'deletion'])
  test(`what a person agreed to for an application before opens nothing after ${ending}`, async () => {
    const person = await server.user()
    const grant_types = ['authorization_code', 'refresh_token', deviceGrant]
    const application = await registerApplication(server, { grant_types })
    const code = await getCode(server, application, person)
    const device_code = await deviceOf(person, application)
    await endings[ending]?.(person)
    const before = await sessionsOf(person)
    const { client_id } = application
    for (const { status, body } of [
      await exchange(server, application, code),
      await askTokens(server, { grant_type: deviceGrant, client_id, device_code }),
    ])
      assert.deepEqual([status, body.access_token], [400, undefined])
    assert.deepEqual(await sessionsOf(person), before)
  })

test('an application that was removed is let in nowhere by the tokens that it has', async () => {
  const person = await server.user()
  const [removed, other] = [await registerApplication(server), await registerApplication(server)]
  const tokensOf = async (application: Application) =>
    (await exchange(server, application, await getCode(server, application, person))).body
  const [tokens, kept] = [await tokensOf(removed), await tokensOf(other)]
  const reach = async (token: unknown, path: string) =>
    (await server.request('GET', path, { token: String(token) })).status
  assert.equal(await reach(tokens.access_token, '/user'), 200)
  await admin('DELETE', `/admin/oauth/clients/${removed.client_id}`)
  for (const path of ['/user', '/oauth/userinfo']) {
    assert.equal(await reach(tokens.access_token, path), 403)
    assert.equal(await reach(kept.access_token, path), 200)
  }
  const asked = { as: 'service_role', form: { token: String(tokens.access_token) } } as const
  assert.deepEqual((await server.request('POST', '/oauth/introspect', asked)).body, { active: false })
  assert.equal((await own(person, 'GET', '/user')).status, 200, 'the person is not signed out')
})

test('an administrator who loses the role is none from then on, whatever their token says', async () => {
  const person = await server.user({ role: 'service_role' })
  assert.equal((await own(person, 'GET', '/admin/users')).status, 200)
  await admin('PUT', `/admin/users/${person.user.id}`, { role: 'authenticated' })
  const { status, body } = await own(person, 'GET', '/admin/users')
  assert.deepEqual([status, body.error_code], [403, 'not_admin'])
  assert.equal((await own(person, 'GET', '/user')).status, 200)
})
