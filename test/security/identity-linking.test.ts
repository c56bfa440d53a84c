// REV-06: an identity is linked by the person who asked for it, who says so where nothing else tells who came back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { enabled, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let mock: MockProviders
let server: TestServer
let people = 0

const env = { ...enabled(['github']), GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true' }

before(async () => {
  mock = await startMockProviders()
  server = await startTestServer({ fetch: mock.fetch, env })
})
after(async () => {
  await server.close()
  await mock.stop()
})

/** GitHub as it answers about one person; the account of somebody who wants to be linked to it. */
async function asking(on = server) {
  const id = ++people
  const email = `github${id}@example.com`
  mock.on('https://github.com/login/oauth/access_token', { body: { access_token: 'a', token_type: 'bearer' } })
  mock.on('https://api.github.com/user', { body: { id, login: `login${id}` } })
  mock.on('https://api.github.com/user/emails', { body: [{ email, primary: true, verified: true }] })
  const account = await on.user({ email: `asks${id}<b>@example.com`.replace('<b>', '') })
  return { email, ...account }
}

async function begin(token: string, on = server): Promise<string> {
  const path = '/user/identities/authorize?provider=github&redirect_to=http://localhost:3000'
  const { location } = await on.request('GET', path, { token })
  return new URL(location ?? '').searchParams.get('state') ?? ''
}

const comeBack = (state: string, on = server) =>
  on.request('GET', `/callback?${new URLSearchParams({ state, code: 'c' })}`)
const linked = (id: string, on = server) =>
  on.sql("select provider from auth.identities where user_id = $1 and provider = 'github'", [id])
const field = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? ''
const agree = (state: string, secret: string, on = server) =>
  on.request('POST', '/callback/link', { form: { state, secret } })
const errorOf = (location: string | null) => new URL(location ?? '').searchParams.get('error_code')

test('REV-06 the person who comes back is shown both accounts, and nothing is linked before they agree', async () => {
  const { access_token, user, email } = await asking()
  const state = await begin(access_token)
  const page = await comeBack(state)
  assert.equal(page.status, 200)
  assert.match(String(page.headers.get('content-type')), /text\/html/)
  assert.match(String(page.headers.get('content-security-policy')), /frame-ancestors 'none'/)
  assert.match(String(page.headers.get('cache-control')), /no-store/)
  assert.ok(page.text.includes(email), 'the account of the provider')
  assert.ok(page.text.includes(user.email), 'the account here')
  assert.deepEqual(await linked(user.id), [])
  assert.match(page.text, /href="http:\/\/localhost:3000\/?\?error=access_denied/)
  const secret = field(page.text, 'secret')
  const done = await agree(field(page.text, 'state'), secret)
  assert.match(String(done.location), /^http:\/\/localhost:3000\/?#access_token=/)
  assert.deepEqual(await linked(user.id), [{ provider: 'github' }])
  assert.equal(errorOf((await agree(state, secret)).location), 'bad_oauth_state', 'the page works once')
})

test('REV-06 who knows the state but did not come back cannot agree, and what they try costs nothing', async () => {
  const { access_token, user } = await asking()
  const state = await begin(access_token)
  assert.equal(errorOf((await agree(state, '')).location), 'bad_oauth_state', 'before anybody came back')
  const page = await comeBack(state)
  for (const secret of ['', 'x', 'a'.repeat(56)])
    assert.equal(errorOf((await agree(state, secret)).location), 'bad_oauth_state')
  assert.equal(errorOf((await agree('no uuid', 'x')).location), 'bad_oauth_state')
  assert.deepEqual(await linked(user.id), [])
  await agree(state, field(page.text, 'secret'))
  assert.deepEqual(await linked(user.id), [{ provider: 'github' }])
})

test('REV-06 twenty buttons at once link once', async () => {
  const { access_token, user } = await asking()
  const state = await begin(access_token)
  const secret = field((await comeBack(state)).text, 'secret')
  const answers = await Promise.all(Array.from({ length: 20 }, () => agree(state, secret)))
  assert.equal(answers.filter(({ location }) => location?.includes('access_token')).length, 1)
  assert.equal((await linked(user.id)).length, 1)
})

for (const when of ['before the callback', 'before the button'])
  test(`REV-06 a link whose session ended ${when} is not made, though the person has another session`, async () => {
    const { access_token, user } = await asking()
    await server.request('POST', '/token?grant_type=password', {
      body: { email: user.email, password: 'correct horse battery staple' },
    })
    const state = await begin(access_token)
    const out = () => server.request('POST', '/logout?scope=local', { token: access_token })
    if (when === 'before the callback') await out()
    const page = await comeBack(state)
    await out()
    const done = await agree(state, field(page.text, 'secret'))
    assert.equal(errorOf(done.location), 'session_not_found')
    assert.deepEqual(await linked(user.id), [])
  })

test('REV-06 with PKCE the session that asked must live too', async () => {
  const { access_token, user } = await asking()
  await server.request('POST', '/token?grant_type=password', {
    body: { email: user.email, password: 'correct horse battery staple' },
  })
  const verifier = 'v'.repeat(43)
  const path = `/user/identities/authorize?provider=github&code_challenge=${verifier}&code_challenge_method=plain`
  const { location } = await server.request('GET', path, { token: access_token })
  const back = await comeBack(new URL(location ?? '').searchParams.get('state') ?? '')
  const auth_code = new URL(back.location ?? '').searchParams.get('code')
  await server.request('POST', '/logout?scope=local', { token: access_token })
  const body = { auth_code, code_verifier: verifier }
  const done = await server.request('POST', '/token?grant_type=pkce', { body })
  assert.equal(done.body.error_code, 'session_not_found')
  assert.deepEqual(await linked(user.id), [])
})

test('REV-06 POSTERN_LINK_CONFIRM=false links at once, as recorded, but for a session that ended', async () => {
  const open = await startTestServer({ fetch: mock.fetch, env: { ...env, POSTERN_LINK_CONFIRM: 'false' } })
  try {
    const first = await asking(open)
    const done = await comeBack(await begin(first.access_token, open), open)
    assert.match(String(done.location), /access_token=/)
    assert.equal((await linked(first.user.id, open)).length, 1)
    const second = await asking(open)
    const state = await begin(second.access_token, open)
    await open.request('POST', '/logout', { token: second.access_token })
    assert.equal(errorOf((await comeBack(state, open)).location), 'session_not_found')
    assert.equal((await linked(second.user.id, open)).length, 0)
  } finally {
    await open.close()
  }
})
