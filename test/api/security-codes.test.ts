// Cases of the security rules about what codes and links are worth, and who learns what by asking for them.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import { linkOf, type MailSink } from '../support/mail-sink.ts'
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
const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }) => `${status} ${body.error_code}`
const mailsTo = (mail: MailSink, email: string) => mail.mails.filter(({ to }) => to.includes(email)).length

test('OTT-08 a PKCE flow that is over gives no session', async () => {
  const { user } = await server.user({ email: address('ott08') })
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  await server.request('POST', '/recover', {
    body: { email: user.email, code_challenge, code_challenge_method: 's256' },
  })
  const { pathname, search } = new URL(linkOf(await server.nextMail(user.email)))
  const { location } = await server.request('GET', pathname + search)
  const auth_code = new URL(location ?? '').searchParams.get('code')
  const sessions = () => server.sql('select id from auth.sessions where user_id = $1', [user.id])
  const before = await sessions()
  await server.sql(`update auth.flow_state set created_at = created_at - interval '301 seconds' where user_id = $1`, [
    user.id,
  ])
  const exchanged = await server.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } })
  assert.equal(refusal(exchanged), '422 flow_state_expired')
  assert.deepEqual(await sessions(), before)
})

test('OTT-14 what is stored of a code is its hash, and the outbox keeps the mail sealed and forgets it when sent', async () => {
  const { user } = await server.user({ email: address('ott14') })
  await server.request('POST', '/recover', { body: { email: user.email } })
  const token = codeOf((await server.nextMail(user.email)).html)
  assert.match(token, /^\d{6}$/)
  const [stored] = await server.sql<{ token_hash: string }>(
    'select token_hash from auth.one_time_tokens where user_id = $1',
    [user.id],
  )
  // The form of the hash is the contract of the schema: a residual risk for who can read the table (docs/differences.md).
  assert.equal(stored?.token_hash, createHash('sha224').update(user.email).update(token).digest('hex'))
  await server.auth.idle()
  assert.deepEqual(await server.sql('select id from postern.outbox where user_id = $1', [user.id]), [])
})

test('OTP-04 hashes that are computed from all codes can be tried thirty times in five minutes by one client', async () => {
  const { user } = await server.user({ email: address('otp04') })
  await server.request('POST', '/otp', { body: { email: user.email } })
  const token = codeOf((await server.nextMail(user.email)).html)
  const hashOf = (guess: number) =>
    createHash('sha224').update(user.email).update(String(guess).padStart(6, '0')).digest('hex')
  const guesses = Array.from({ length: 40 }, (_, i) => (Number(token) + 1 + i) % 1_000_000)
  const answers: string[] = []
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
  assert.ok(
    answers.slice(30).every((answer) => answer.startsWith('429')),
    answers.slice(30).join(),
  )
  assert.equal((await server.sql('select 1 from auth.one_time_tokens where user_id = $1', [user.id])).length, 1)
})

test('OTP-05 a second message within GOTRUE_SMS_MAX_FREQUENCY is refused, and none is sent', async () => {
  let sent = 0
  const gateway: Server = createServer((_, response) => {
    sent++
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  const { port } = gateway.address() as { port: number }
  const phones = await startTestServer({
    env: {
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_PROVIDER: 'http',
      POSTERN_SMS_HTTP_URL: `http://127.0.0.1:${port}/`,
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
    assert.equal(sent, 1)
  } finally {
    await phones.close()
    gateway.close()
  }
})

test('PWD-07 an old session changes its password with the nonce of a mail only, once however often at once', async () => {
  const careful = await startTestServer({
    env: { ...env, GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION: 'true' },
  })
  try {
    const { user, access_token: token } = await careful.user({ email: address('pwd07') })
    await careful.sql(`update auth.sessions set created_at = now() - interval '25 hours' where user_id = $1`, [user.id])
    const change = (to: string, nonce?: string) =>
      careful.request('PUT', '/user', { token, body: { password: to, ...(nonce !== undefined && { nonce }) } })
    const hash = async () =>
      (await careful.sql('select encrypted_password from auth.users where id = $1', [user.id]))[0]?.encrypted_password
    const before = await hash()
    assert.equal(refusal(await change('another horse 0')), '400 reauthentication_needed')
    await careful.request('GET', '/reauthenticate', { token })
    const nonce = codeOf((await careful.nextMail(user.email)).html)
    const wrong = (nonce[0] === '9' ? '0' : '9') + nonce.slice(1)
    assert.equal(refusal(await change('another horse 0', wrong)), '422 reauthentication_not_valid')
    assert.equal(await hash(), before)
    const answers = await Promise.all([1, 2, 3, 4, 5].map((i) => change(`another horse ${i}`, nonce)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422, 422, 422, 422])
    const winner = answers.findIndex(({ status }) => status === 200) + 1
    const body = { email: user.email, password: `another horse ${winner}` }
    assert.equal((await careful.request('POST', '/token?grant_type=password', { body })).status, 200)
    let refused = ''
    for (let i = 0; i < 11; i++) refused = refusal(await change('another horse 9', wrong))
    assert.equal(refused, '429 over_request_rate_limit', 'nonces are guessed within a budget')
  } finally {
    await careful.close()
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

test('ACC-14 an anonymous person takes no address of another, and no password without an address', async () => {
  const anonymous = await startTestServer({ env: { GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' } })
  try {
    const { user: owner } = await anonymous.user({ email: address('acc14') })
    const { body } = await anonymous.request('POST', '/signup', { body: {} })
    const token = String(body.access_token)
    const put = (change: object) => anonymous.request('PUT', '/user', { token, body: change })
    assert.equal(refusal(await put({ email: owner.email })), '422 email_exists')
    assert.equal(refusal(await put({ password })), '422 validation_failed')
    const [row] = await anonymous.sql(
      'select email, email_change, encrypted_password, is_anonymous from auth.users where id = $1',
      [String(Object(body.user).id)],
    )
    assert.deepEqual(row, { email: null, email_change: '', encrypted_password: '', is_anonymous: true })
  } finally {
    await anonymous.close()
  }
})

test('ACC-16 of two people who change to one number, the code of the one does not help the other', async () => {
  const messages: { phone: string; text: string }[] = []
  const gateway: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    messages.push(JSON.parse(body))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  const { port } = gateway.address() as { port: number }
  const phones = await startTestServer({
    env: {
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_PROVIDER: 'http',
      POSTERN_SMS_HTTP_URL: `http://127.0.0.1:${port}/`,
      GOTRUE_SMS_MAX_FREQUENCY: '1ns',
      GOTRUE_RATE_LIMIT_SMS_SENT: '1000',
    },
  })
  try {
    const phone = '15550004444'
    const [a, b] = [await phones.user({ email: address('acc16a') }), await phones.user({ email: address('acc16b') })]
    for (const { access_token: token } of [a, b])
      assert.equal((await phones.request('PUT', '/user', { token, body: { phone } })).status, 200)
    const codes = messages.map(({ text }) => /\d{6}/.exec(text)?.[0] ?? '')
    assert.equal(codes.length, 2)
    const verified = await phones.request('POST', '/verify', { body: { type: 'phone_change', phone, token: codes[1] } })
    assert.equal(verified.status, 200)
    assert.equal(Object(verified.body.user).id, b.user.id)
    assert.deepEqual(await phones.sql('select id from auth.users where phone = $1', [phone]), [{ id: b.user.id }])
    const late = await phones.request('POST', '/verify', { body: { type: 'phone_change', phone, token: codes[0] } })
    assert.ok(late.status >= 400 && late.status < 500)
    assert.deepEqual(await phones.sql('select id from auth.users where phone = $1', [phone]), [{ id: b.user.id }])
  } finally {
    await phones.close()
    gateway.close()
  }
})

test('INP-04 deep nesting is refused before it is parsed, and what is less deep is read', async () => {
  const nested = (depth: number) =>
    `{"email":"${address('inp04')}","password":"${password}","data":${'['.repeat(depth)}${']'.repeat(depth)}}`
  for (const depth of [9000, 11_000, 400_000])
    assert.equal(refusal(await server.request('POST', '/signup', { raw: nested(depth) })), '400 bad_json')
  const inside = `{"email":"${address('inp04')}","password":"${password}","data":{"a":${'['.repeat(400)}${']'.repeat(400)}}}`
  assert.equal((await server.request('POST', '/signup', { raw: inside })).status, 200)
})

test('INP-05 the last of equal names wins, in any case, and what is no object is refused', async () => {
  const email = address('inp05')
  const raw = `{"email":"${address('other')}","EMAIL":"${email}","password":"${password}"}`
  const made = await server.request('POST', '/signup', { raw })
  assert.deepEqual([made.status, made.body.email], [200, email])
  assert.equal(
    refusal(await server.request('POST', '/recover', { raw: 'null' })),
    '400 validation_failed',
    'null is {}',
  )
  for (const bad of ['[]', '{"email":1}', '{"email":"a@example.com"} x', '"text"', '7', ''])
    assert.equal(refusal(await server.request('POST', '/recover', { raw: bad })), '400 bad_json', bad)
})
