// The console and second factors: a stolen password of an operator opens no more there than with the API.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { totpCode } from '../../src/crypto/totp.ts'
import { refusal } from '../support/cases.ts'
import { consoleEnv } from '../support/console.ts'
import { claimsOf, ownerOfApp, showApp, signInAgain } from '../support/second-factors.ts'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'
import { newVisitor, signInToPages } from '../support/visitor.ts'

const id = '0d0f6ea1-6a0a-4c5b-9d57-1d1ad0f5a6c1'
let server: TestServer
let strict: TestServer
let demanding: TestServer
let trusting: TestServer
before(async () => {
  server = await startTestServer({ env: consoleEnv })
  const { database, mail } = server
  const env = { ...consoleEnv, POSTERN_MFA_REQUIRED: 'admins', POSTERN_CONSOLE_ADMINS: id }
  strict = await startTestServer({ env, database, mail })
  const more = { POSTERN_CONSOLE_REQUIRE_AAL2: 'true', POSTERN_MFA_TRUSTED_DEVICES: 'true' }
  demanding = await startTestServer({ env: { ...consoleEnv, ...more }, database, mail })
  const asking = { POSTERN_MFA_REQUIRED: 'admins', POSTERN_MFA_TRUSTED_DEVICES: 'true' }
  trusting = await startTestServer({ env: { ...consoleEnv, ...asking }, database, mail })
})
after(async () => {
  await trusting.close()
  await demanding.close()
  await strict.close()
  await server.close()
})

/** What a browser sees of the console that has a session of the pages by this token. */
async function consoleOf(on: TestServer, access_token: string): Promise<Answer> {
  const visitor = newVisitor(on)
  await signInToPages(on, visitor, { access_token })
  return visitor.get('/console/people')
}

test('an operator who has a second factor shows it before the console opens', async () => {
  const owner = await ownerOfApp(server, { email: 'two@example.com', role: 'service_role' })
  const { body } = await signInAgain(server, owner.person)
  const stolen = await consoleOf(server, String(body.access_token))
  assert.match(`${stolen.status} ${stolen.location}`, /^303 \/pages\/second-factor\?redirect_to=%2Fconsole%2Fpeople$/)
  assert.ok(!stolen.text.includes('two@example.com'))
  assert.equal((await consoleOf(server, owner.token)).status, 200)
})

test('with POSTERN_MFA_REQUIRED an operator without a second factor enrols one first, whatever makes them one', async () => {
  const byRole = await strict.user({ role: 'service_role' })
  const sent = await consoleOf(strict, byRole.access_token)
  assert.match(`${sent.status} ${sent.location}`, /^303 \/pages\/account\/factors/)
  const byId = await strict.user({ id })
  const refused = await consoleOf(strict, byId.access_token)
  assert.equal(refused.status, 403)
  assert.match(refused.text, /second step is needed/)
})

/** What the token of an operator's own session opens of the API. */
const apiOf = async (on: TestServer, token: unknown): Promise<string> =>
  refusal(await on.request('GET', '/admin/users', { token: String(token) }))

test('where the console demands a second factor, the session of an operator opens no more by the API', async () => {
  const plain = await demanding.user({ email: 'plain@example.com', role: 'service_role' })
  assert.equal(await apiOf(demanding, plain.access_token), '403 mfa_required')
  assert.equal(await apiOf(server, plain.access_token), '200 undefined')
  const owner = await ownerOfApp(demanding, { email: 'shows@example.com', role: 'service_role' })
  assert.equal(await apiOf(demanding, owner.token), '200 undefined')
  assert.equal(refusal(await demanding.request('GET', '/admin/users', { as: 'service_role' })), '200 undefined')
})

test('a trusted device of an operator opens neither console nor API where the policy demands a second factor', async () => {
  const owner = await ownerOfApp(
    trusting,
    { email: 'spared@example.com', role: 'service_role' },
    { trust_device: true },
  )
  const { token } = Object(owner.raised.body.trusted_device)
  const { id } = owner.person.user
  const { body } = await signInAgain(trusting, owner.person, { 'x-trusted-device': token })
  assert.deepEqual([claimsOf(body.access_token).aal, claimsOf(body.access_token).role], ['aal2', 'service_role'])
  const change = (path: string) =>
    trusting.request('PUT', path, { token: String(body.access_token), body: { password: 'another battery staple' } })
  assert.equal(refusal(await change('/user')), '401 insufficient_aal')
  assert.equal(refusal(await change(`/admin/users/${id}`)), '403 mfa_required')
  const spared = await consoleOf(trusting, String(body.access_token))
  assert.match(`${spared.status} ${spared.location}`, /^303 \/pages\/second-factor\?.*again=true$/)
  const shown = await showApp(trusting, String(body.access_token), owner, {}, 1)
  assert.equal(await apiOf(trusting, shown.body.access_token), '200 undefined')
})

test('a trusted device opens no console that demands a second factor: one is shown first, and then it opens', async () => {
  const attributes = { email: 'trusting@example.com', role: 'service_role' }
  const owner = await ownerOfApp(demanding, attributes, { trust_device: true })
  const { token } = Object(owner.raised.body.trusted_device)
  assert.equal((await consoleOf(demanding, owner.token)).status, 200)
  const { body } = await signInAgain(demanding, owner.person, { 'x-trusted-device': token })
  assert.equal(claimsOf(body.access_token).aal, 'aal2')
  const visitor = newVisitor(demanding)
  await signInToPages(demanding, visitor, { access_token: String(body.access_token) })
  const asked = await visitor.open('/console/people')
  assert.equal(asked.path, '/pages/second-factor?redirect_to=%2Fconsole%2Fpeople&again=true')
  const code = totpCode(owner.secret, Date.now() / 1000 + 30)
  const opened = await visitor.send('/pages/second-factor', { code })
  assert.deepEqual([opened.status, opened.path], [200, '/console/people'], opened.text)
})
