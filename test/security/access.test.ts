// The route table swept with every kind of token: who may call what is decided by the token alone.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Guard } from '../../src/http/guards.ts'
import { routes } from '../../src/http/routes.ts'
import { webauthnEnv } from '../support/passkeys.ts'
import { samlEnv } from '../support/saml-provider.ts'
import { jwtSecret, mint, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let admin: SignedIn
let banned: SignedIn
/** Kind of token → its text; undefined sends none. */
let tokens: Record<string, string | undefined>

const unsigned = (header: object, claims: object): string =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')

before(async () => {
  const oauth = { GOTRUE_OAUTH_SERVER_ENABLED: 'true', POSTERN_OAUTH_FEATURES: 'all' }
  server = await startTestServer({ env: { ...webauthnEnv, ...samlEnv, ...oauth } })
  const person = await server.user()
  banned = await server.user()
  await server.request('PUT', `/admin/users/${banned.user.id}`, {
    as: 'service_role',
    body: { ban_duration: '1h' },
  })
  admin = await server.user({ role: 'service_role' })
  const claims = { role: 'service_role', exp: Math.floor(Date.now() / 1000) + 3600 }
  const otherAlgorithm = unsigned({ alg: 'HS512', typ: 'JWT' }, claims)
  const withoutSignature = unsigned({ alg: 'none', typ: 'JWT' }, claims)
  const underAnotherAlgorithm = unsigned({ alg: 'RS256', typ: 'JWT' }, claims)
  const idToken = {
    iss: 'http://auth.example.test',
    sub: person.user.id,
    aud: '11111111-1111-4111-8111-111111111111',
    nonce: 'n',
    email: person.user.email,
  }
  tokens = {
    'no token': undefined,
    'the anonymous key': mint({ role: 'anon' }),
    'a person': person.access_token,
    'a banned person': banned.access_token,
    'an expired administrator': mint({ role: 'service_role', exp: 1 }),
    'an administrator of tomorrow': mint({ role: 'service_role', nbf: Math.floor(Date.now() / 1000) + 3600 }),
    'another algorithm': `${otherAlgorithm}.${createHmac('sha512', jwtSecret).update(otherAlgorithm).digest('base64url')}`,
    'no algorithm': `${withoutSignature}.`,
    'the secret as an RSA key': `${underAnotherAlgorithm}.${createHmac('sha256', jwtSecret).update(underAnotherAlgorithm).digest('base64url')}`,
    'another secret': `${unsigned({ alg: 'HS256', typ: 'JWT' }, claims)}.${'A'.repeat(43)}`,
    // JWT-14.
    'an ID token': mint(idToken),
    'an ID token by type': mint({ role: 'service_role', nonce: 'n' }).replace(
      /^[^.]+/,
      Buffer.from('{"alg":"HS256","typ":"id_token+jwt"}').toString('base64url'),
    ),
    nonsense: 'nonsense',
  }
})
after(() => server.close())

const addressOf = (path: string): string => path.replaceAll(/:\w+/g, '11111111-1111-4111-8111-111111111111')

/** What is sent along, where the method takes a body. */
const bodyOf = (method: string): { body?: object } => (['GET', 'HEAD'].includes(method) ? {} : { body: {} })

const forAdministrators = (guard: Guard): boolean =>
  ['admin', 'account', 'account_factor', 'oauth_client', 'sso_provider'].includes(guard)
const forPeople = (guard: Guard): boolean => ['user', 'factors', 'factor'].includes(guard)

for (const { method, path, guard } of routes.filter(({ guard }) => forAdministrators(guard) || forPeople(guard)))
  test(`${method} ${path} opens for ${forAdministrators(guard) ? 'administrators' : 'people'} only`, async () => {
    for (const [kind, token] of Object.entries(tokens)) {
      // A signed-in person may call what is for people.
      if (forPeople(guard) && kind === 'a person') continue
      const options = { ...(token !== undefined && { token }), ...bodyOf(method) }
      const { status, text } = await server.request(method, addressOf(path), options)
      const expected = kind === 'no token' ? [401] : [403]
      assert.ok(expected.includes(status), `${kind}: ${status} ${text}`)
    }
  })

test('a service key opens every route for administrators', async () => {
  for (const { method, path, guard } of routes) {
    if (!forAdministrators(guard)) continue
    const { status, body } = await server.request(method, addressOf(path), {
      as: 'service_role',
      ...bodyOf(method),
    })
    assert.ok(status !== 401 && status !== 403, `${method} ${path}: ${status} ${JSON.stringify(body)}`)
    assert.ok(status < 500, `${method} ${path}: ${status}`)
  }
})

test('routes for people refuse a service key, which is nobody', async () => {
  for (const { method, path, guard } of routes) {
    if (!forPeople(guard)) continue
    const options = { as: 'service_role' as const, ...bodyOf(method) }
    const { status, body } = await server.request(method, addressOf(path), options)
    assert.equal(status, 403, `${method} ${path}`)
    assert.equal(body.error_code, 'bad_jwt')
  }
})

test('unknown paths and wrong methods below /admin tell nothing to people', async () => {
  for (const [method, path] of [
    ['GET', '/admin/anything'],
    ['PATCH', '/admin/users'],
    ['POST', '/admin/audit'],
    ['PATCH', `/admin/users/${admin.user.id}`],
  ] as const) {
    const { status, body } = await server.request(method, path, { as: 'anon' })
    assert.equal(status, 403, `${method} ${path}`)
    assert.equal(body.error_code, 'not_admin')
  }
})

test('ADM-02: an administrator who is a person may act until banned or signed out', async () => {
  const path = `/admin/users/${banned.user.id}`
  const call = () => server.request('GET', path, { token: admin.access_token })
  assert.equal((await call()).status, 200)
  const ban = (ban_duration: string) =>
    server.request('PUT', `/admin/users/${admin.user.id}`, { as: 'service_role', body: { ban_duration } })
  await ban('1h')
  assert.equal((await call()).body.error_code, 'user_banned')
  await ban('none')
  assert.equal((await call()).status, 200)
  await server.request('POST', '/logout', { token: admin.access_token })
  const { status, body } = await call()
  assert.equal(status, 403)
  assert.equal(body.error_code, 'session_not_found')
})

test('ADM-02: a session that outlived its time box opens nothing', async (t) => {
  const short = await startTestServer({ database: server.database, env: { GOTRUE_SESSIONS_TIMEBOX: '1h' } })
  t.after(() => short.close())
  const { access_token, user } = await short.user({ role: 'service_role', email: 'timebox@example.com' })
  await server.sql(`update auth.sessions set created_at = now() - interval '2 hours' where user_id = $1`, [user.id])
  const { status, body } = await short.request('GET', `/admin/users/${user.id}`, { token: access_token })
  assert.equal(status, 403)
  assert.equal(body.error_code, 'session_expired')
})

test('public routes take no notice of a token, whatever it is', async () => {
  for (const { method, path, guard, grant } of routes) {
    // Tokens are asked about by clients, or by administrators with a token.
    if (guard !== 'public' || path === '/oauth/introspect') continue
    const address = addressOf(path) + (grant === undefined ? '' : `?grant_type=${grant}`)
    const plain = await server.request(method, address, bodyOf(method))
    for (const [kind, token] of Object.entries(tokens)) {
      const { status } = await server.request(method, address, {
        ...bodyOf(method),
        ...(token !== undefined && { token }),
      })
      assert.equal(status, plain.status, `${method} ${address} with ${kind}`)
    }
  }
})
