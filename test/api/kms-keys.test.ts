// Tokens signed by a key that AWS KMS holds, against a KMS on loopback: as clients see them, and what is left when it fails.
import assert from 'node:assert/strict'
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createClient } from '@supabase/supabase-js'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { applicationServer, exchange, getCode, registerApplication } from '../support/applications.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { arnOf, type FakeKey, type FakeKms, KmsFault, kmsJwk, startFakeKms } from '../support/kms.ts'
import { linkOf, type MailSink, startMailSink } from '../support/mail-sink.ts'
import { until } from '../support/process.ts'
import { mint, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let kms: FakeKms
let database: TestDatabase
let mail: MailSink
let server: TestServer

const elliptic = (namedCurve: string): FakeKey => ({
  private_key: generateKeyPairSync('ec', { namedCurve }).privateKey,
})
const rsa = (): FakeKey => ({ private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey })

/** A key in KMS, as GOTRUE_JWT_KEYS has it. */
function heldKey(alg: string, id: string, key: FakeKey): JsonWebKey {
  kms.keys.set(arnOf(id), key)
  return kmsJwk(arnOf(id), alg, id, key)
}
const verifying = (key: JsonWebKey): JsonWebKey => ({ ...key, key_ops: ['verify'] })
const shared: JsonWebKey = {
  kty: 'oct',
  k: Buffer.from('test-secret-with-at-least-32-characters').toString('base64url'),
}
const sharedKey = { ...shared, alg: 'HS256', kid: 'shared' }
const serverWith = (keys: JsonWebKey[], env: Record<string, string> = {}) =>
  startTestServer({
    database,
    mail,
    env: {
      GOTRUE_JWT_KEYS: JSON.stringify([...keys, verifying(sharedKey)]),
      GOTRUE_JWT_VALID_METHODS: 'HS256,RS256,RS512,ES256,ES512',
      ...env,
    },
  })

before(async () => {
  kms = await startFakeKms()
  Object.assign(process.env, kms.env)
  database = await testDatabase()
  mail = await startMailSink()
  server = await serverWith([heldKey('ES256', 'main', elliptic('P-256'))])
  // The first signature has the SDK loaded, which may take longer than a request waits for a signature.
  const body = { email: 'first@example.com', password: 'correct horse battery staple', email_confirm: true }
  await server.request('POST', '/admin/users', { as: 'service_role', body })
  const signIn = () => server.request('POST', '/token?grant_type=password', { body })
  await until('KMS signs', async () => (await signIn()).status === 200)
})
after(async () => {
  await server?.auth.close()
  await database?.drop()
  await mail?.stop()
  await kms?.stop()
})

const publishedBy = async (asked: TestServer) =>
  createLocalJWKSet((await asked.request('GET', '/.well-known/jwks.json')).body as unknown as JSONWebKeySet)
const refresh = (asked: TestServer, { refresh_token }: SignedIn) =>
  asked.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })

/** Whether the SDK asks again, as it does after a second and a half without an answer. */
const isAgain = (headers: HeadersInit | undefined): boolean =>
  /^attempt=[2-9]/.test(new Headers(headers).get('amz-sdk-request') ?? '')

/** Lets KMS fail while something is done. */
async function failing<T>(fault: () => Promise<never>, work: () => Promise<T>): Promise<T> {
  const was = kms.before
  kms.before = fault
  try {
    return await work()
  } finally {
    kms.before = was
  }
}
const refusing = (type: string, status: number) => async () => {
  throw new KmsFault(type, status)
}

const makers: Record<string, () => FakeKey> = {
  RS256: rsa,
  RS512: rsa,
  ES256: () => elliptic('P-256'),
  ES512: () => elliptic('P-521'),
}
for (const [alg, make] of Object.entries(makers))
  test(`${alg}: a token that KMS signed is checked by the published key, which does not name the key in KMS`, async () => {
    const asked = await serverWith([heldKey(alg, `a-${alg}`, make())])
    const { access_token, user } = await asked.user({ email: `${alg}@example.com`.toLowerCase() })
    const { payload, protectedHeader } = await jwtVerify(access_token, await publishedBy(asked))
    assert.deepEqual([payload.sub, protectedHeader.kid, protectedHeader.alg], [user.id, `a-${alg}`, alg])
    assert.doesNotMatch((await asked.request('GET', '/.well-known/jwks.json')).text, /aws|arn/)
    assert.equal((await asked.request('GET', '/user', { token: access_token })).status, 200)
    await asked.auth.close()
  })

test('supabase-js signs in, checks the token by the key set, and refreshes', async () => {
  await server.user({ email: 'client@example.com', password: 'correct horse battery staple' })
  const client = createClient('http://auth.example.test', mint({ role: 'anon' }), {
    auth: { persistSession: false, autoRefreshToken: false },
    global: {
      fetch: (input, init) => {
        const request = new Request(input, init)
        return server.auth.fetch(new Request(request.url.replace('/auth/v1', ''), request), {
          client_address: '10.1.1.1',
        })
      },
    },
  })
  const { data, error } = await client.auth.signInWithPassword({
    email: 'client@example.com',
    password: 'correct horse battery staple',
  })
  assert.equal(error, null)
  const asked = server.log.length
  const { data: checked, error: refused } = await client.auth.getClaims()
  assert.equal(refused, null)
  assert.deepEqual([checked?.header.alg, checked?.header.kid, checked?.claims.sub], ['ES256', 'main', data.user?.id])
  // The client has checked the signature itself: nobody was asked who the person is.
  assert.equal(
    server.log.slice(asked).some(({ path }) => path === '/user'),
    false,
  )
  const { data: fresh, error: late } = await client.auth.refreshSession()
  assert.equal(late, null)
  assert.notEqual(fresh.session?.refresh_token, data.session?.refresh_token)
})

test('a sign-in asks KMS once, by the digest of the token', async () => {
  await server.user({ email: 'once@example.com' })
  kms.calls.length = 0
  const long = 'x'.repeat(6000)
  const { access_token } = await server.user({ email: 'long@example.com', user_metadata: { long } })
  assert.ok(access_token.length > 6000)
  const asked = kms.calls.filter(({ headers }) => !isAgain({ 'amz-sdk-request': String(headers['amz-sdk-request']) }))
  assert.deepEqual(
    asked.map(({ operation, input }) => [operation, input.KeyId, input.MessageType, input.SigningAlgorithm]),
    [['Sign', arnOf('main'), 'DIGEST', 'ECDSA_SHA_256']],
  )
})

test('every token of a sign-in at an application is signed by KMS, with the calls of the server, whatever a hook makes of the claims', async () => {
  const hosts: string[] = []
  const asked = await startTestServer({
    env: {
      ...applicationServer,
      GOTRUE_JWT_KEYS: JSON.stringify([heldKey('RS256', 'application', rsa()), verifying(sharedKey)]),
      GOTRUE_JWT_VALID_METHODS: 'HS256,RS256',
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_ENABLED: 'true',
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI: 'pg-functions://postgres/app/random_claim',
    },
    fetch: (input, init) => {
      if (!isAgain(init?.headers)) hosts.push(new URL(input instanceof Request ? input.url : input).host)
      return fetch(input, init)
    },
  })
  await asked.sql('create schema app')
  await asked.sql(`create function app.random_claim(event jsonb) returns jsonb language sql as
    $$ select jsonb_build_object('claims', event->'claims' || jsonb_build_object('chance', gen_random_uuid())) $$`)
  const application = await registerApplication(asked)
  const person = await asked.user()
  const given = await getCode(asked, application, person, { scope: 'openid' })
  const refused = await failing(refusing('KMSInternalException', 500), () => exchange(asked, application, given))
  assert.equal(refused.status, 503)
  hosts.length = 0
  const { body, text } = await exchange(asked, application, given)
  const keys = await publishedBy(asked)
  const { payload } = await jwtVerify(String(body.access_token), keys)
  assert.match(String(payload.chance), /^[0-9a-f-]{36}$/, text)
  await jwtVerify(String(body.id_token), keys)
  assert.deepEqual(hosts, [new URL(kms.url).host, new URL(kms.url).host])
  await asked.close()
})

const wrongPasswords = "select from postern.attempts where scope = 'password' and count > 0"

test('while KMS fails nobody signs in, and no session is left; the same password signs in afterwards', async () => {
  const email = 'outage@example.com'
  await server.user({ email })
  const body = { email, password: 'correct horse battery staple' }
  const count = () =>
    server.sql('select id from auth.sessions where user_id = (select id from auth.users where email = $1)', [email])
  const before = await count()
  const logged = server.log.length
  const loggedOf = (name: string) => server.log.slice(logged).flatMap((line) => Object(line[name]).action ?? [])
  for (const [type, status] of [
    ['KMSInternalException', 500],
    ['AccessDeniedException', 400],
  ] as const) {
    const answer = await failing(refusing(type, status), () =>
      server.request('POST', '/token?grant_type=password', { body }),
    )
    assert.deepEqual(
      [answer.status, answer.body.error_code, answer.headers.get('retry-after')],
      [503, 'service_unavailable', '5'],
    )
    assert.doesNotMatch(answer.text, /KMS|arn/)
  }
  assert.deepEqual(await count(), before)
  // Nobody is locked out by an outage of ours: a right password does not count as a wrong one.
  await until('no attempt counts', async () => (await server.sql(wrongPasswords)).length === 0)
  // What was rolled back did not happen, and is not told; what was run twice happened once.
  assert.deepEqual([loggedOf('auth_audit_event'), loggedOf('auth_event')], [[], []])
  assert.equal((await server.request('POST', '/token?grant_type=password', { body })).status, 200)
  assert.deepEqual([loggedOf('auth_audit_event'), loggedOf('auth_event')], [['login'], ['login']])
})

test('a link that KMS failed to sign a session for is still good afterwards, and once', async () => {
  const email = 'link@example.com'
  await server.user({ email })
  await server.request('POST', '/otp', { body: { email } })
  const token_hash = new URL(linkOf(await server.nextMail(email))).searchParams.get('token')
  const verify = () => server.request('POST', '/verify', { body: { type: 'magiclink', token_hash } })
  assert.equal((await failing(refusing('KMSInternalException', 500), verify)).status, 503)
  assert.equal((await verify()).status, 200)
  assert.equal((await verify()).body.error_code, 'otp_expired')
})

for (const version of ['1', '2'])
  test(`a refresh that KMS cannot sign for leaves the refresh token as good as it was (version ${version})`, async () => {
    const asked = await serverWith([heldKey('RS256', `refresh-${version}`, rsa())], {
      GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION: version,
    })
    const person = await asked.user({ email: `refresh${version}@example.com` })
    const answer = await failing(refusing('KMSInternalException', 500), () => refresh(asked, person))
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5'])
    const again = await refresh(asked, person)
    assert.equal(again.status, 200, again.text)
    assert.equal(again.headers.get('sb-auth-refresh-token-reuse'), 'false')
    await jwtVerify(String(again.body.access_token), await publishedBy(asked))
    await asked.auth.close()
  })

test('a key that KMS holds for something else, or another than is published, signs nothing', async () => {
  const wrong: [string, FakeKey][] = [
    ['usage', { ...elliptic('P-256'), usage: 'KEY_AGREEMENT' }],
    ['disabled', { ...elliptic('P-256'), is_disabled: true }],
    ['swapped', elliptic('P-256')],
  ]
  for (const [id, key] of wrong) {
    const jwk = heldKey('ES256', id, key)
    if (id === 'swapped') kms.keys.set(arnOf(id), elliptic('P-256'))
    const asked = await serverWith([jwk])
    await assert.rejects(asked.user({ email: `${id}@example.com` }), /no session: 503/)
    assert.match(
      JSON.stringify(asked.log, (_, value) => (value instanceof Error ? `${value.name} ${value.message}` : value)),
      /InvalidKeyUsage|Disabled|does not fit/,
    )
    await asked.auth.close()
  }
})

test('a rotation from a local key to one in KMS and back signs nobody out', async () => {
  const local = {
    ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
    alg: 'ES256',
    kid: 'local',
  }
  const held = heldKey('RS256', 'held', rsa())
  const signs = { ...local, key_ops: ['sign', 'verify'] }
  let person: SignedIn | undefined
  for (const [keys, kid] of [
    [[verifying(held), signs], 'local'],
    [[held, verifying(local)], 'held'],
    [[verifying(held), signs], 'local'],
  ] as const) {
    const asked = await serverWith([...keys])
    const next: SignedIn = person
      ? ((await refresh(asked, person)).body as unknown as SignedIn)
      : await asked.user({ email: 'rotation@example.com' })
    const { protectedHeader } = await jwtVerify(next.access_token, await publishedBy(asked))
    assert.equal(protectedHeader.kid, kid)
    for (const token of [next, person ?? next])
      assert.equal((await asked.request('GET', '/user', { token: token.access_token })).status, 200)
    person = next
    await asked.auth.close()
  }
})
