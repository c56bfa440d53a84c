// Whatever signs access tokens, applications get ID tokens that they can check: RS256 or ES256, by the published keys.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { ConfigError, loadConfig } from '../../src/config/load.ts'
import { newKey } from '../../src/crypto/key-set.ts'
import { applicationServer, exchange, getCode, registerApplication } from '../support/applications.ts'
import { jwtSecret, startTestServer } from '../support/server.ts'

const rsa = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  alg: 'RS256',
  kid: 'for-id-tokens',
}

async function algorithmWith(env: Record<string, string>): Promise<string> {
  const server = await startTestServer({ env: { ...applicationServer, ...env } })
  try {
    const application = await registerApplication(server)
    const person = await server.user()
    const given = await getCode(server, application, person, { scope: 'openid' })
    const { body } = await exchange(server, application, given)
    const published = await server.request('GET', '/.well-known/jwks.json')
    assert.doesNotMatch(published.text, /"d"/)
    const keys = createLocalJWKSet(published.body as unknown as JSONWebKeySet)
    const { payload, protectedHeader } = await jwtVerify(String(body.id_token), keys, {
      issuer: 'http://auth.example',
      audience: application.client_id,
    })
    assert.equal(payload.sub, person.user.id)
    const used = await server.request('GET', '/user', { token: String(body.id_token) })
    assert.deepEqual([used.status, used.body.error_code], [403, 'bad_jwt'])
    const access = await server.request('GET', '/user', { token: String(body.access_token) })
    assert.equal(access.status, 200)
    return protectedHeader.alg
  } finally {
    await server.close()
  }
}

const signingWith = (alg: Parameters<typeof newKey>[0]) => ({
  GOTRUE_JWT_KEYS: JSON.stringify([newKey(alg, true)]),
  // The API keys of these tests are signed with the secret.
  GOTRUE_JWT_VALID_METHODS: `${alg},HS256`,
})

test('the key that signs access tokens signs ID tokens where it is one that every application knows', async () => {
  assert.equal(await algorithmWith(signingWith('RS256')), 'RS256')
  assert.equal(await algorithmWith(signingWith('ES256')), 'ES256')
})

test('a secret and a key of another algorithm give way to a derived key of ES256', async () => {
  assert.equal(await algorithmWith({}), 'ES256')
  assert.equal(await algorithmWith(signingWith('EdDSA')), 'ES256')
})

test('a key of POSTERN_OAUTH_ID_TOKEN_KEY signs ID tokens, whatever signs access tokens', async () => {
  const own = { POSTERN_OAUTH_ID_TOKEN_KEY: JSON.stringify(rsa) }
  assert.equal(await algorithmWith(own), 'RS256')
  assert.equal(await algorithmWith({ ...signingWith('ES256'), ...own }), 'RS256')
})

test('what is no such key stops the start with the name of the variable, and none of its value', () => {
  const { d: _, ...publicHalf } = rsa
  for (const value of ['{', '{}', '"x"', JSON.stringify({ ...rsa, alg: 'HS256' }), JSON.stringify(publicHalf)])
    assert.throws(
      () =>
        loadConfig({
          DATABASE_URL: 'postgres://localhost/x',
          API_EXTERNAL_URL: 'http://auth.example',
          GOTRUE_SITE_URL: 'http://site.example',
          GOTRUE_JWT_SECRET: jwtSecret,
          POSTERN_OAUTH_ID_TOKEN_KEY: value,
        }),
      (error: ConfigError) =>
        error instanceof ConfigError &&
        error.problems.length === 1 &&
        /^POSTERN_OAUTH_ID_TOKEN_KEY/.test(String(error.problems)) &&
        !String(error.problems).includes(rsa.n ?? '-'),
      value.slice(0, 20),
    )
})
