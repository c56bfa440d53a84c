// Cases of the security rules about known and unknown addresses: nobody learns which is which by asking.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeTemplates, refusal } from '../support/cases.ts'
import type { MailSink } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({ env: codeTemplates })
})
after(() => server.close())

const address = (name: string) => `${name}${++people}@example.com`

const signIn = (email: string, given = password) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })
const mailsTo = (mail: MailSink, email: string) => mail.mails.filter(({ to }) => to.includes(email)).length

test('ENU-02 and ENU-10 only the right password tells that somebody is banned or unconfirmed', async () => {
  const banned = await server.user({ email: address('enu02') })
  await server.request('PUT', `/admin/users/${banned.user.id}`, { as: 'service_role', body: { ban_duration: '1h' } })
  assert.equal(refusal(await signIn(banned.user.email, 'wrong')), '400 invalid_credentials')
  assert.equal(refusal(await signIn(banned.user.email)), '400 user_banned')
  const waiting = address('enu10')
  await server.request('POST', '/signup', { body: { email: waiting, password } })
  assert.equal(refusal(await signIn(waiting, 'wrong')), '400 invalid_credentials')
  assert.equal(refusal(await signIn(waiting)), '400 email_not_confirmed')
})

test('ENU-04 a sign-up for a known address looks like one for an unknown address', async () => {
  const { user } = await server.user({ email: address('enu04') })
  const known = await server.request('POST', '/signup', { body: { email: user.email, password } })
  const unknown = await server.request('POST', '/signup', { body: { email: address('enu04'), password } })
  assert.deepEqual([known.status, known.body.role], [unknown.status, unknown.body.role])
  assert.deepEqual(Object.keys(known.body).sort(), Object.keys(unknown.body).sort())
  assert.notEqual(known.body.id, user.id)
  assert.deepEqual(known.body.identities, [])
})

test('ENU-07 and ENU-08 recover and resend say the same of known and unknown addresses, the second time too', async () => {
  const slow = await startTestServer({ env: { GOTRUE_SMTP_MAX_FREQUENCY: '60s' } })
  try {
    const { user } = await slow.user({ email: address('enu08') })
    const ask = async (email: string) => {
      const began_ms = Date.now()
      const answer = await slow.request('POST', '/recover', { body: { email } })
      return { ...answer, began_ms, ended_ms: Date.now() }
    }
    const unknown = address('enu08')
    const first = [await ask(user.email), await ask(unknown)]
    assert.deepEqual(
      first.map(({ status, text }) => `${status} ${text}`),
      ['200 {}', '200 {}'],
    )
    const second = [await ask(user.email), await ask(unknown)]
    assert.deepEqual(second.map(refusal), ['429 over_email_send_rate_limit', '429 over_email_send_rate_limit'])
    for (const [i, { body, began_ms, ended_ms }] of second.entries()) {
      const told_s = Number(/after (\d+) seconds/.exec(String(body.msg))?.[1])
      // Each is told what is left of its own minute, in whole seconds.
      const [least, most] = [(first[i]?.began_ms ?? 0) - ended_ms, (first[i]?.ended_ms ?? 0) - began_ms]
      assert.ok(told_s > 58.99 + least / 1000 && told_s < 60.01 + most / 1000, `${told_s}: ${least} to ${most}`)
    }
    const resend = await slow.request('POST', '/resend', { body: { type: 'signup', email: address('enu07') } })
    assert.equal(`${resend.status} ${resend.text}`, '200 {}')
  } finally {
    await slow.close()
  }
})

test('ENU-06 without create_user an unknown address is told as recorded, or not at all where that is asked for', async () => {
  const ask = (on: TestServer, email: string) => on.request('POST', '/otp', { body: { email, create_user: false } })
  const unknown = address('enu06')
  assert.equal(refusal(await ask(server, unknown)), '422 otp_disabled')
  const strict = await startTestServer({
    env: { POSTERN_HIDE_UNKNOWN_ACCOUNTS: 'true', GOTRUE_SMTP_MAX_FREQUENCY: '60s' },
  })
  try {
    const { user } = await strict.user({ email: address('enu06known') })
    for (const status of [200, 429]) {
      const [known, hidden] = [await ask(strict, user.email), await ask(strict, unknown)]
      assert.deepEqual([known.status, hidden.status], [status, status])
      assert.deepEqual(Object.keys(hidden.body), Object.keys(known.body))
      assert.equal(hidden.body.error_code, known.body.error_code)
    }
    await strict.auth.idle()
    assert.equal(mailsTo(strict.mail, unknown), 0)
    assert.equal(mailsTo(strict.mail, user.email), 1)
    assert.deepEqual(await strict.sql('select 1 from auth.users where email = $1', [unknown]), [])
  } finally {
    await strict.close()
  }
})
