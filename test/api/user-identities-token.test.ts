// POSTERN_PROVIDER_TOKENS=store: tokens of providers are kept sealed, and given out fresh.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { enabled, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const issuer = 'https://keycloak.example/realms/main'
const endpoint = `${issuer}/protocol/openid-connect/token`
let mock: MockProviders
let server: TestServer
let people = 0

before(async () => {
  mock = await startMockProviders()
  server = await startTestServer({
    fetch: mock.fetch,
    env: { ...enabled(['keycloak']), GOTRUE_EXTERNAL_KEYCLOAK_URL: issuer, POSTERN_PROVIDER_TOKENS: 'store' },
  })
})
after(async () => {
  await server.close()
  await mock.stop()
})

/** Signs a new person in; the provider's first tokens live for `expires_in` seconds. */
async function signIn(expires_in: number, refresh_token?: string, on = server) {
  const sub = `person${++people}`
  mock.on(endpoint, { body: { access_token: `first of ${sub}`, token_type: 'bearer', expires_in, refresh_token } })
  mock.on(`${issuer}/protocol/openid-connect/userinfo`, {
    body: { sub, email: `${sub}@example.com`, email_verified: true },
  })
  const { location } = await on.request('GET', '/authorize?provider=keycloak')
  const state = new URL(location ?? '').searchParams.get('state') ?? ''
  const back = await on.request('GET', `/callback?${new URLSearchParams({ state, code: 'c' })}`)
  const token = new URLSearchParams(back.location?.split('#')[1]).get('access_token') ?? ''
  const [identity] = await on.sql<{ id: string }>('select id from auth.identities where provider_id = $1', [sub])
  return {
    sub,
    token,
    id: identity?.id ?? '',
    ask: () => on.request('GET', `/user/identities/${identity?.id}/token`, { token }),
  }
}

test('a token that is in force is given out as it is, and is sealed in the database', async () => {
  const { sub, ask, id } = await signIn(3600, 'r')
  const answer = await ask()
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual([answer.body.access_token, answer.body.provider], [`first of ${sub}`, 'keycloak'])
  assert.ok(Date.parse(String(answer.body.expires_at)) > Date.now())
  const [row] = await server.sql<{ sealed: string }>(
    'select sealed from postern.provider_tokens where identity_id = $1',
    [id],
  )
  assert.ok(row?.sealed)
  assert.doesNotMatch(row.sealed, /first of/)
})

test('a token that is over is refreshed once, also when twenty ask at once, and the new one is kept', async () => {
  const { sub, ask } = await signIn(1, 'refresh me')
  let refreshed = 0
  mock.on(endpoint, ({ form }) => {
    assert.deepEqual([form.grant_type, form.refresh_token], ['refresh_token', 'refresh me'])
    refreshed++
    return { body: { access_token: `second of ${sub}`, token_type: 'bearer', expires_in: 3600 } }
  })
  const answers = await Promise.all(Array.from({ length: 20 }, ask))
  assert.deepEqual([...new Set(answers.map(({ body }) => body.access_token))], [`second of ${sub}`])
  assert.equal((await ask()).body.access_token, `second of ${sub}`)
  assert.equal(refreshed, 1)
})

test('without a refresh token, and when the consent is withdrawn, it says to sign in again', async () => {
  const without = await signIn(1)
  const answer = await without.ask()
  assert.deepEqual([answer.status, answer.body.error_code], [422, 'provider_token_expired'])
  const withdrawn = await signIn(1, 'r')
  mock.on(endpoint, { status: 400, body: { error: 'invalid_grant' } })
  const refused = await withdrawn.ask()
  assert.deepEqual([refused.status, refused.body.error_code], [422, 'provider_consent_withdrawn'])
  const after_it = await withdrawn.ask()
  assert.deepEqual([after_it.status, after_it.body.error_code], [404, 'provider_token_not_found'])
})

test('a provider that is away is 503 with Retry-After, and the token is refreshed once it is back', async () => {
  const { sub, ask } = await signIn(1, 'r')
  mock.on(endpoint, { status: 502, body: 'away' })
  const away = await ask()
  assert.equal(away.status, 503)
  assert.ok(away.headers.get('retry-after'))
  mock.on(endpoint, { body: { access_token: `later of ${sub}`, token_type: 'bearer', expires_in: 60 } })
  assert.equal((await ask()).body.access_token, `later of ${sub}`)
})

test('tokens of others, of identities that are no ids, and where none are kept, are refused', async () => {
  const [one, other] = [await signIn(3600, 'r'), await signIn(3600, 'r')]
  const ask = (id: string) => server.request('GET', `/user/identities/${id}/token`, { token: one.token })
  assert.equal((await ask(other.id)).body.error_code, 'identity_not_found')
  const odd = await ask('nonsense')
  assert.deepEqual([odd.status, odd.body.error_code], [404, 'validation_failed'])
  const off = await startTestServer({
    fetch: mock.fetch,
    env: { ...enabled(['keycloak']), GOTRUE_EXTERNAL_KEYCLOAK_URL: issuer },
  })
  try {
    const { ask: askOff } = await signIn(3600, 'r', off)
    assert.equal((await askOff()).body.error_code, 'feature_disabled')
    assert.deepEqual(await off.sql('select identity_id from postern.provider_tokens'), [])
  } finally {
    await off.close()
  }
})
