// Applications that are described by a document at their own address: when it is read, and what must not come of it.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { applicationServer, askAuthorization, askTokens, proofKey, redirect_uri } from '../support/applications.ts'
import { claimsOf, startTestServer, type TestServer } from '../support/server.ts'

const client_id = 'https://agent.example/oauth/client.json'
const document = {
  client_id,
  client_name: 'Agent',
  redirect_uris: [redirect_uri],
  client_uri: 'https://bank.example',
  logo_uri: 'https://agent.example/l.png',
}
const asJson = (value: unknown, type = 'application/json') =>
  new Response(typeof value === 'string' ? value : JSON.stringify(value), { headers: { 'content-type': type } })
let server: TestServer
let answer: () => Response
const calls: string[] = []
const env = { ...applicationServer, POSTERN_OAUTH_FEATURES: 'client_documents,logout' }
before(async () => {
  server = await startTestServer({
    env: { ...env, POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true' },
    fetch: async (input, init) => {
      assert.equal(init?.redirect, 'manual')
      calls.push(String(input))
      return answer()
    },
  })
})
after(() => server.close())
beforeEach(() => {
  calls.length = 0
  answer = () => asJson(document)
})

async function begin(query: Record<string, string> = {}) {
  const { code_verifier, code_challenge } = proofKey()
  const asked = {
    client_id,
    redirect_uri,
    code_challenge,
    code_challenge_method: 'S256',
    scope: 'openid email',
    ...query,
  }
  const begun = await askAuthorization(server, asked)
  const id = new URL(begun.location ?? 'x:/').searchParams.get('authorization_id') ?? ''
  return { id, code_verifier, begun }
}
const look = (id: string, token: string) => server.request('GET', `/oauth/authorizations/${id}`, { token })

test('the document is read when somebody has signed in, once, and the code leads to tokens under its address', async () => {
  const { id, code_verifier, begun } = await begin({ state: 's' })
  assert.equal(begun.status, 302)
  assert.deepEqual([calls, await server.sql('select from auth.oauth_clients')], [[], []], 'nobody has signed in yet')
  const { access_token: token, user } = await server.user()
  assert.equal((await server.request('GET', `/oauth/authorizations/${id}`)).status, 401)
  const [first, second] = await Promise.all([look(id, token), look(id, token)])
  const shown = [first, second].find(({ status }) => status === 200) ?? first
  assert.equal(shown.status, 200, shown.text)
  assert.deepEqual(calls, [client_id])
  const { client } = shown.body as { client: Record<string, string> }
  assert.deepEqual([client.name, client.uri, client.logo_uri], ['Agent', 'https://agent.example', undefined])
  const agreed = await server.request('POST', `/oauth/authorizations/${id}/consent`, {
    token,
    body: { action: 'approve' },
  })
  const address = new URL(String(agreed.body.redirect_url))
  assert.deepEqual([`${address.origin}${address.pathname}`, address.searchParams.get('state')], [redirect_uri, 's'])
  const code = address.searchParams.get('code') ?? ''
  const form = { grant_type: 'authorization_code', code, code_verifier, client_id, redirect_uri }
  const tokens = await askTokens(server, form)
  assert.equal(tokens.status, 200, tokens.text)
  const { aud, sub } = claimsOf(String(tokens.body.id_token))
  assert.deepEqual([aud, sub], [client_id, user.id])
  const refreshed = await askTokens(server, {
    grant_type: 'refresh_token',
    refresh_token: String(tokens.body.refresh_token),
    client_id,
  })
  assert.equal(refreshed.status, 400, 'the document asks for no refresh')
  const gone = await server.request(
    'GET',
    `/oauth/logout?${new URLSearchParams({ id_token_hint: String(tokens.body.id_token), client_id })}`,
  )
  assert.equal(gone.status, 303, gone.text)
  assert.deepEqual(await server.sql('select from auth.sessions where oauth_client_id is not null'), [])
})

for (const [what, given] of [
  ['names another client_id', () => asJson({ ...document, client_id: `${client_id}x` })],
  ['lacks the redirect address', () => asJson({ ...document, redirect_uris: ['https://agent.example/other'] })],
  ['has a secret', () => asJson({ ...document, token_endpoint_auth_method: 'client_secret_post' })],
  [
    'has an address that runs',
    () => asJson({ ...document, redirect_uris: [redirect_uri, 'javascript://x/%0aalert(1)'] }),
  ],
  ['has no redirect address', () => asJson({ ...document, redirect_uris: [] })],
  ['asks for a grant that is none of its', () => asJson({ ...document, grant_types: ['client_credentials'] })],
  ['asks for no code', () => asJson({ ...document, response_types: ['token'] })],
  ['is no JSON', () => asJson('<html>', 'text/html')],
  ['is no object', () => asJson('[1]')],
  ['breaks off', () => asJson('{"client_id":')],
  ['is larger than 5 KB', () => asJson({ ...document, client_name: 'x'.repeat(5200) })],
  ['is somewhere else', () => new Response(null, { status: 302, headers: { location: 'http://127.0.0.1/' } })],
  ['is not there', () => new Response('{}', { status: 404 })],
] as const)
  test(`a document that ${what} lets nobody in, and is not read again`, async () => {
    answer = given
    const { id } = await begin()
    const { access_token } = await server.user()
    const { status, body, text } = await look(id, access_token)
    assert.deepEqual([status, body.error_code], [400, 'validation_failed'], text)
    assert.doesNotMatch(text, /127\.0\.0\.1/)
    assert.equal((await look(id, access_token)).status, 404)
    assert.equal(calls.length, 1)
  })

test('an outage of the document is told like any other fault of it', async () => {
  answer = () => {
    throw new Error('no route')
  }
  const { id } = await begin()
  const { status, text } = await look(id, (await server.user()).access_token)
  assert.equal(status, 400)
  assert.doesNotMatch(text, /no route/)
})

for (const name of [
  'http://agent.example/client.json',
  'https://agent.example',
  'https://agent.example/',
  'https://user@agent.example/client.json',
  'https://agent.example/client.json?a=1',
  'https://agent.example/client.json#a',
  'https://agent.example/a/../client.json',
  'https://AGENT.example/client.json',
  `https://agent.example/${'x'.repeat(500)}`,
])
  test(`${name.slice(0, 60)} is no name of a client`, async () => {
    const { begun } = await begin({ client_id: name })
    assert.deepEqual([begun.status, begun.body.error_code], [400, 'oauth_client_not_found'])
    assert.equal((await askTokens(server, { grant_type: 'authorization_code', client_id: name })).status, 400)
  })

test('what is wrong with a request is told to nobody but the browser, since the address may be anybody’s', async () => {
  for (const query of [
    { scope: 'everything' },
    { code_challenge_method: 'plain' },
    { response_type: 'token' },
    { redirect_uri: '' },
    { resource: 'x' },
  ] as Record<string, string>[]) {
    const { begun } = await begin({ redirect_uri: 'https://evil.example/', ...query })
    assert.deepEqual([begun.status, begun.location], [400, null])
  }
  assert.deepEqual(calls, [])
})

test('an application that an administrator removed stays out', async () => {
  const { id } = await begin()
  const { access_token } = await server.user()
  await look(id, access_token)
  const [row] = await server.sql<{ id: string }>('select id from auth.oauth_clients')
  const removed = await server.request('DELETE', `/admin/oauth/clients/${row?.id}`, { as: 'service_role' })
  assert.equal(removed.status, 204)
  const again = await begin()
  assert.equal((await look(again.id, access_token)).status, 400)
  assert.equal((await server.sql('select from auth.oauth_clients where deleted_at is null')).length, 0)
})

test('by default no private address is called', async () => {
  const guarded = await startTestServer({ env })
  const { code_challenge } = proofKey()
  for (const host of ['127.0.0.1', '[::1]', '169.254.169.254', 'localhost', '10.0.0.1']) {
    const asked = {
      client_id: `https://${host}/client.json`,
      redirect_uri,
      code_challenge,
      code_challenge_method: 'S256',
    }
    const { location } = await askAuthorization(guarded, asked)
    const id = new URL(location ?? '').searchParams.get('authorization_id')
    const { access_token } = await guarded.user()
    const { status } = await guarded.request('GET', `/oauth/authorizations/${id}`, { token: access_token })
    assert.equal(status, 400, host)
  }
  await guarded.close()
})
