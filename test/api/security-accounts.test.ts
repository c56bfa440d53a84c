// Cases of the security rules about codes, passwords, known and unknown addresses, and taking over accounts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cpuTime } from '../support/cpu-time.ts'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
const code = new URL('../fixtures/code.html', import.meta.url).href
const kinds = ['CONFIRMATION', 'RECOVERY', 'MAGIC_LINK', 'EMAIL_CHANGE', 'REAUTHENTICATION']
const env = Object.fromEntries(kinds.map((kind) => [`GOTRUE_MAILER_TEMPLATES_${kind}`, code]))
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({ env })
})
after(() => server.close())

const address = (name: string) => `${name}${++people}@example.com`
const codeOf = (html: string) => /Code: (\d{6})/.exec(html)?.[1] ?? ''
const wrong = (token: string) => (token[0] === '9' ? '0' : '9') + token.slice(1)
const signIn = (email: string, given = password) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })
const follow = (link: string, on = server) => {
  const { pathname, search } = new URL(link)
  return on.request('GET', pathname + search)
}
const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }) => `${status} ${body.error_code}`

test('OTT-07 a wrong verifier leaves the PKCE flow for the right one', async () => {
  const { user } = await server.user({ email: address('ott07') })
  const { createHash, randomBytes } = await import('node:crypto')
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  await server.request('POST', '/otp', { body: { email: user.email, code_challenge, code_challenge_method: 's256' } })
  const { location } = await follow(linkOf(await server.nextMail(user.email)))
  const auth_code = new URL(location ?? '').searchParams.get('code')
  const exchange = (verifier: string) =>
    server.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier: verifier } })
  assert.equal(refusal(await exchange('x'.repeat(43))), '400 bad_code_verifier')
  assert.equal((await exchange(code_verifier)).status, 200)
})

test('OTT-09 challenges of a wrong form are refused, and nothing is made or sent', async () => {
  const email = address('ott09')
  const forms = [
    { code_challenge: 'a'.repeat(42), code_challenge_method: 's256' },
    { code_challenge: 'a'.repeat(129), code_challenge_method: 's256' },
    { code_challenge: `${'a'.repeat(43)}!`, code_challenge_method: 's256' },
    { code_challenge: 'a'.repeat(43) },
    { code_challenge: 'a'.repeat(43), code_challenge_method: 'S512' },
  ]
  for (const path of ['/signup', '/otp', '/recover'])
    for (const form of forms)
      assert.equal(
        refusal(await server.request('POST', path, { body: { email, password, ...form } })),
        '400 validation_failed',
        path,
      )
  assert.deepEqual(await server.sql('select 1 from auth.users where email = $1', [email]), [])
  await server.auth.idle()
  assert.deepEqual(
    server.mail.mails.filter((mail) => mail.to.includes(email)),
    [],
  )
})

test('OTT-11 a token works until its last second and not after', async () => {
  const short = await startTestServer({ env: { ...env, GOTRUE_MAILER_OTP_EXP: '60' } })
  try {
    for (const [age, status] of [
      [58, 200],
      [61, 403],
    ] as const) {
      const { user } = await short.user({ email: address('ott11') })
      await short.request('POST', '/recover', { body: { email: user.email } })
      const token = codeOf((await short.nextMail(user.email)).html)
      await short.sql(`update auth.users set recovery_sent_at = now() - interval '${age} seconds' where id = $1`, [
        user.id,
      ])
      const response = await short.request('POST', '/verify', { body: { type: 'recovery', email: user.email, token } })
      assert.equal(response.status, status, `${age} s`)
    }
  } finally {
    await short.close()
  }
})

test('OTT-12 a second recovery ends the first', async () => {
  const { user } = await server.user({ email: address('ott12') })
  const tokens: string[] = []
  for (let i = 0; i < 2; i++) {
    await server.request('POST', '/recover', { body: { email: user.email } })
    tokens.push(codeOf((await server.nextMail(user.email)).html))
  }
  const rows = await server.sql('select token_type from auth.one_time_tokens where user_id = $1', [user.id])
  assert.equal(rows.length, 1)
  const verify = (token = '') =>
    server.request('POST', '/verify', { body: { type: 'recovery', email: user.email, token } })
  assert.equal(refusal(await verify(tokens[0])), '403 otp_expired')
  assert.equal((await verify(tokens[1])).status, 200)
})

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

test('PWD-02 passwords over 72 bytes are refused where they are set', async () => {
  const session = await server.user({ email: address('pwd02') })
  for (const long of ['a'.repeat(73), '€'.repeat(25)]) {
    assert.equal(
      refusal(await server.request('POST', '/signup', { body: { email: address('pwd02'), password: long } })),
      '400 validation_failed',
    )
    const changed = await server.request('PUT', '/user', { token: session.access_token, body: { password: long } })
    assert.equal(refusal(changed), '400 validation_failed')
  }
})

test('PWD-05 hashes that cost minutes are refused when they are imported', async () => {
  const hashes = [
    '$2a$31$W07sXk7wZUDsW0Sra0Dqb..54sgN2cqX.0kKLyiEYbyHvBdlQ4Dc.',
    '$argon2id$v=19$m=1048576,t=1000,p=1$Y29uZm9ybWFuY2Utc2FsdA$R4bb37dPfamYpVun4+TS1jTTTkC+F8c8BdnHxbv+E2U',
    '$fbscrypt$v=1,n=31,r=8,p=1,ss=Bw==,sk=b2k=$Y29uZm9ybWFuY2U=$b2k=',
  ]
  for (const password_hash of hashes) {
    const { process_ms } = await cpuTime(async () => {
      const response = await server.request('POST', '/admin/users', {
        as: 'service_role',
        body: { email: address('pwd05'), password_hash },
      })
      assert.equal(refusal(response), '400 validation_failed', response.text)
    })
    assert.ok(process_ms < 2000, `${process_ms} ms`)
  }
})

test('PWD-08 a new password needs the current one where that is configured, and guesses are counted', async () => {
  const strict = await startTestServer({
    env: { ...env, GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD: 'true' },
  })
  try {
    const session = await strict.user({ email: address('pwd08') })
    const change = (current_password?: string) =>
      strict.request('PUT', '/user', {
        token: session.access_token,
        body: { password: `new ${password}`, current_password },
      })
    assert.equal(refusal(await change()), '400 current_password_required')
    assert.equal(refusal(await change('wrong')), '400 current_password_invalid')
    const all = await Promise.all(Array.from({ length: 35 }, () => change('wrong')))
    assert.ok(all.some((response) => refusal(response) === '429 over_request_rate_limit'))
  } finally {
    await strict.close()
  }
})

test('PWD-09 the same, an empty and a short password are refused with reasons', async () => {
  const session = await server.user({ email: address('pwd09') })
  const change = (given: string) =>
    server.request('PUT', '/user', { token: session.access_token, body: { password: given } })
  assert.equal(refusal(await change(password)), '422 same_password')
  for (const weak of ['', '12345']) {
    const response = await change(weak)
    assert.equal(refusal(response), '422 weak_password')
    assert.deepEqual(response.body.weak_password, { reasons: ['length'] })
  }
})

test('PWD-10 an account is guessed at a hundred times an hour from however many addresses, and its owner gets in after', async () => {
  const { user } = await server.user({ email: address('pwd10') })
  const answers = []
  for (let i = 0; i < 102; i++) answers.push(await signIn(user.email, `wrong ${i}`))
  const refused = answers.filter(({ status }) => status === 429)
  assert.ok(refused.length >= 1)
  assert.ok(Number(refused[0]?.headers.get('retry-after')) > 0)
  await server.sql("update postern.attempts set window_start = now() - interval '61 minutes'")
  assert.equal((await signIn(user.email)).status, 200)
})

test('PWD-12 while the list of breached passwords is out of reach, sign-up fails closed or open as configured', async () => {
  const unreachable = async () => {
    throw new TypeError('fetch failed')
  }
  for (const [closed, status] of [
    ['true', 503],
    ['false', 200],
  ] as const) {
    const checked = await startTestServer({
      env: { GOTRUE_PASSWORD_HIBP_ENABLED: 'true', GOTRUE_PASSWORD_HIBP_FAIL_CLOSED: closed },
      fetch: unreachable,
    })
    try {
      const email = address('pwd12')
      const response = await checked.request('POST', '/signup', { body: { email, password } })
      assert.equal(response.status, status, response.text)
      assert.equal(response.headers.has('retry-after'), status === 503)
      assert.equal(
        (await checked.sql('select 1 from auth.users where email = $1', [email])).length,
        status === 200 ? 1 : 0,
      )
    } finally {
      await checked.close()
    }
  }
})

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
    const ask = (email: string) => slow.request('POST', '/recover', { body: { email } })
    const unknown = address('enu08')
    for (const [email, other] of [[user.email, unknown]] as const) {
      const first = [await ask(email), await ask(other)]
      assert.deepEqual(
        first.map(({ status, text }) => `${status} ${text}`),
        ['200 {}', '200 {}'],
      )
      const second = [await ask(email), await ask(other)]
      assert.deepEqual(second.map(refusal), ['429 over_email_send_rate_limit', '429 over_email_send_rate_limit'])
      const seconds = second.map(({ body }) => Number(/after (\d+) seconds/.exec(String(body.msg))?.[1]))
      assert.ok(Math.abs((seconds[0] ?? 0) - (seconds[1] ?? 99)) <= 1, String(seconds))
    }
    const resend = await slow.request('POST', '/resend', { body: { type: 'signup', email: address('enu07') } })
    assert.equal(`${resend.status} ${resend.text}`, '200 {}')
  } finally {
    await slow.close()
  }
})

test('ACC-03 and ACC-04 a change of address needs both sides, in either order, each once', async () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const session = await server.user({ email: address('acc03') })
    const email = address('acc03new')
    await server.request('PUT', '/user', { token: session.access_token, body: { email } })
    const hashes = [await server.nextMail(email), await server.nextMail(session.user.email)].map((mail) =>
      new URL(linkOf(mail)).searchParams.get('token'),
    )
    const use = (i = 0) => server.request('POST', '/verify', { body: { type: 'email_change', token_hash: hashes[i] } })
    const half = await use(order[0])
    assert.deepEqual([half.status, half.body.code], [200, '200'])
    assert.equal(refusal(await use(order[0])), '403 otp_expired')
    assert.equal((await server.sql('select 1 from auth.users where email = $1', [email])).length, 0)
    const whole = await use(order[1])
    assert.equal(whole.status, 200)
    assert.equal(Object(whole.body.user).email, email)
    assert.deepEqual(await server.sql('select 1 from auth.one_time_tokens where user_id = $1', [session.user.id]), [])
    assert.deepEqual(await server.sql('select email from auth.identities where user_id = $1', [session.user.id]), [
      { email },
    ])
  }
})

test('ACC-05 an address that somebody else took meanwhile is not given twice', async () => {
  const session = await server.user({ email: address('acc05') })
  const email = address('acc05new')
  await server.request('PUT', '/user', { token: session.access_token, body: { email } })
  const hashes = [await server.nextMail(email), await server.nextMail(session.user.email)].map((mail) =>
    new URL(linkOf(mail)).searchParams.get('token'),
  )
  await server.user({ email })
  const use = (i: number) =>
    server.request('POST', '/verify', { body: { type: 'email_change', token_hash: hashes[i] } })
  await use(0)
  assert.equal(refusal(await use(1)), '422 email_exists')
  assert.deepEqual(await server.sql('select email from auth.users where id = $1', [session.user.id]), [
    { email: session.user.email },
  ])
})

test('ACC-09 a password set before the address was proved is dead once its owner recovers the account', async () => {
  const email = address('acc09')
  await server.request('POST', '/signup', { body: { email, password: 'of the attacker' } })
  await server.nextMail(email)
  await server.request('POST', '/recover', { body: { email } })
  const token = codeOf((await server.nextMail(email)).html)
  assert.equal((await server.request('POST', '/verify', { body: { type: 'recovery', email, token } })).status, 200)
  assert.equal(refusal(await signIn(email, 'of the attacker')), '400 invalid_credentials')
})

test('ACC-10 the password is the one of the mail that was followed, whoever signed up first', async () => {
  for (const [first, second] of [
    ['of the attacker', 'of the owner'],
    ['of the owner', 'of the attacker'],
  ] as const) {
    const email = address('acc10')
    await server.request('POST', '/signup', { body: { email, password: first, data: { by: first } } })
    const earlier = await server.nextMail(email)
    await server.request('POST', '/signup', { body: { email, password: second, data: { by: second } } })
    const later = await server.nextMail(email)
    assert.match((await follow(linkOf(earlier))).location ?? '', /otp_expired/)
    assert.match((await follow(linkOf(later))).location ?? '', /access_token=/)
    assert.equal(refusal(await signIn(email, first)), '400 invalid_credentials')
    const session = await signIn(email, second)
    assert.equal(session.status, 200)
    assert.equal(Object(Object(session.body.user).user_metadata).by, second)
  }
})

test('ACC-12 HEAD does not use a link up', async () => {
  const { user } = await server.user({ email: address('acc12') })
  await server.request('POST', '/recover', { body: { email: user.email } })
  const link = linkOf(await server.nextMail(user.email))
  const { pathname, search } = new URL(link)
  assert.equal((await server.request('HEAD', pathname + search)).status, 405)
  assert.match((await follow(link)).location ?? '', /access_token=/)
})

test('ACC-15 a softly deleted account cannot be signed in to, and its address is free and unrecognisable', async () => {
  const { user } = await server.user({ email: address('acc15') })
  await server.request('DELETE', `/admin/users/${user.id}`, { as: 'service_role', body: { should_soft_delete: true } })
  assert.equal(refusal(await signIn(user.email)), '400 invalid_credentials')
  const [row] = await server.sql<{ email: string }>('select email from auth.users where id = $1', [user.id])
  assert.doesNotMatch(row?.email ?? '', /acc15/)
  assert.equal((await server.request('POST', '/signup', { body: { email: user.email, password } })).status, 200)
})
