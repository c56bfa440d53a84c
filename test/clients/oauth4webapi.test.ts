// oauth4webapi, step by step as libraries use it, against a server behind a socket; keys in the place of secrets, and the worst answers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { exportJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import { redirect_uri } from '../support/applications.ts'
import { type OAuthIssuer, startOAuthIssuer } from '../support/oauth-issuer.ts'
import type { SignedIn } from '../support/server.ts'

const insecure = { [oauth.allowInsecureRequests]: true }
const device_grant = 'urn:ietf:params:oauth:grant-type:device_code'

let op: OAuthIssuer
let as: oauth.AuthorizationServer
let person: SignedIn
before(async () => {
  op = await startOAuthIssuer({ POSTERN_OAUTH_DEVICE_PATH: '/device' })
  const issuer = new URL(op.issuer)
  const found = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' })
  as = await oauth.processDiscoveryResponse(issuer, found)
  person = await op.server.user()
})
after(() => op.close())

/** A client that proves itself by a key. */
async function signingClient(alg: 'ES256' | 'RS256' | 'PS256' = 'ES256', more: object = {}) {
  const { privateKey, publicKey } = await oauth.generateKeyPair(alg, { extractable: true })
  const { client_id } = await op.application({
    redirect_uris: [redirect_uri],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg }] },
    ...more,
  })
  const client: oauth.Client = { client_id }
  return { client, auth: oauth.PrivateKeyJwt({ key: privateKey, kid: 'k1' }) }
}

async function codeFor(client: oauth.Client, more: Record<string, string> = {}) {
  const verifier = oauth.generateRandomCodeVerifier()
  const address = new URL(as.authorization_endpoint ?? '')
  const query = {
    client_id: client.client_id,
    redirect_uri,
    response_type: 'code',
    scope: 'openid email',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  }
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
  return { back: await op.agree(address, person), verifier }
}

test('RFC 8414: the description names every endpoint that is on, each below the issuer', () => {
  const endpoints = [
    as.authorization_endpoint,
    as.token_endpoint,
    as.revocation_endpoint,
    as.introspection_endpoint,
    as.device_authorization_endpoint,
    as.pushed_authorization_request_endpoint,
    as.registration_endpoint,
    as.userinfo_endpoint,
    as.jwks_uri,
  ]
  for (const endpoint of endpoints) assert.ok(endpoint?.startsWith(`${op.issuer}/`), endpoint)
  assert.equal(as.authorization_response_iss_parameter_supported, true)
  for (const grant of ['client_credentials', device_grant]) assert.ok(as.grant_types_supported?.includes(grant))
  assert.ok(as.token_endpoint_auth_methods_supported?.includes('private_key_jwt'))
  assert.ok(as.dpop_signing_alg_values_supported?.includes('ES256'))
})

for (const alg of ['ES256', 'RS256', 'PS256'] as const)
  test(`a client that signs with ${alg} exchanges a code, refreshes, asks and gives back, without a secret`, async () => {
    const { client, auth } = await signingClient(alg)
    const { back, verifier } = await codeFor(client, { state: 'x' })
    const parameters = oauth.validateAuthResponse(as, client, back, 'x')
    const answer = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      auth,
      parameters,
      redirect_uri,
      verifier,
      insecure,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, { requireIdToken: true })
    await oauth.validateApplicationLevelSignature(as, answer, insecure)
    assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, person.user.id)
    const refreshed = await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token ?? '', insecure)
    const fresh = await oauth.processRefreshTokenResponse(as, client, refreshed)
    const asked = await oauth.introspectionRequest(as, client, auth, fresh.access_token, insecure)
    assert.equal((await oauth.processIntrospectionResponse(as, client, asked)).active, true)
    const given = await oauth.revocationRequest(as, client, auth, fresh.access_token, insecure)
    assert.equal(await oauth.processRevocationResponse(given), undefined)
    const again = await oauth.introspectionRequest(as, client, auth, fresh.access_token, insecure)
    assert.equal((await oauth.processIntrospectionResponse(as, client, again)).active, false)
  })

test('a client that signs gets a token for itself, bound to another key (RFC 9449)', async () => {
  const { client, auth } = await signingClient('ES256', {
    redirect_uris: [],
    grant_types: ['client_credentials'],
    scope: 'orders:read',
    dpop_bound_access_tokens: true,
  })
  const bare = await oauth.clientCredentialsGrantRequest(as, client, auth, new URLSearchParams(), insecure)
  await assert.rejects(oauth.processClientCredentialsResponse(as, client, bare), { error: 'invalid_dpop_proof' })
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const answer = await oauth.clientCredentialsGrantRequest(as, client, auth, new URLSearchParams(), {
    ...insecure,
    DPoP,
  })
  const tokens = await oauth.processClientCredentialsResponse(as, client, answer)
  assert.equal(tokens.token_type, 'dpop')
  const asked = await oauth.introspectionRequest(as, client, auth, tokens.access_token, insecure)
  const about = await oauth.processIntrospectionResponse(as, client, asked)
  assert.deepEqual([about.active, about.token_type], [true, 'DPoP'])
  assert.match(String(about.cnf?.jkt), /^[\w-]{43}$/)
})

test('a client that signs pushes its request, and the device of another waits for its person', async () => {
  const { client, auth } = await signingClient('ES256', { grant_types: ['authorization_code', device_grant] })
  const parameters = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri,
    scope: 'openid',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  })
  const pushed = await oauth.pushedAuthorizationRequest(as, client, auth, parameters, insecure)
  const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, pushed)
  const address = `${as.authorization_endpoint}?${new URLSearchParams({ client_id: client.client_id, request_uri })}`
  assert.ok((await op.agree(address, person)).searchParams.get('code'))

  const asked = await oauth.deviceAuthorizationRequest(as, client, auth, new URLSearchParams(), insecure)
  const { device_code } = await oauth.processDeviceAuthorizationResponse(as, client, asked)
  const polled = await oauth.deviceCodeGrantRequest(as, client, auth, device_code, insecure)
  await assert.rejects(oauth.processDeviceCodeResponse(as, client, polled), { error: 'authorization_pending' })
})

test('an error of authorization comes back with the issuer, so that the client knows who speaks (RFC 9207, mix-up)', async () => {
  const { client } = await signingClient()
  const { back } = await codeFor(client, { scope: 'everything' })
  assert.throws(() => oauth.validateAuthResponse(as, client, back, oauth.expectNoState), {
    name: 'AuthorizationResponseError',
  })
  const another = { ...as, issuer: 'https://another.example' }
  assert.throws(() => oauth.validateAuthResponse(another, client, back, oauth.expectNoState), /"iss"/)
})
