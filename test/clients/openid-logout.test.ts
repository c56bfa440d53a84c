// openid-client signs people out, is told of sessions that are over, and acts as a person for support staff.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { redirect_uri } from '../support/applications.ts'
import { inTime } from '../support/in-time.ts'
import { type OAuthIssuer, startOAuthIssuer } from '../support/oauth-issuer.ts'
import { claimsOf } from '../support/server.ts'

const bye = 'https://client.example/bye'
let op: OAuthIssuer
before(async () => {
  op = await startOAuthIssuer({ POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true' })
})
after(() => op.close())

async function enter(more: object = {}) {
  const application = await op.application({ redirect_uris: [redirect_uri], post_logout_redirect_uris: [bye], ...more })
  const auth = client.ClientSecretBasic(application.client_secret)
  const execute = [client.allowInsecureRequests]
  const config = await client.discovery(new URL(op.issuer), application.client_id, undefined, auth, { execute })
  const person = await op.server.user()
  const code_verifier = client.randomPKCECodeVerifier()
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: 'S256',
  })
  const back = await op.agree(address, person)
  const tokens = await client.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: code_verifier,
    idTokenExpected: true,
  })
  return { application, config, person, tokens }
}

test('OpenID Connect RP-Initiated Logout: the client’s own address signs out and leads back', async () => {
  const { config, tokens } = await enter()
  const address = client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: bye,
    state: 'x',
  })
  const answer = await fetch(address, { redirect: 'manual' })
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, `${bye}?state=x`])
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token ?? ''))
})

test('OpenID Connect Back-Channel Logout: the client gets a token that its keys check, without being asked for', async () => {
  const got = Promise.withResolvers<string>()
  const http = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    response.writeHead(200).end()
    got.resolve(new URLSearchParams(body).get('logout_token') ?? '')
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { application, person, tokens } = await enter({ backchannel_logout_uri: 'https://client.example/out' })
  // A client on loopback has no certificate; its address is that of the row, as an administrator would never be let write it.
  await op.server.sql(
    `update postern.oauth_client_metadata set metadata = metadata || jsonb_build_object('backchannel_logout_uri', $2::text) where id = $1`,
    [application.client_id, `http://127.0.0.1:${Object(http.address()).port}/out`],
  )
  await op.server.request('POST', '/logout?scope=global', { token: person.access_token })
  const token = await inTime(20_000, got.promise)
  const keys = (await (await fetch(`${op.issuer}/.well-known/jwks.json`)).json()) as JSONWebKeySet
  const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
    issuer: op.issuer,
    audience: application.client_id,
    typ: 'logout+jwt',
  })
  assert.deepEqual([payload.sub, payload.sid], [person.user.id, claimsOf(tokens.id_token ?? '').sid])
  http.closeAllConnections()
  await new Promise((resolve) => http.close(resolve))
})

test('RFC 8693: a client of support staff gets a token of a person, which names both', async () => {
  const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'
  const application = await op.application({ redirect_uris: [], grant_types: [grant_type] })
  const auth = client.ClientSecretBasic(application.client_secret)
  const execute = [client.allowInsecureRequests]
  const config = await client.discovery(new URL(op.issuer), application.client_id, undefined, auth, { execute })
  const staff = await op.server.user({ role: 'service_role' })
  const { user } = await op.server.user()
  const tokens = await client.genericGrantRequest(config, grant_type, {
    subject_token: staff.access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    requested_subject: user.id,
  })
  assert.deepEqual([tokens.expires_in, tokens.refresh_token], [900, undefined])
  assert.deepEqual(claimsOf(tokens.access_token).act, { sub: staff.user.id })
  const info = await client.fetchUserInfo(config, tokens.access_token, user.id)
  assert.equal(info.sub, user.id)
})
