// The second step of hosted sign-in through fetch: authenticator apps, phones and recovery codes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { totpCode } from '../../src/crypto/totp.ts'
import { ownerOfApp, password } from '../support/second-factors.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { type SmsGateway, startSmsGateway } from '../support/sms-gateway.ts'
import { errorsOf, headingOf, newVisitor } from '../support/visitor.ts'

let server: TestServer
let gateway: SmsGateway

before(async () => {
  gateway = await startSmsGateway()
  server = await startTestServer({
    env: {
      POSTERN_PAGES: 'true',
      GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true',
      GOTRUE_MFA_PHONE_VERIFY_ENABLED: 'true',
      GOTRUE_MFA_PHONE_MAX_FREQUENCY: '1ns',
      ...gateway.env,
      GOTRUE_MFA_RATE_LIMIT_CHALLENGE_AND_VERIFY: '100000',
    },
  })
})
after(async () => {
  await server.close()
  gateway.stop()
})

const signIn = async (email: string, start = '/pages/sign-in') => {
  const visitor = newVisitor(server)
  await visitor.open(start)
  return { visitor, page: await visitor.send('/pages/sign-in', { identifier: email, password }) }
}

const levelsOf = (email: string) =>
  server.sql<{ aal: string }>(
    'select s.aal::text from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1 order by s.created_at desc',
    [email],
  )

test('whoever has an app is asked for its code before anything else, and a new handle follows it', async () => {
  const { person, secret } = await ownerOfApp(server)
  const { visitor, page } = await signIn(person.user.email, '/pages/sign-in?redirect_to=/pages/new-password')
  assert.equal(headingOf(page), 'Second step')
  const handle = visitor.cookies.get('postern')
  assert.match((await visitor.open('/pages/new-password')).path, /^\/pages\/second-factor\?redirect_to=%2Fpages%2Fnew-/)
  const code = totpCode(secret, Date.now() / 1000 + 30)
  const wrong = await visitor.send('/pages/second-factor', { code: code === '000000' ? '111111' : '000000' })
  assert.equal(wrong.status, 422)
  assert.deepEqual(errorsOf(wrong), ['This code is not right. Check it and try again.'])
  const done = await visitor.send('/pages/second-factor', { code: `${code.slice(0, 3)} ${code.slice(3)}` })
  assert.equal(done.path, '/pages/new-password')
  assert.notEqual(visitor.cookies.get('postern'), handle)
  assert.equal((await levelsOf(person.user.email))[0]?.aal, 'aal2')
})

test('a recovery code does in the place of the app, once', async () => {
  const { person, token } = await ownerOfApp(server)
  const made = await server.request('POST', '/factors/recovery-codes', { token, body: {} })
  const [code = ''] = Object(made.body).codes ?? Object(made.body).recovery_codes
  const { visitor, page } = await signIn(person.user.email)
  const [, way = ''] = /href="([^"]*factor=recovery[^"]*)"/.exec(page.text) ?? []
  await visitor.open(way)
  assert.match((await visitor.send('/pages/second-factor', { code })).path, /^\/pages\/account/)
  const again = await signIn(person.user.email)
  await again.visitor.open(way)
  assert.equal((await again.visitor.send('/pages/second-factor', { code })).status, 422)
})

test('a code goes to the phone only when its button is pressed, and is then asked for', async () => {
  const { user, access_token } = await server.user({ password })
  const phone = `4477009${String(Date.now()).slice(-5)}`
  const enrolled = await server.request('POST', '/factors', {
    token: access_token,
    body: { factor_type: 'phone', phone },
  })
  const id = String(enrolled.body.id)
  const address = '192.0.2.9'
  const asked = await server.request('POST', `/factors/${id}/challenge`, { token: access_token, address, body: {} })
  const verified = await server.request('POST', `/factors/${id}/verify`, {
    token: access_token,
    address,
    body: { challenge_id: asked.body.id, code: gateway.lastCode(phone) },
  })
  assert.equal(verified.status, 200, verified.text)
  gateway.messages.length = 0
  const { visitor, page } = await signIn(user.email)
  assert.match(page.text, new RegExp(`ending in ${phone.slice(-2)}`))
  assert.doesNotMatch(page.text, new RegExp(phone))
  assert.equal(gateway.messages.length, 0)
  const next = await visitor.send('/pages/second-factor/challenge')
  assert.match(next.text, /We have sent a code/)
  const done = await visitor.send('/pages/second-factor?', { code: gateway.lastCode(phone) })
  assert.match(done.path, /^\/pages\/account/)
})

test('whoever has shown everything is not asked again', async () => {
  const { user } = await server.user({ password })
  const { visitor } = await signIn(user.email)
  assert.match((await visitor.open('/pages/second-factor')).path, /^\/pages\/account/)
})
