// Races of external sign-in: the same callback, the same ID token, and the same first sign-in, twenty times at once.
import assert from 'node:assert/strict'
import { enabled, type MockProviders } from './mock-providers.ts'
import { type Servers, together } from './races.ts'
import type { Answer } from './server.ts'

const google = 'https://accounts.google.com'
let people = 0

/** Variables for these races; every https address leads to the mock. */
export const providerEnv = { ...enabled(['google', 'github']), GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true' }

/** A race that needs providers. */
export type ProviderRace = (servers: Servers, mock: MockProviders) => Promise<void>

/** What an account has come to. */
const countsOf = async ({ first }: Servers, email: string) =>
  (
    await first.sql<{ users: number; identities: number; sessions: number }>(
      `select count(distinct u.id)::int as users, count(distinct i.id)::int as identities,
          count(distinct s.id)::int as sessions
        from auth.users u left join auth.identities i on i.user_id = u.id left join auth.sessions s on s.user_id = u.id
        where u.email = $1`,
      [email],
    )
  )[0]

const idToken = (mock: MockProviders, sub: string, email: string) => {
  mock.publish(google)
  return mock.sign({ iss: google, aud: 'google-client', sub, email, email_verified: true })
}

const withIdToken = (id_token: string) => ({ body: { provider: 'google', id_token } })
const succeeded = (answers: Answer[]) => answers.filter(({ status }) => status === 200).length

/** GitHub as it answers about one person. */
function github(mock: MockProviders, id: number, email: string): void {
  mock.on('https://github.com/login/oauth/access_token', { body: { access_token: 'a', token_type: 'bearer' } })
  mock.on('https://api.github.com/user', { body: { id, login: `login${id}`, name: 'Ada' } })
  mock.on('https://api.github.com/user/emails', { body: [{ email, primary: true, verified: true }] })
}

const stateOf = ({ location }: Answer) => new URL(location ?? '').searchParams.get('state') ?? ''

/** Races by the id of their case in the security rules. */
export const providerRaces: Record<string, ProviderRace> = {
  async 'IDP-05 one ID token opens one session'(servers, mock) {
    const email = `idp05-${++people}@example.com`
    const token = await idToken(mock, `idp05-${people}`, email)
    const answers = await together(servers, (server) =>
      server.request('POST', '/token?grant_type=id_token', withIdToken(token)),
    )
    assert.equal(succeeded(answers), 1)
    assert.ok(answers.every(({ status }) => status === 200 || status === 400))
    assert.deepEqual(await countsOf(servers, email), { users: 1, identities: 1, sessions: 1 })
  },

  async 'IDP-10 twenty first sign-ins of one person make one account'(servers, mock) {
    const email = `idp10-${++people}@example.com`
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, i) => idTokenOf(mock, email, i)))
    const answers = await together(servers, (server, i) =>
      server.request('POST', '/token?grant_type=id_token', withIdToken(tokens[i] ?? '')),
    )
    assert.equal(succeeded(answers), 20, answers.find(({ status }) => status !== 200)?.text)
    assert.equal(new Set(answers.map(({ body }) => Object(body.user).id)).size, 1)
    assert.deepEqual(await countsOf(servers, email), { users: 1, identities: 1, sessions: 20 })
  },

  async 'IDP-12 one callback succeeds once'(servers, mock) {
    const email = `idp12-${++people}@example.com`
    github(mock, 120_000 + people, email)
    const state = stateOf(await servers.first.request('GET', '/authorize?provider=github'))
    const answers = await together(servers, (server) =>
      server.request('GET', `/callback?${new URLSearchParams({ state, code: 'c' })}`),
    )
    const opened = answers.filter(({ location }) => location?.includes('access_token='))
    assert.equal(opened.length, 1)
    for (const { location } of answers)
      assert.match(location ?? '', /access_token=|error_code=(bad_oauth_state|flow_state_already_used)/)
    assert.deepEqual(await countsOf(servers, email), { users: 1, identities: 1, sessions: 1 })
  },

  async 'IDP-10 twenty round trips of one new person make one account'(servers, mock) {
    const email = `idp10c-${++people}@example.com`
    github(mock, 100_000 + people, email)
    const states = await Promise.all(
      Array.from({ length: 20 }, async () => stateOf(await servers.first.request('GET', '/authorize?provider=github'))),
    )
    const answers = await together(servers, (server, i) =>
      server.request('GET', `/callback?${new URLSearchParams({ state: states[i] ?? '', code: 'c' })}`),
    )
    for (const { location } of answers) assert.match(location ?? '', /access_token=/)
    assert.deepEqual(await countsOf(servers, email), { users: 1, identities: 1, sessions: 20 })
  },

  async 'ACC-17 of two identities that are unlinked at once one stays'(servers, mock) {
    const { access_token: token, user } = await servers.first.user({ email: `acc17-${++people}@example.com` })
    const linked = await servers.first.request('POST', '/token?grant_type=id_token', {
      token,
      body: { ...withIdToken(await idToken(mock, `acc17-${people}`, user.email)).body, link_identity: true },
    })
    assert.equal(linked.status, 200, linked.text)
    const identities = await servers.first.sql<{ id: string }>('select id from auth.identities where user_id = $1', [
      user.id,
    ])
    const answers = await together(servers, (server, i) =>
      server.request('DELETE', `/user/identities/${identities[(i >> 1) % 2]?.id}`, { token }),
    )
    assert.equal(succeeded(answers), 1)
    for (const { status, body } of answers)
      if (status !== 200)
        assert.ok(['single_identity_not_deletable', 'identity_not_found'].includes(String(body.error_code)))
    assert.equal((await servers.first.sql('select 1 from auth.identities where user_id = $1', [user.id])).length, 1)
  },
}

const idTokenOf = (mock: MockProviders, email: string, i: number) => {
  mock.publish(google)
  return mock.sign({
    iss: google,
    aud: 'google-client',
    sub: `sub of ${email}`,
    email,
    email_verified: true,
    jti: `${i}`,
  })
}
