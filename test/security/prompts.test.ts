// What an application may ask of the sign-in itself (OpenID Connect Core §3.1.2.1): anew, recently, or without anybody being asked.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  applicationServer,
  askAuthorization,
  exchange,
  getCode,
  proofKey,
  redirect_uri,
  registerApplication,
} from '../support/applications.ts'
import { claimsOf, startTestServer, type TestServer } from '../support/server.ts'
import { headingOf, newVisitor } from '../support/visitor.ts'

const password = 'correct horse battery staple'
const env = {
  ...applicationServer,
  GOTRUE_OAUTH_SERVER_AUTHORIZATION_PATH: '',
  POSTERN_OAUTH_FEATURES: 'prompt',
  POSTERN_PAGES: 'true',
}

let server: TestServer
before(async () => {
  server = await startTestServer({ env })
})
after(() => server.close())

async function ask(client_id: string, more: Record<string, string>) {
  const { code_challenge } = proofKey()
  const query = { client_id, redirect_uri, scope: 'openid', code_challenge, code_challenge_method: 'S256', ...more }
  const { location } = await askAuthorization(server, query)
  const address = new URL(location ?? '')
  return { address, id: address.searchParams.get('authorization_id') ?? '', error: address.searchParams.get('error') }
}

/** Makes every sign-in of people look older than it is. */
const age = () =>
  server.sql(`update auth.sessions set created_at = now() - interval '1 hour' where oauth_client_id is null`)

test('prompt=none is answered by what it is: nobody is signed in without being asked', async () => {
  const { client_id } = await registerApplication(server)
  assert.equal((await ask(client_id, { prompt: 'none' })).error, 'interaction_required')
  for (const wrong of [
    { prompt: 'none login' },
    { prompt: 'everything' },
    { max_age: '-1' },
    { max_age: 'x' },
  ] as Record<string, string>[])
    assert.equal((await ask(client_id, wrong)).error, 'invalid_request', JSON.stringify(wrong))
})

test('prompt=login and an old sign-in need a new one, which is asked for on the pages and then counts', async () => {
  for (const query of [{ prompt: 'login' }, { max_age: '60' }, { max_age: '0' }] as Record<string, string>[]) {
    const { client_id } = await registerApplication(server)
    const person = await server.user()
    const visitor = newVisitor(server)
    await visitor.open('/pages/sign-in')
    await visitor.send('/pages/sign-in', { identifier: person.user.email, password })
    const { address, id } = await ask(client_id, query)
    await age()
    const token = person.access_token
    const refused = await server.request('GET', `/oauth/authorizations/${id}`, { token })
    assert.deepEqual([refused.status, refused.body.error_code], [403, 'reauthentication_needed'])
    const decided = await server.request('POST', `/oauth/authorizations/${id}/consent`, {
      token,
      body: { action: 'approve' },
    })
    assert.equal(decided.status, 404, 'nobody agrees who was not asked')
    assert.equal(headingOf(await visitor.open(address.href)), 'Sign in')
    const page = await visitor.send('/pages/sign-in', { identifier: person.user.email, password })
    assert.match(headingOf(page), /use your account/)
    assert.match((await visitor.send('/pages/consent', { action: 'approve' })).left_for, /[?&]code=/)
  }
})

test('a sign-in that is recent enough is asked for nothing', async () => {
  const { client_id } = await registerApplication(server)
  const { access_token: token } = await server.user()
  const { id } = await ask(client_id, { max_age: '600' })
  assert.equal((await server.request('GET', `/oauth/authorizations/${id}`, { token })).status, 200)
})

test('prompt=consent asks again whoever agreed before', async () => {
  const application = await registerApplication(server)
  const person = await server.user()
  await getCode(server, application, person, { scope: 'openid' })
  for (const [query, redirects] of [
    [{ prompt: 'consent' }, false],
    [{}, true],
  ] as [Record<string, string>, boolean][]) {
    const { id } = await ask(application.client_id, query)
    const { body } = await server.request('GET', `/oauth/authorizations/${id}`, { token: person.access_token })
    assert.equal(typeof body.redirect_url === 'string', redirects)
  }
})

test('auth_time is when the person signed in, not when the code was exchanged', async () => {
  const application = await registerApplication(server)
  const person = await server.user()
  await server.sql(`update auth.sessions set created_at = now() - interval '1000 seconds' where user_id = $1`, [
    person.user.id,
  ])
  const { body } = await exchange(server, application, await getCode(server, application, person, { scope: 'openid' }))
  const { auth_time, iat } = claimsOf(String(body.id_token))
  assert.ok(Math.abs(iat - auth_time - 1000) < 30, `${iat - auth_time}`)
})

test('userinfo is asked by POST too (OpenID Connect Core §5.3.1)', async () => {
  const application = await registerApplication(server)
  const person = await server.user()
  const { body } = await exchange(server, application, await getCode(server, application, person, { scope: 'openid' }))
  const { status, body: info } = await server.request('POST', '/oauth/userinfo', { token: String(body.access_token) })
  assert.deepEqual([status, info.sub], [200, person.user.id])
})
