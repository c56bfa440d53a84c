// Providers that are down, slow, talk nonsense or too much: an error in the redirect, in time, and nothing written.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { inTime } from '../support/in-time.ts'
import { enabled, type MockAnswer, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const limit_ms = 2000
const issuer = 'https://keycloak.example/realms/main'
let mock: MockProviders
let server: TestServer

before(async () => {
  mock = await startMockProviders()
  server = await startTestServer({
    fetch: mock.fetch,
    pool: 5,
    env: {
      ...enabled(['keycloak', 'google']),
      GOTRUE_EXTERNAL_KEYCLOAK_URL: issuer,
      // A provider gets what is left of a request's time, at most ten seconds.
      GOTRUE_API_MAX_REQUEST_DURATION: `${limit_ms}ms`,
    },
  })
})
after(async () => {
  await server.close()
  await mock.stop()
})

const token = `${issuer}/protocol/openid-connect/token`
const userinfo = `${issuer}/protocol/openid-connect/userinfo`
const good = { body: { access_token: 'a', token_type: 'bearer' } }
const never = new Promise<MockAnswer>(() => {})

const faults: Record<string, { at: string; answer: MockAnswer | (() => Promise<MockAnswer>) }> = {
  'a token endpoint that is down': { at: token, answer: { status: 503, body: 'down' } },
  'a token endpoint that is silent': { at: token, answer: () => never },
  'a token endpoint that talks nonsense': { at: token, answer: { body: '<html>' } },
  'a token endpoint that sends fifty megabytes': { at: token, answer: { megabytes: 50 } },
  'a token endpoint that gives no token': { at: token, answer: { body: {} } },
  'a profile that is down': { at: userinfo, answer: { status: 500, body: {} } },
  'a profile that is silent': { at: userinfo, answer: () => never },
  'a profile that is no object': { at: userinfo, answer: { body: '[1,2]' } },
  'a profile with characters that cannot be stored': {
    at: userinfo,
    answer: { body: { sub: '1', email: 'nul@example.com', name: 'a\0b' } },
  },
}

for (const [name, { at, answer }] of Object.entries(faults))
  test(`FLT-18 ${name}: an error in the redirect, in time, and others do not wait`, async () => {
    mock.on(token, good)
    mock.on(userinfo, { body: { sub: '1', email: 'ada@example.com', email_verified: true } })
    mock.on(at, answer)
    const { access_token } = await server.user({ email: `${name.replaceAll(' ', '-')}@example.com` })
    const states = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { location } = await server.request('GET', '/authorize?provider=keycloak')
        return new URL(location ?? '').searchParams.get('state') ?? ''
      }),
    )
    const callbacks = inTime(
      limit_ms + 1000,
      Promise.all(
        states.map((state) => server.request('GET', `/callback?${new URLSearchParams({ state, code: 'c' })}`)),
      ),
    )
    let ended = false
    const end = () => {
      ended = true
    }
    callbacks.then(end, end)
    for (let asked = 0; asked < 50 && !ended; asked++) {
      const answer = await inTime(limit_ms / 2, server.request('GET', '/user', { token: access_token }))
      assert.equal(answer.status, 200)
    }
    for (const { status, location } of await callbacks) {
      assert.equal(status, 302)
      assert.match(location ?? '', /^http:\/\/site\.example.*error=/)
      assert.doesNotMatch(location ?? '', /access_token|127\.0\.0\.1|SELECT/i)
    }
    assert.deepEqual(await server.sql(`select id from auth.identities where provider = 'keycloak'`), [])
  })

test('FLT-18 keys that cannot be had are an error of ours, and those that were had go on while the issuer is away', async () => {
  const google = 'https://accounts.google.com'
  const sign = (sub: string) =>
    mock.sign({ iss: google, aud: 'google-client', sub, email: `${sub}@example.com`, email_verified: true })
  const present = async (sub: string) =>
    server.request('POST', '/token?grant_type=id_token', { body: { provider: 'google', id_token: await sign(sub) } })
  mock.on(`${google}/.well-known/openid-configuration`, { status: 503, body: {} })
  const refused = await present('early')
  assert.equal(refused.status, 500)
  assert.equal(refused.body.error_code, 'unexpected_failure')
  mock.publish(google)
  const fresh = await startTestServer({ fetch: mock.fetch, env: enabled(['google']) })
  try {
    const first = await fresh.request('POST', '/token?grant_type=id_token', {
      body: { provider: 'google', id_token: await sign('first') },
    })
    assert.equal(first.status, 200, first.text)
    mock.on(`${google}/.well-known/openid-configuration`, { status: 503, body: {} })
    mock.on(`${google}/keys`, { status: 503, body: {} })
    const second = await fresh.request('POST', '/token?grant_type=id_token', {
      body: { provider: 'google', id_token: await sign('second') },
    })
    assert.equal(second.status, 200, second.text)
  } finally {
    await fresh.close()
  }
})
