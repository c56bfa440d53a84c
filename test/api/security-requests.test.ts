// Cases of the security rules about tokens, redirects, limits and input.
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { after, before, test } from 'node:test'
import { matchesGlob } from '../../src/flows/steps/answers/allowed-redirect.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { jwtSecret, mint, startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const signed = (header: object, claims: object) => {
  const text = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`
  return `${text}.${createHmac('sha256', jwtSecret).update(text).digest('base64url')}`
}
const now = () => Math.floor(Date.now() / 1000)
const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }) => `${status} ${body.error_code}`
const whoAmI = async (token: string) => refusal(await server.request('GET', '/user', { token }))

test('JWT-03 and JWT-04 odd key ids, algorithms and headers are refused, never a 5xx', async () => {
  const { user } = await server.user({ email: 'jwt03@example.com' })
  const claims = { sub: user.id, aud: 'authenticated', iat: now(), exp: now() + 600 }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
  const foreign = `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
  const none = `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`
  for (const token of [
    foreign,
    none,
    `${text}.`,
    signed({ crit: ['x'] }, claims),
    signed({ kid: ['a'] }, claims),
    signed({ kid: {} }, claims),
    signed({ kid: 5 }, claims),
  ])
    assert.equal(await whoAmI(token), '403 bad_jwt')
  for (const kid of ['../../x', "' or 1=1 --", '__proto__', 'x'.repeat(50_000)])
    assert.match(await whoAmI(signed({ kid }, claims)), /^(200 undefined|403 bad_jwt)$/)
})

test('JWT-07 times that are over, ahead or nonsense are refused', async () => {
  const { user } = await server.user({ email: 'jwt07@example.com' })
  const base = { sub: user.id, aud: 'authenticated', iat: now() }
  for (const times of [
    { exp: now() - 1 },
    { exp: now() + 600, nbf: now() + 100 },
    { exp: 1e300 },
    { exp: 'soon' },
    { exp: null },
    {},
  ])
    assert.equal(await whoAmI(signed({}, { ...base, ...times })), '403 bad_jwt', JSON.stringify(times))
  assert.equal(await whoAmI(signed({}, { ...base, exp: now() + 600, nbf: now() + 30 })), '200 undefined')
})

test('JWT-08 a token for another audience is refused', async () => {
  const { user } = await server.user({ email: 'jwt08@example.com' })
  assert.equal(await whoAmI(mint({ sub: user.id, aud: 'other' })), '403 bad_jwt')
  assert.equal(await whoAmI(mint({ sub: user.id })), '400 validation_failed')
})

test('JWT-09 a session token of another issuer is refused, an API key is not', async () => {
  const issued = await startTestServer({ env: { GOTRUE_JWT_ISSUER: 'https://auth.example' } })
  try {
    const { user, access_token } = await issued.user({ email: 'jwt09@example.com' })
    const session_id = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()).session_id
    const token = mint({ sub: user.id, aud: 'authenticated', session_id, iss: 'https://evil.example' })
    assert.equal(refusal(await issued.request('GET', '/user', { token })), '403 bad_jwt')
    assert.equal(
      (await issued.request('GET', `/admin/users/${user.id}`, { token: mint({ role: 'service_role', iss: 'dev' }) }))
        .status,
      200,
    )
  } finally {
    await issued.close()
  }
})

test('JWT-11 subjects and sessions must be of this server and of each other', async () => {
  const [one, other] = [
    await server.user({ email: 'jwt11a@example.com' }),
    await server.user({ email: 'jwt11b@example.com' }),
  ]
  const session_id = JSON.parse(Buffer.from(other.access_token.split('.')[1] ?? '', 'base64url').toString()).session_id
  const aud = 'authenticated'
  const unknown = '3f1c6a52-4a3e-4cf5-9a1b-0d2f7f6f0001'
  for (const [claims, expected] of [
    [{ sub: one.user.id, aud, session_id }, '403 session_not_found'],
    [{ sub: one.user.id, aud, session_id: unknown }, '403 session_not_found'],
    [{ sub: one.user.id, aud, session_id: 'abc' }, '403 bad_jwt'],
    [{ aud }, '403 bad_jwt'],
    [{ sub: 'abc', aud }, '400 bad_jwt'],
    [{ sub: unknown, aud }, '403 user_not_found'],
  ] as const)
    assert.equal(await whoAmI(mint(claims)), expected, JSON.stringify(claims))
})

test('RED-02 and RED-04 an address with a name, a foreign Referer and a second parameter lead to the site', async () => {
  const follow = async (query: string, headers: Record<string, string> = {}) =>
    (await server.request('GET', `/verify?type=signup&token=x${query}`, { headers })).location?.split('#')[0]
  const site = 'http://site.example'
  assert.equal(await follow(`&redirect_to=${encodeURIComponent('http://user:pw@site.example/')}`), site)
  assert.equal(await follow('', { referer: 'https://evil.example/' }), site)
  assert.equal(await follow('', { redirect_to: 'https://evil.example/' }), site)
  assert.equal(await follow('&redirect_to=https%3A%2F%2Fevil.example&redirect_to=https%3A%2F%2Fapp.example%2Fa'), site)
  for (const trick of [
    'https://app.example\\@evil.example/',
    'https://app.example%2f@evil.example',
    '//evil.example',
    'javascript:alert(1)',
    'http://2130706433/',
    'https://app.example.evil.example/x',
    'https://evil.example/?https://app.example/',
  ])
    assert.equal(await follow(`&redirect_to=${encodeURIComponent(trick)}`), site, trick)
  assert.equal(await follow('&redirect_to=https%3A%2F%2Fapp.example%2Fa%2Fb'), 'https://app.example/a/b')
})

test('RED-03 a glob that invites backtracking is matched in time', async () => {
  const { thread_ms } = await cpuTime(() =>
    assert.equal(matchesGlob('https://*a*a*a*a*a*b', `https://${'a'.repeat(8000)}`), false),
  )
  assert.ok(thread_ms < 50, `${thread_ms} ms`)
})

test('MAIL-04 a subject with text of a person is one header', async () => {
  const mailing = await startTestServer({ env: { GOTRUE_MAILER_SUBJECTS_CONFIRMATION: 'Hello {{ .Data.x }}' } })
  try {
    const nasty = ['a\r\nBcc: evil@example.com', 'x'.repeat(2000), '🎉 ü']
    for (const [i, x] of nasty.entries()) {
      const email = `mail04-${i}@example.com`
      await mailing.request('POST', '/signup', { body: { email, password, data: { x } } })
      const mail = await mailing.nextMail(email)
      assert.deepEqual(mail.to, [email])
      assert.equal(mail.raw.split(/\r?\n\r?\n/)[0]?.match(/^(subject|bcc):/gim)?.length, 1)
      assert.match(mail.subject, /^Hello /)
    }
  } finally {
    await mailing.close()
  }
})

test('INP-06 JSON that is called a form is refused', async () => {
  const raw = JSON.stringify({ email: 'inp06@example.com', password })
  const response = await server.request('POST', '/signup', {
    raw,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  assert.equal(refusal(response), '400 bad_json')
})

test('INP-13 numbers and addresses a megabyte long are refused at once', async () => {
  for (const body of [
    { phone: '1'.repeat(900_000), password },
    { email: `${'a'.repeat(900_000)}@example.com`, password },
  ]) {
    const { thread_ms } = await cpuTime(async () =>
      assert.equal((await server.request('POST', '/signup', { body })).status, 400),
    )
    assert.ok(thread_ms < 250, `${thread_ms} ms`)
  }
})

test('INP-14 metadata that no token can hold is refused where it is set, and later requests work', async () => {
  const session = await server.user({ email: 'inp14@example.com' })
  const data = { filler: 'x'.repeat(900_000) }
  const response = await server.request('PUT', '/user', { token: session.access_token, body: { data } })
  assert.equal(refusal(response), '400 validation_failed')
  assert.match(String(response.body.msg), /data/)
  const refused = await server.request('POST', '/signup', { body: { email: 'inp14b@example.com', password, data } })
  assert.equal(refusal(refused), '400 validation_failed')
  assert.equal((await server.request('GET', '/user', { token: session.access_token })).status, 200)
})

test('RTL-03 and RTL-05 without configuration one address has one bucket, IPv6 by /64, and 429 says when to come back', async () => {
  const limited = await startTestServer()
  try {
    const ask = (address: string) =>
      limited.request('POST', '/recover', { body: { email: 'rtl@example.com' }, address })
    for (const spelling of [
      () => '198.51.100.7',
      (i: number) => `2001:db8:0:1::${(i + 1).toString(16)}`,
      (i: number) => ['::ffff:192.0.2.9', '192.0.2.9', '::FFFF:c000:209'][i % 3] ?? '',
    ]) {
      const answers = []
      for (let i = 0; i < 40; i++) answers.push(await ask(spelling(i)))
      const refused = answers.filter((answer) => refusal(answer) === '429 over_request_rate_limit')
      assert.ok(refused.length >= 5, `${spelling(0)}: ${refused.length}`)
      for (const { headers } of refused) assert.ok(Number(headers.get('retry-after')) >= 1)
    }
  } finally {
    await limited.close()
  }
})
