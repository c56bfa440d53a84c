// GET /callback: coming back from an identity provider, to a session, to a code, or to the reason why not.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { enabled, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'

let mock: MockProviders
let server: TestServer

before(async () => {
  mock = await startMockProviders()
  server = await startTestServer({
    fetch: mock.fetch,
    env: { ...enabled(['github']), POSTERN_RATE_LIMIT_STORE: 'memory' },
  })
})
after(async () => {
  await server.close()
  await mock.stop()
})

/** GitHub as it answers about one person. */
function github(id: number, email: string): void {
  mock.on('https://github.com/login/oauth/access_token', { body: { access_token: 'a', token_type: 'bearer' } })
  mock.on('https://api.github.com/user', { body: { id, login: `login${id}`, name: 'Ada' } })
  mock.on('https://api.github.com/user/emails', { body: [{ email, primary: true, verified: true }] })
}

/** Goes to the provider, and gives the state to come back with. */
async function begin(query = ''): Promise<string> {
  const { location } = await server.request('GET', `/authorize?provider=github${query}`)
  return new URL(location ?? '').searchParams.get('state') ?? ''
}
const comeBack = (state: string, more: Record<string, string> = { code: 'c' }) =>
  server.request('GET', `/callback?${new URLSearchParams({ state, ...more })}`)
const fragmentOf = ({ location }: Answer) => new URLSearchParams(new URL(location ?? '').hash.slice(1))
const usersOf = (email: string) =>
  server.sql<{ id: string; provider: string }>(
    `select u.id, i.provider from auth.users u left join auth.identities i on i.user_id = u.id where u.email = $1`,
    [email],
  )

test('the first sign-in makes an account with an identity, the second finds it, and both lead back with a session', async () => {
  github(1, 'first@example.com')
  const answer = await comeBack(await begin('&redirect_to=https://app.example/in'))
  assert.match(answer.location ?? '', /^https:\/\/app\.example\/in#/)
  const { body } = await server.request('GET', '/user', { token: fragmentOf(answer).get('access_token') ?? '' })
  assert.deepEqual([body.email, Object(body.app_metadata).providers], ['first@example.com', ['github']])
  assert.deepEqual(await usersOf('first@example.com'), [{ id: body.id, provider: 'github' }])
  const again = await comeBack(await begin())
  assert.ok(fragmentOf(again).get('refresh_token'))
  assert.deepEqual(await usersOf('first@example.com'), [{ id: body.id, provider: 'github' }])
})

test('who began with a challenge gets a code, which its verifier exchanges for a session once', async () => {
  github(2, 'pkce@example.com')
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  const state = await begin(`&code_challenge=${code_challenge}&code_challenge_method=s256`)
  const { searchParams, hash } = new URL((await comeBack(state)).location ?? '')
  assert.equal(hash, '')
  const exchange = () =>
    server.request('POST', '/token?grant_type=pkce', { body: { auth_code: searchParams.get('code'), code_verifier } })
  const { status, body } = await exchange()
  assert.deepEqual([status, Object(body.user).email], [200, 'pkce@example.com'])
  assert.equal((await exchange()).body.error_code, 'flow_state_not_found')
})

test('what the provider refuses is told in the redirect, and makes nothing', async () => {
  github(3, 'refused@example.com')
  const state = await begin()
  const { location } = await comeBack(state, { error: 'access_denied', error_description: 'not today' })
  const { searchParams } = new URL(location ?? '')
  assert.deepEqual([searchParams.get('error'), searchParams.get('error_description')], ['access_denied', 'not today'])
  assert.deepEqual(await usersOf('refused@example.com'), [])
})

test('coming back to an account that is there takes eleven round trips', async () => {
  github(4, 'trips@example.com')
  const states: string[] = []
  for (let turn = 0; turn < 11; turn++) states.push(await begin())
  const trips = await server.countRoundTrips(async (turn) => {
    assert.ok(fragmentOf(await comeBack(states[turn] ?? '')).has('access_token'))
  })
  assert.equal(trips, 11)
})
