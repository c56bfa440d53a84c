// Cases of the security rules about access tokens: which are taken for whom.
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { after, before, test } from 'node:test'
import { refusal } from '../support/cases.ts'
import { jwtSecret, mint, startTestServer, type TestServer } from '../support/server.ts'

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
