// Keys that sign tokens, seen from a client: `jose` checks our tokens by the published key set, through a rotation.
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type MailSink, startMailSink } from '../support/mail-sink.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

type Jwk = Record<string, unknown>
type Use = 'sign' | 'verify'

let database: TestDatabase
let mail: MailSink
before(async () => {
  database = await testDatabase()
  mail = await startMailSink()
})
after(async () => {
  await database.drop()
  await mail.stop()
})

const makers: Record<string, () => Jwk> = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  RS512: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey.export({ format: 'jwk' }),
  EdDSA: () => generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
}
const newKey = (alg: string, kid: string): Jwk => ({ ...makers[alg]?.(), alg, kid, use: 'sig' })
const sharedKey = (kid: string): Jwk => ({ kty: 'oct', alg: 'HS256', kid, k: randomBytes(32).toString('base64url') })

/** A server with keys, of which each signs or checks. */
const serverWith = (keys: [Jwk, Use][], env: Record<string, string> = {}): Promise<TestServer> =>
  startTestServer({
    database,
    mail,
    env: {
      GOTRUE_JWT_KEYS: JSON.stringify(
        keys.map(([key, use]) => ({ ...key, key_ops: use === 'sign' ? ['sign', 'verify'] : ['verify'] })),
      ),
      GOTRUE_JWT_VALID_METHODS: 'HS256,RS256,RS512,ES256,ES512,EdDSA',
      GOTRUE_JWT_ISSUER: 'http://auth.example.test',
      ...env,
    },
  })

/** The key set as a client fetches and keeps it. */
const clientOf = (server: TestServer): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL('http://auth.example.test/.well-known/jwks.json'), {
    [customFetch]: async (url: string) => {
      const { status, text } = await server.request('GET', new URL(url).pathname)
      return new Response(text, { status })
    },
  })
const check = (token: string, client: JWTVerifyGetKey) =>
  jwtVerify(token, client, { issuer: 'http://auth.example.test', audience: 'authenticated' })

for (const alg of Object.keys(makers))
  test(`${alg}: a client checks tokens before, during and after a rotation`, async () => {
    const [old, fresh] = [newKey(alg, `${alg}-old`), newKey(alg, `${alg}-new`)]
    const announced = await serverWith([
      [old, 'sign'],
      [fresh, 'verify'],
    ])
    const client = clientOf(announced)
    const before = await announced.user({ email: `${alg.toLowerCase()}@example.com` })
    const checked = await check(before.access_token, client)
    assert.equal(checked.protectedHeader.kid, `${alg}-old`)
    assert.equal(checked.protectedHeader.alg, alg)
    assert.equal(checked.payload.sub, before.user.id)

    const turned = await serverWith([
      [old, 'verify'],
      [fresh, 'sign'],
    ])
    const during = await refreshed(turned, before)
    // The client that still keeps the key set of before knows the new key already.
    assert.equal((await check(during.access_token, client)).protectedHeader.kid, `${alg}-new`)
    assert.equal((await check(before.access_token, clientOf(turned))).payload.sub, before.user.id)
    assert.equal((await turned.request('GET', '/user', { token: before.access_token })).status, 200)

    const retired = await serverWith([[fresh, 'sign']])
    const after = await refreshed(retired, during)
    await check(after.access_token, clientOf(retired))
    await assert.rejects(check(before.access_token, clientOf(retired)), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
    const refused = await retired.request('GET', '/user', { token: before.access_token })
    assert.deepEqual([refused.status, refused.body.error_code], [403, 'bad_jwt'])
    await Promise.all([announced.auth.close(), turned.auth.close(), retired.auth.close()])
  })

async function refreshed(server: TestServer, { refresh_token }: SignedIn): Promise<SignedIn> {
  const { status, body, text } = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token },
  })
  assert.equal(status, 200, text)
  return body as unknown as SignedIn
}

test('a shared key is turned over without a published one: tokens of both work meanwhile', async () => {
  const [old, fresh] = [sharedKey('shared-old'), sharedKey('shared-new')]
  const first = await serverWith([[old, 'sign']])
  const before = await first.user({ email: 'shared@example.com' })
  const second = await serverWith([
    [fresh, 'sign'],
    [old, 'verify'],
  ])
  assert.equal((await second.request('GET', '/user', { token: before.access_token })).status, 200)
  const third = await serverWith([[fresh, 'sign']])
  assert.equal((await third.request('GET', '/user', { token: before.access_token })).status, 403)
  assert.deepEqual((await third.request('GET', '/.well-known/jwks.json')).body, { keys: [] })
  await Promise.all([first, second, third].map(({ auth }) => auth.close()))
})

test('JWT-15: the key set has no private member and no shared key, and may be kept for ten minutes', async () => {
  const keys: [Jwk, Use][] = Object.keys(makers).map((alg, i) => [newKey(alg, alg), i === 0 ? 'sign' : 'verify'])
  const server = await serverWith([...keys, [sharedKey('shared'), 'verify']])
  const { headers, body } = await server.request('GET', '/.well-known/jwks.json')
  assert.equal(headers.get('cache-control'), 'public, max-age=600')
  const published = body.keys as Jwk[]
  assert.deepEqual(published.map(({ kid }) => kid).sort(), Object.keys(makers).sort())
  for (const key of published)
    for (const member of ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi'])
      assert.equal(member in key, false, `${key.kid} ${member}`)
  await server.auth.close()
})

test('the description of the issuer leads to the key set', async () => {
  const server = await serverWith([[newKey('ES256', 'one'), 'sign']])
  const { body } = await server.request('GET', '/.well-known/openid-configuration')
  assert.equal(body.issuer, 'http://auth.example.test')
  assert.equal(body.jwks_uri, 'http://auth.example.test/.well-known/jwks.json')
  await server.auth.close()
})

const unusable: Record<string, [value: string, problem: RegExp]> = {
  'no JSON': ['{', /not JSON/],
  'no list': ['{}', /not a list/],
  'no key that signs': [JSON.stringify([{ ...newKey('ES256', 'a'), key_ops: ['verify'] }]), /no signing key detected/],
  'two keys that sign': [
    JSON.stringify(['a', 'b'].map((kid) => ({ ...newKey('ES256', kid), key_ops: ['sign'] }))),
    /multiple signing keys detected, only 1 signing key is supported/,
  ],
  'an RSA key under the name of an elliptic algorithm': [
    JSON.stringify([{ ...newKey('RS256', 'a'), alg: 'ES256', key_ops: ['sign'] }]),
    /the key a is not usable/,
  ],
}
for (const [what, [value, problem]] of Object.entries(unusable))
  test(`${what} stops the start with the name of the variable and none of its contents`, async () => {
    const starting = startTestServer({ database, mail, env: { GOTRUE_JWT_KEYS: value } })
    await assert.rejects(starting, (error: Error) => {
      assert.match(error.message, /GOTRUE_JWT_KEYS/)
      assert.match(error.message, problem)
      assert.doesNotMatch(error.message, /"d"|[A-Za-z0-9_-]{43}/)
      return true
    })
  })
