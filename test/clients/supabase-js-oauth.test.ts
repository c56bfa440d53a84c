// The published client's methods for applications: administrators make them, people let them in and shut them out.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AuthClient, GoTrueAdminApi } from '@supabase/supabase-js'
import { type Application, askAuthorization, exchange, proofKey, redirect_uri } from '../support/applications.ts'
import { type OAuthIssuer, startOAuthIssuer } from '../support/oauth-issuer.ts'
import { mint, type SignedIn } from '../support/server.ts'

let running: OAuthIssuer
let admin: GoTrueAdminApi

before(async () => {
  running = await startOAuthIssuer({ POSTERN_OAUTH_FEATURES: '' })
  const headers = { authorization: `Bearer ${mint({ role: 'service_role' })}` }
  admin = new GoTrueAdminApi({ url: running.issuer, headers })
})
after(() => running.close())

const fields = { client_name: 'Orders', redirect_uris: [redirect_uri] }

async function makeApplication(): Promise<Application> {
  const { data, error } = await admin.oauth.createClient({ ...fields, token_endpoint_auth_method: 'none' })
  assert.equal(error, null)
  return { client_id: data?.client_id ?? '' }
}

/** The client of a person who has an account here. */
async function clientOf({ access_token, refresh_token }: SignedIn) {
  const client = new AuthClient({ url: running.issuer, autoRefreshToken: false, persistSession: false })
  const { error } = await client.setSession({ access_token, refresh_token })
  assert.equal(error, null)
  return client
}

/** Sends a person from an application to the page that asks. */
async function ask({ client_id }: Application) {
  const { code_verifier, code_challenge } = proofKey()
  const query = { client_id, redirect_uri, state: 's-1', scope: 'email', code_challenge, code_challenge_method: 'S256' }
  const { location } = await askAuthorization(running.server, query)
  return { id: new URL(location ?? '').searchParams.get('authorization_id') ?? '', code_verifier }
}

test('an administrator makes an application, reads, changes and lists it, gives it a new secret and removes it', async () => {
  const { data: made } = await admin.oauth.createClient(fields)
  const client_id = made?.client_id ?? ''
  assert.equal(made?.client_name, 'Orders')
  const { data: changed } = await admin.oauth.updateClient(client_id, { client_name: 'Orders of today' })
  assert.deepEqual([changed?.client_name, changed?.redirect_uris], ['Orders of today', [redirect_uri]])
  const { data: read } = await admin.oauth.getClient(client_id)
  assert.equal(read?.client_name, 'Orders of today')
  const { data: listed } = await admin.oauth.listClients({ page: 1, perPage: 10 })
  assert.deepEqual(
    listed.clients.map((one) => one.client_id),
    [client_id],
  )
  const { data: renewed } = await admin.oauth.regenerateClientSecret(client_id)
  assert.ok(renewed?.client_secret)
  assert.notEqual(renewed.client_secret, made?.client_secret)
  assert.equal((await admin.oauth.deleteClient(client_id)).error, null)
  const { error } = await admin.oauth.getClient(client_id)
  assert.equal(error?.code, 'oauth_client_not_found')
})

test('a person sees who asks, agrees, finds the application among the grants and takes the consent back', async () => {
  const application = await makeApplication()
  const person = await running.server.user()
  const client = await clientOf(person)
  const { id, code_verifier } = await ask(application)

  const { data: shown, error } = await client.oauth.getAuthorizationDetails(id)
  assert.equal(error, null)
  assert.ok(shown && 'client' in shown)
  assert.deepEqual([shown.client.id, shown.client.name, shown.scope], [application.client_id, 'Orders', 'email'])
  assert.deepEqual(shown.user, { id: person.user.id, email: person.user.email })

  const { data: agreed } = await client.oauth.approveAuthorization(id)
  const { searchParams } = new URL(agreed?.redirect_url ?? '')
  assert.equal(searchParams.get('state'), 's-1')
  const tokens = await exchange(running.server, application, { code: searchParams.get('code') ?? '', code_verifier })
  assert.equal(tokens.status, 200)

  const { data: grants } = await client.oauth.listGrants()
  assert.deepEqual(
    grants?.map((grant) => [grant.client.id, grant.scopes]),
    [[application.client_id, ['email']]],
  )
  const { data: again } = await client.oauth.getAuthorizationDetails((await ask(application)).id)
  assert.ok(again && 'redirect_url' in again && new URL(again.redirect_url).searchParams.has('code'))

  assert.equal((await client.oauth.revokeGrant({ clientId: application.client_id })).error, null)
  assert.deepEqual((await client.oauth.listGrants()).data, [])
  const refresh_token = String(tokens.body.refresh_token)
  const form = { grant_type: 'refresh_token', client_id: application.client_id, refresh_token }
  assert.equal((await running.server.request('POST', '/oauth/token', { form })).status, 400)
})

test('a person refuses, and the application is told so and is not among the grants', async () => {
  const application = await makeApplication()
  const client = await clientOf(await running.server.user())
  const { id } = await ask(application)
  await client.oauth.getAuthorizationDetails(id)
  const { data } = await client.oauth.denyAuthorization(id)
  const { searchParams } = new URL(data?.redirect_url ?? '')
  assert.deepEqual([searchParams.get('error'), searchParams.get('code')], ['access_denied', null])
  assert.deepEqual((await client.oauth.listGrants()).data, [])
  const { error } = await client.oauth.approveAuthorization(id)
  assert.equal(error?.status, 400)
})
