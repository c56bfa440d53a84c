// Cases of the security rules about codes: how often they can be guessed, and how many are sent.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { codeOf, codeTemplates, refusal, wrong } from '../support/cases.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { startSmsGateway } from '../support/sms-gateway.ts'

const password = 'correct horse battery staple'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({ env: codeTemplates })
})
after(() => server.close())

const address = (name: string) => `${name}${++people}@example.com`

test('OTP-03 codes of one address can be guessed a hundred times an hour, however many are asked for', async () => {
  const { user } = await server.user({ email: address('otp03') })
  let refusedAt = 0
  for (let round = 0; round < 20 && refusedAt === 0; round++) {
    await server.request('POST', '/otp', { body: { email: user.email } })
    const token = wrong(codeOf((await server.nextMail(user.email)).html))
    for (let i = 0; i < 9 && refusedAt === 0; i++) {
      const response = await server.request('POST', '/verify', { body: { type: 'email', email: user.email, token } })
      if (response.status !== 429) continue
      assert.equal(response.body.error_code, 'over_request_rate_limit')
      assert.ok(Number(response.headers.get('retry-after')) > 0)
      refusedAt = round * 9 + i
    }
  }
  assert.ok(refusedAt > 0 && refusedAt <= 100, String(refusedAt))
})

test('OTP-07 fixed codes of testers work for their number only, and only until their day', async () => {
  const until = (offset_s: number) => new Date(Date.now() + offset_s * 1000).toISOString()
  for (const [offset_s, status] of [
    [3600, 200],
    [-3600, 403],
  ] as const) {
    const tester = await startTestServer({
      env: {
        GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
        GOTRUE_SMS_TEST_OTP: '15550001111:123456',
        GOTRUE_SMS_TEST_OTP_VALID_UNTIL: until(offset_s),
      },
    })
    try {
      assert.ok(tester.log.some(({ level, message }) => level === 'warn' && /TEST_OTP/.test(String(message))))
      const phone = '15550001111'
      await tester.request('POST', '/otp', { body: { phone } })
      await tester.request('POST', '/admin/users', { as: 'service_role', body: { phone: '15550002222', password } })
      const verify = (number: string) =>
        tester.request('POST', '/verify', { body: { type: 'sms', phone: number, token: '123456' } })
      assert.equal((await verify('15550002222')).status, 403)
      assert.equal((await verify(phone)).status, status)
    } finally {
      await tester.close()
    }
  }
})

test('OTP-04 hashes that are computed from all codes can be tried thirty times in five minutes by one client', async () => {
  const { user } = await server.user({ email: address('otp04') })
  await server.request('POST', '/otp', { body: { email: user.email } })
  const token = codeOf((await server.nextMail(user.email)).html)
  const hashOf = (guess: number) =>
    createHash('sha224').update(user.email).update(String(guess).padStart(6, '0')).digest('hex')
  const guesses = Array.from({ length: 40 }, (_, i) => (Number(token) + 1 + i) % 1_000_000)
  const answers: string[] = []
  const began = performance.now()
  for (const [i, guess] of guesses.entries()) {
    const token_hash = hashOf(guess)
    const how = { address: '198.51.100.4' }
    answers.push(
      i % 2
        ? refusal(await server.request('POST', '/verify', { body: { type: 'email', token_hash }, ...how }))
        : ((await server.request('GET', `/verify?type=magiclink&token=${token_hash}`, how)).location ?? '429'),
    )
  }
  assert.ok(answers.slice(0, 30).every((answer) => answer.includes('otp_expired')))
  // One comes back every ten seconds.
  const back = Math.floor((performance.now() - began) / 10_000)
  const tried = answers.slice(30).filter((answer) => !answer.startsWith('429'))
  assert.ok(tried.length <= back, answers.slice(30).join())
  assert.ok(tried.every((answer) => answer.includes('otp_expired')))
  assert.equal((await server.sql('select 1 from auth.one_time_tokens where user_id = $1', [user.id])).length, 1)
})

test('OTP-05 a second message within GOTRUE_SMS_MAX_FREQUENCY is refused, and none is sent', async () => {
  const gateway = await startSmsGateway()
  const phones = await startTestServer({
    env: {
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      ...gateway.env,
      GOTRUE_SMS_MAX_FREQUENCY: '60s',
      GOTRUE_RATE_LIMIT_SMS_SENT: '1000',
    },
  })
  try {
    const ask = () => phones.request('POST', '/otp', { body: { phone: '15550003333' } })
    assert.equal((await ask()).status, 200)
    const second = await ask()
    assert.equal(refusal(second), '429 over_sms_send_rate_limit')
    assert.ok(Number(second.headers.get('retry-after')) > 0)
    assert.equal(gateway.messages.length, 1)
  } finally {
    await phones.close()
    gateway.stop()
  }
})
