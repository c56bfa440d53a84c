// openid-client, as applications use it, against a server behind a socket: what each grant and endpoint is worth to a real client.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as client from 'openid-client'
import { redirect_uri } from '../support/applications.ts'
import { type OAuthIssuer, startOAuthIssuer } from '../support/oauth-issuer.ts'
import type { SignedIn } from '../support/server.ts'

const device_code = 'urn:ietf:params:oauth:grant-type:device_code'
const grant_types = ['authorization_code', 'refresh_token', 'client_credentials', device_code]

let op: OAuthIssuer
let person: SignedIn
before(async () => {
  op = await startOAuthIssuer({ POSTERN_OAUTH_DEVICE_PATH: '/device' })
  person = await op.server.user({ user_metadata: { name: 'Ada' } })
})
after(() => op.close())

const discover = (application: { client_id: string; client_secret?: string }, auth?: client.ClientAuth) =>
  client.discovery(new URL(op.issuer), application.client_id, application.client_secret, auth, {
    execute: [client.allowInsecureRequests],
  })

/** A configuration for an application with a secret. */
async function confidential(more: object = {}) {
  const application = await op.application({ redirect_uris: [redirect_uri], grant_types, ...more })
  return discover(application, client.ClientSecretBasic(application.client_secret))
}

async function requestFor(scope: string) {
  const code_verifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const expectedNonce = client.randomNonce()
  const parameters = {
    redirect_uri,
    scope,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: 'S256',
  }
  return {
    parameters,
    checks: { pkceCodeVerifier: code_verifier, expectedState, expectedNonce, idTokenExpected: true },
  }
}

test('a web application: discovery, a code with PKCE, the ID token, userinfo and a refresh', async () => {
  const config = await confidential()
  const { parameters, checks } = await requestFor('openid email profile')
  const back = await op.agree(client.buildAuthorizationUrl(config, parameters), person)
  assert.equal(back.searchParams.get('iss'), op.issuer)
  const tokens = await client.authorizationCodeGrant(config, back, checks)
  const claims = tokens.claims()
  assert.deepEqual([claims?.sub, claims?.iss, claims?.email], [person.user.id, op.issuer, person.user.email])
  const info = await client.fetchUserInfo(config, tokens.access_token, person.user.id)
  assert.deepEqual([info.sub, info.name], [person.user.id, 'Ada'])
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
  assert.notEqual(fresh.refresh_token, tokens.refresh_token)
  const again = await client.fetchUserInfo(config, fresh.access_token, person.user.id)
  assert.equal(again.email, person.user.email)
})

test('an answer without the issuer is refused by the client, which knows that there is one (RFC 9207)', async () => {
  const config = await confidential()
  const { parameters, checks } = await requestFor('openid')
  const back = await op.agree(client.buildAuthorizationUrl(config, parameters), person)
  back.searchParams.set('iss', 'https://another.example')
  const speaksOfIssuer = (error: Error) => /"iss"/.test(String(error.cause))
  await assert.rejects(client.authorizationCodeGrant(config, back, checks), speaksOfIssuer)
  back.searchParams.delete('iss')
  await assert.rejects(client.authorizationCodeGrant(config, back, checks), speaksOfIssuer)
})

test('a pushed request leads to the same tokens, and its address works once (RFC 9126)', async () => {
  const config = await confidential({ require_pushed_authorization_requests: true })
  const { parameters, checks } = await requestFor('openid')
  const address = await client.buildAuthorizationUrlWithPAR(config, parameters)
  assert.deepEqual([...address.searchParams.keys()].sort(), ['client_id', 'request_uri'])
  const back = await op.agree(address, person)
  const tokens = await client.authorizationCodeGrant(config, back, checks)
  assert.equal(tokens.claims()?.sub, person.user.id)
  const second = await fetch(address, { redirect: 'manual' })
  assert.equal(second.status, 400)
})

test('tokens are bound to the key of the client, at userinfo and at the refresh (RFC 9449)', async () => {
  const application = await op.application({
    redirect_uris: [redirect_uri],
    token_endpoint_auth_method: 'none',
    dpop_bound_access_tokens: true,
  })
  const config = await discover(application, client.None())
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
  const { parameters, checks } = await requestFor('openid email')
  const back = await op.agree(await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP }), person)
  const tokens = await client.authorizationCodeGrant(config, back, checks, undefined, { DPoP })
  assert.equal(tokens.token_type, 'dpop')
  const info = await client.fetchUserInfo(config, tokens.access_token, person.user.id, { DPoP })
  assert.equal(info.email, person.user.email)
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP })
  assert.equal((await client.fetchUserInfo(config, fresh.access_token, person.user.id, { DPoP })).sub, person.user.id)
  const account = await client.fetchProtectedResource(
    config,
    fresh.access_token,
    new URL(`${op.issuer}/user`),
    'GET',
    null,
    undefined,
    { DPoP },
  )
  assert.equal(Object(await account.json()).id, person.user.id)
  const another = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
  const refused = client.refreshTokenGrant(config, fresh.refresh_token ?? '', undefined, { DPoP: another })
  await assert.rejects(refused, { error: 'invalid_grant' })
})

test('a device is let in by its code, typed somewhere else (RFC 8628)', async () => {
  const config = await confidential()
  const waiting = await client.initiateDeviceAuthorization(config, { scope: 'openid email' })
  assert.match(waiting.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
  assert.equal(waiting.verification_uri, 'http://site.example/device')
  assert.equal(waiting.verification_uri_complete, `http://site.example/device?user_code=${waiting.user_code}`)
  const typed = waiting.user_code.toLowerCase().replace('-', ' ')
  const token = person.access_token
  const shown = await op.server.request('POST', '/oauth/device', { token, body: { user_code: typed } })
  assert.deepEqual([shown.body.user_code, shown.body.scope], [waiting.user_code, 'openid email'])
  const body = { user_code: typed, action: 'approve' }
  assert.equal((await op.server.request('POST', '/oauth/device/consent', { token, body })).status, 200)
  const tokens = await client.pollDeviceAuthorizationGrant(config, { ...waiting, interval: 1 })
  assert.equal(tokens.claims()?.sub, person.user.id)
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, person.user.id)).email, person.user.email)
})

test('an application gets a token for itself, and asks what it is worth until it gives it back', async () => {
  const config = await confidential({ scope: 'orders:read orders:write' })
  const tokens = await client.clientCredentialsGrant(config, { scope: 'orders:read' })
  assert.equal(tokens.scope, 'orders:read')
  assert.equal(tokens.refresh_token, undefined)
  const before = await client.tokenIntrospection(config, tokens.access_token)
  assert.deepEqual([before.active, before.scope, before.sub], [true, 'orders:read', before.client_id])
  await client.tokenRevocation(config, tokens.access_token)
  assert.deepEqual(await client.tokenIntrospection(config, tokens.access_token), { active: false })
})

test('a token that is given back ends the session with its refresh token', async () => {
  const config = await confidential()
  const { parameters, checks } = await requestFor('openid')
  const back = await op.agree(client.buildAuthorizationUrl(config, parameters), person)
  const tokens = await client.authorizationCodeGrant(config, back, checks)
  assert.equal((await client.tokenIntrospection(config, tokens.refresh_token ?? '')).active, true)
  await client.tokenRevocation(config, tokens.refresh_token ?? '', { token_type_hint: 'refresh_token' })
  for (const token of [tokens.access_token, tokens.refresh_token ?? ''])
    assert.deepEqual(await client.tokenIntrospection(config, token), { active: false })
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, person.user.id))
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token ?? ''))
})
