// private_key_jwt: who an application is by a key that only it has (RFC 7523 §3), and how others try to be it.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import {
  type Application,
  applicationServer,
  askTokens,
  getCode,
  redirect_uri,
  registerApplication,
} from '../support/applications.ts'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'

const token_endpoint_auth_method = 'private_key_jwt'
const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const issuer = applicationServer.GOTRUE_JWT_ISSUER

let server: TestServer
let pair: Awaited<ReturnType<typeof newPair>>
before(async () => {
  server = await startTestServer({ env: { ...applicationServer, POSTERN_OAUTH_FEATURES: 'private_key_jwt' } })
  pair = await newPair()
})
after(() => server.close())

async function newPair(alg = 'ES256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const kid = randomUUID()
  return { alg, kid, privateKey, jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }] } }
}

const register = () => registerApplication(server, { token_endpoint_auth_method, jwks: pair.jwks })

const now_s = () => Math.floor(Date.now() / 1000)

const claimsFor = ({ client_id }: Application): JWTPayload => ({
  iss: client_id,
  sub: client_id,
  aud: issuer,
  exp: now_s() + 60,
  jti: randomUUID(),
})

const sign = (claims: JWTPayload, by = pair): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: by.alg, kid: by.kid }).sign(by.privateKey)

async function ask(application: Application, client_assertion: string, more: object = {}): Promise<Answer> {
  const given = await getCode(server, application, await server.user())
  return askTokens(server, {
    grant_type: 'authorization_code',
    ...given,
    client_assertion,
    client_assertion_type,
    ...more,
  })
}

async function refuses(answer: Answer, why: RegExp) {
  assert.deepEqual([answer.status, answer.body.error_code], [400, 'invalid_credentials'], answer.text)
  assert.match(String(answer.body.msg), why)
}

test('a client that signs has no secret, gets tokens, and is told by the metadata of the server', async () => {
  const application = await register()
  assert.equal(application.client_secret, undefined)
  const answer = await ask(application, await sign(claimsFor(application)))
  assert.equal(answer.status, 200, answer.text)
  const { body } = await server.request('GET', '/.well-known/oauth-authorization-server')
  assert.ok((body.token_endpoint_auth_methods_supported as string[]).includes(token_endpoint_auth_method))
  assert.ok((body.token_endpoint_auth_signing_alg_values_supported as string[]).includes('ES256'))
  const shown = await server.request('GET', `/admin/oauth/clients/${application.client_id}`, { as: 'service_role' })
  assert.deepEqual([shown.body.token_endpoint_auth_method, shown.body.jwks], [token_endpoint_auth_method, pair.jwks])
})

test('an assertion counts once, also when it comes twenty times at once', async () => {
  const application = await register()
  const assertion = await sign(claimsFor(application))
  assert.equal((await ask(application, assertion)).status, 200)
  await refuses(await ask(application, assertion), /used before/)
  const codes = await Promise.all(
    Array.from({ length: 20 }, async () => getCode(server, application, await server.user())),
  )
  // An assertion lives for a minute, and people are made slowly.
  const fresh = await sign(claimsFor(application))
  const answers = await Promise.all(
    codes.map((given) =>
      askTokens(server, {
        grant_type: 'authorization_code',
        ...given,
        client_assertion: fresh,
        client_assertion_type,
      }),
    ),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
})

test('RFC 7523 §3: an assertion of another issuer, subject, audience or time proves nothing', async () => {
  const [application, other] = [await register(), await register()]
  const right = claimsFor(application)
  const { jti: _, ...withoutId } = right
  const { exp: __, ...withoutEnd } = right
  for (const [claims, why] of [
    [{ ...right, iss: other.client_id }, /"iss"/],
    [{ ...right, aud: 'https://another.example' }, /"aud"/],
    [{ ...right, aud: [issuer, 'https://another.example'] }, /aud names somebody else/],
    [{ ...right, exp: now_s() - 120 }, /"exp"/],
    [{ ...right, exp: now_s() + 86_400 }, /ahead/],
    [{ ...right, nbf: now_s() + 600 }, /"nbf"/],
    [withoutEnd, /"exp"/],
    [withoutId, /"jti"/],
    [{ ...right, jti: 'x'.repeat(300) }, /jti/],
  ] as [JWTPayload, RegExp][])
    await refuses(await ask(application, await sign(claims)), why)
  await refuses(await ask(application, await sign({ ...right, sub: 'not-an-id' })), /Invalid client_id format/)
})

test('an assertion that another key signed, or nobody, proves nothing', async () => {
  const application = await register()
  const stranger = await newPair()
  await refuses(await ask(application, await sign(claimsFor(application), stranger)), /no applicable key|key/i)
  await refuses(
    await ask(application, await sign(claimsFor(application), { ...stranger, kid: pair.kid })),
    /signature verification failed/,
  )
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const unsigned = `${encode({ alg: 'none' })}.${encode(claimsFor(application))}.`
  await refuses(await ask(application, unsigned), /invalid client assertion/)
  const shared = await new SignJWT(claimsFor(application))
    .setProtectedHeader({ alg: 'HS256', kid: pair.kid })
    .sign(Buffer.from(JSON.stringify(pair.jwks.keys[0])))
  await refuses(await ask(application, shared), /invalid client assertion/)
})

test('a client that signs proves itself by nothing else, and in one way at a time', async () => {
  const application = await register()
  const assertion = await sign(claimsFor(application))
  await refuses(await ask(application, '', { client_id: application.client_id }), /registered for 'private_key_jwt'/)
  await refuses(await ask(application, assertion, { client_secret: 'x' }), /several/)
  await refuses(await ask(application, assertion, { client_id: randomUUID() }), /not that of the assertion/)
  await refuses(await ask(application, assertion, { client_assertion_type: 'x' }), /client_assertion_type/)
  const path = `/admin/oauth/clients/${application.client_id}`
  const secret = await server.request('POST', `${path}/regenerate_secret`, { as: 'service_role' })
  assert.equal(secret.status, 400, secret.text)
  const changed = await server.request('PUT', path, {
    as: 'service_role',
    body: { token_endpoint_auth_method: 'client_secret_post' },
  })
  assert.equal(changed.body.token_endpoint_auth_method, 'client_secret_post')
  await refuses(await ask(application, assertion), /registered for 'client_secret_post'/)
})

test('what cannot be keys of a client is refused when it registers, private ones above all', async () => {
  const { privateKey } = pair
  for (const more of [
    {},
    { jwks: { keys: [] } },
    { jwks: { keys: [await exportJWK(privateKey)] } },
    { jwks: { keys: [{ kty: 'RSA', n: 'x'.repeat(3000), e: 'AQAB' }] } },
    { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } },
    { jwks_uri: 'http://keys.example/' },
    { jwks_uri: 'https://keys.example/', jwks: pair.jwks },
  ]) {
    const body = { redirect_uris: [redirect_uri], token_endpoint_auth_method, ...more }
    const { status, text } = await server.request('POST', '/oauth/clients/register', { body })
    assert.equal(status, 400, text)
    assert.doesNotMatch(text, /"d"/)
  }
})

test('the address of keys is asked only where it is public', async () => {
  const application = await registerApplication(server, {
    token_endpoint_auth_method,
    jwks_uri: 'https://127.0.0.1:1/keys',
  })
  await refuses(await ask(application, await sign(claimsFor(application))), /keys of the client cannot be had/)
})

test('while the feature is off nobody is registered who signs', async () => {
  const plain = await startTestServer({ env: applicationServer })
  try {
    const body = { redirect_uris: [redirect_uri], token_endpoint_auth_method, jwks: pair.jwks }
    const { status, body: answer } = await plain.request('POST', '/oauth/clients/register', { body })
    assert.deepEqual([status, answer.error_code], [400, 'validation_failed'])
    assert.match(String(answer.msg), /must be one of: \[none client_secret_basic client_secret_post\]/)
  } finally {
    await plain.close()
  }
})
