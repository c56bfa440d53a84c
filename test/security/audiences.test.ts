// REV-07: nobody has an account made for an audience of their choice.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { refusal } from '../support/cases.ts'
import { enabled, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let mock: MockProviders
let server: TestServer
let people = 0

before(async () => {
  mock = await startMockProviders()
  mock.publish('https://accounts.google.com')
  server = await startTestServer({
    fetch: mock.fetch,
    env: {
      ...enabled(['google']),
      POSTERN_AUDIENCES: 'partners',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_TEST_OTP: '15550001111:123456',
      GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
    },
  })
})
after(async () => {
  await server.close()
  await mock.stop()
})

const address = () => `rev07-${++people}@example.com`
const count = async () => (await server.sql<{ n: number }>('select count(*)::int as n from auth.users'))[0]?.n

for (const path of ['/signup', '/otp', '/magiclink'])
  test(`REV-07 ${path} makes nothing for a stranger's audience, and says the same of known and unknown addresses`, async () => {
    const { user: known } = await server.user()
    for (const audience of ['admin', 'x'.repeat(300)]) {
      const before = await count()
      const answers = []
      for (const email of [known.email, address()])
        answers.push(
          await server.request('POST', path, {
            body: { email, ...(path === '/signup' && { password }) },
            headers: { 'x-jwt-aud': audience },
          }),
        )
      for (const answer of answers) {
        assert.equal(refusal(answer), '400 validation_failed')
        assert.match(String(answer.body.msg), /X-JWT-AUD/)
      }
      assert.equal(answers[0]?.text, answers[1]?.text)
      assert.equal(await count(), before)
    }
    await server.auth.idle()
    assert.deepEqual(
      server.mail.mails.filter(({ to }) => to.includes(known.email)),
      [],
    )
  })

test('REV-07 its neighbours: anonymous people, numbers and ID tokens', async () => {
  const before = await count()
  const headers = { 'x-jwt-aud': 'admin' }
  for (const body of [{}, { phone: '15550001111', password }])
    assert.equal(refusal(await server.request('POST', '/signup', { body, headers })), '400 validation_failed')
  const sent = await server.request('POST', '/otp', { body: { phone: '15550001111' }, headers })
  assert.equal(refusal(sent), '400 validation_failed')
  const email = address()
  const claims = { iss: 'https://accounts.google.com', aud: 'google-client', sub: email, email, email_verified: true }
  const body = { provider: 'google', id_token: await mock.sign(claims) }
  const token = await server.request('POST', '/token?grant_type=id_token', { body, headers })
  assert.equal(token.status, 400)
  assert.equal(await count(), before)
})

test('REV-07 the audiences of the configuration work', async () => {
  for (const audience of ['authenticated', 'partners']) {
    const email = address()
    const made = await server.request('POST', '/signup', {
      body: { email, password },
      headers: { 'x-jwt-aud': audience },
    })
    assert.equal(made.status, 200)
    assert.equal(made.body.aud, audience)
  }
})
