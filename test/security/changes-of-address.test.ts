// REV-10 and rule 2: a code changes the account that asked for it, and is guessed a few times by account.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf, codeTemplates, refusal, wrong } from '../support/cases.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const number = '15550001111'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({
    env: {
      ...codeTemplates,
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED: 'false',
      GOTRUE_SMS_MAX_FREQUENCY: '1ns',
      GOTRUE_SMS_TEST_OTP: `${number}:123456,15550002222:654321,15550003333:111111`,
    },
  })
})
after(() => server.close())

const address = () => `changes${++people}@example.com`
const verify = (body: object) => server.request('POST', '/verify', { body })
const phonesOf = async (...ids: string[]) => {
  const rows = await server.sql<{ id: string; phone: string | null }>('select id, phone from auth.users')
  return ids.map((id) => rows.find((row) => row.id === id)?.phone)
}
const askFor = (token: string, phone: string) => server.request('PUT', '/user', { token, body: { phone } })

test('REV-10 a code that is the same for everybody changes nothing while two accounts ask for one number', async () => {
  const [one, other] = [await server.user(), await server.user()]
  await askFor(one.access_token, number)
  await askFor(other.access_token, number)
  const code = { type: 'phone_change', phone: number, token: '123456' }
  assert.equal(refusal(await verify(code)), '403 otp_expired')
  assert.deepEqual(await phonesOf(one.user.id, other.user.id), [null, null])
  // Once only one of them asks for it, the code is about that one.
  await askFor(one.access_token, '15550002222')
  assert.equal((await verify(code)).status, 200)
  assert.deepEqual(await phonesOf(one.user.id, other.user.id), [null, number])
})

test('REV-10 a code that somebody vouches for counts only where one was asked for', async () => {
  const { user } = await server.user({ email: address(), phone: '15550002222', phone_confirm: true })
  await server.request('POST', '/recover', { body: { email: user.email } })
  const sms = { type: 'sms', phone: '15550002222', token: '654321' }
  assert.equal(refusal(await verify(sms)), '403 otp_expired')
  await server.request('POST', '/otp', { body: { phone: '15550002222' } })
  assert.equal((await verify(sms)).status, 200)
  assert.equal(refusal(await verify(sms)), '403 otp_expired', 'once')
})

test('codes of a change of address are guessed ten times each and thirty times an hour by account', async () => {
  const { access_token: token } = await server.user()
  let guessed = 0
  for (let round = 0; round < 4; round++) {
    const email = address()
    await server.request('PUT', '/user', { token, body: { email } })
    const code = codeOf((await server.nextMail(email)).html)
    // The ninth guess leaves the code itself alive, so that only the account's budget can end it.
    const guesses = round < 3 ? 9 : 5
    for (let guess = 0; guess < guesses; guess++, guessed++)
      assert.equal(refusal(await verify({ type: 'email_change', email, token: wrong(code) })), '403 otp_expired')
    if (round === 3)
      assert.equal(
        refusal(await verify({ type: 'email_change', email, token: code })),
        '403 otp_expired',
        `${guessed} guesses`,
      )
  }
})

test('the same for numbers, and other accounts are not concerned', async () => {
  const [one, other] = [await server.user(), await server.user()]
  await server.sql("delete from auth.users where phone in ('15550001111', '15550002222')")
  await askFor(one.access_token, number)
  for (let guess = 0; guess < 10; guess++)
    assert.equal(refusal(await verify({ type: 'phone_change', phone: number, token: '000000' })), '403 otp_expired')
  assert.equal(refusal(await verify({ type: 'phone_change', phone: number, token: '123456' })), '403 otp_expired')
  await askFor(other.access_token, '15550003333')
  assert.equal((await verify({ type: 'phone_change', phone: '15550003333', token: '111111' })).status, 200)
  assert.deepEqual(await phonesOf(other.user.id), ['15550003333'])
})
