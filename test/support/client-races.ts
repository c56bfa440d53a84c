// Races of applications: what counts once is shown twenty times together.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import {
  applicationServer,
  askAuthorization,
  askTokens,
  exchange,
  getCode,
  proofKey,
  redirect_uri,
  registerApplication,
} from './applications.ts'
import { newProofKey } from './dpop.ts'
import { type Race, type Servers, together } from './races.ts'
import type { Answer, SignedIn, TestServer } from './server.ts'

const device_grant = 'urn:ietf:params:oauth:grant-type:device_code'
const issuer = applicationServer.GOTRUE_JWT_ISSUER

/** Environment of the servers of these races. */
export const clientRaceEnv = {
  ...applicationServer,
  POSTERN_OAUTH_FEATURES: 'all',
  POSTERN_OAUTH_DEVICE_PATH: '/device',
  GOTRUE_RATE_LIMIT_TOKEN_REFRESH: '100000',
}

const succeeded = (answers: Answer[]) => answers.filter(({ status }) => status === 200 || status === 302)

const sessionsOf = ({ first }: Servers, client_id: string) =>
  first.sql('select id from auth.sessions where oauth_client_id = $1', [client_id])

const register = ({ first }: Servers, more: object = {}) =>
  registerApplication(first, { grant_types: ['authorization_code', 'refresh_token', device_grant], ...more })

const people = new WeakMap<TestServer, Promise<SignedIn>>()

/** One person for all rounds, since signing in is what takes longest. */
function personOf({ first }: Servers): Promise<SignedIn> {
  const found = people.get(first) ?? first.user()
  people.set(first, found)
  return found
}

/** The refresh token of a new application. */
async function newSession(servers: Servers) {
  const application = await register(servers)
  const given = await getCode(servers.first, application, await personOf(servers))
  const { body } = await exchange(servers.first, application, given)
  return { client_id: application.client_id, refresh_token: String(body.refresh_token) }
}

/** Races by what they are about. */
export const clientRaces: Record<string, Race> = {
  async 'a code opens one session, and none that outlives its second use'(servers) {
    const application = await register(servers)
    const given = await getCode(servers.first, application, await personOf(servers))
    const answers = await together(servers, (server) => exchange(server, application, given))
    assert.equal(succeeded(answers).length, 1)
    assert.ok(answers.every(({ status, body }) => status === 200 || body.error === 'invalid_grant'))
    assert.ok((await sessionsOf(servers, application.client_id)).length <= 1)
  },
  async 'a device code opens one session'(servers) {
    const { client_id } = await register(servers)
    const { access_token: token } = await personOf(servers)
    const asked = await servers.first.request('POST', '/oauth/device_authorization', { form: { client_id } })
    const { user_code, device_code } = asked.body
    await servers.first.request('POST', '/oauth/device/consent', { token, body: { user_code, action: 'approve' } })
    const form = { grant_type: device_grant, client_id, device_code: String(device_code) }
    assert.equal(succeeded(await together(servers, (server) => askTokens(server, form))).length, 1)
    assert.equal((await sessionsOf(servers, client_id)).length, 1)
  },
  async 'a refresh token is swapped once: whoever gets an answer gets the same successor'(servers) {
    const { client_id, refresh_token } = await newSession(servers)
    const form = { grant_type: 'refresh_token', client_id, refresh_token }
    const answers = await together(servers, (server) => askTokens(server, form))
    assert.equal(new Set(succeeded(answers).map(({ body }) => body.refresh_token)).size, 1)
    const rows = await servers.first.sql(
      'select from auth.refresh_tokens r join auth.sessions s on s.id = r.session_id where s.oauth_client_id = $1',
      [client_id],
    )
    assert.equal(rows.length, 2, 'the old one and its successor')
  },
  async 'a token that is given back while it is refreshed leaves no session'(servers) {
    const { client_id, refresh_token } = await newSession(servers)
    await together(servers, (server, i) =>
      i % 2
        ? askTokens(server, { grant_type: 'refresh_token', client_id, refresh_token })
        : server.request('POST', '/oauth/revoke', { form: { client_id, token: refresh_token } }),
    )
    assert.deepEqual(await sessionsOf(servers, client_id), [])
  },
  async 'a pushed request is asked once'(servers) {
    const { client_id } = await register(servers)
    const { code_challenge } = proofKey()
    const form = { client_id, redirect_uri, code_challenge, code_challenge_method: 'S256' }
    const { body } = await servers.first.request('POST', '/oauth/par', { form })
    const query = { client_id, request_uri: String(body.request_uri) }
    assert.equal(succeeded(await together(servers, (server) => askAuthorization(server, query))).length, 1)
  },
  async 'a proof of a key counts once'(servers) {
    const { client_id, refresh_token } = await newSession(servers)
    const dpop = await (await newProofKey()).prove('POST', `${issuer}/oauth/token`)
    const form = { grant_type: 'refresh_token', client_id, refresh_token }
    const answers = await together(servers, (server) =>
      server.request('POST', '/oauth/token', { form, headers: { dpop } }),
    )
    assert.equal(succeeded(answers).length, 1)
  },
  async 'an assertion of a client counts once'(servers) {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const { client_id } = await register(servers, {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [await exportJWK(publicKey)] },
    })
    const exp = Math.floor(Date.now() / 1000) + 60
    const claims = { iss: client_id, sub: client_id, aud: issuer, jti: randomUUID(), exp }
    const client_assertion = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const form = { client_assertion, client_assertion_type, token: 'nothing' }
    const answers = await together(servers, (server) => server.request('POST', '/oauth/introspect', { form }))
    assert.equal(succeeded(answers).length, 1)
  },
}
