// REV-06 on the pages: both accounts are named by this server alone, and only the button links them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { enabled, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { headingOf, newVisitor } from '../support/visitor.ts'

let mock: MockProviders
let server: TestServer

before(async () => {
  mock = await startMockProviders()
  const env = { ...enabled(['github']), GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true', POSTERN_PAGES: 'true' }
  server = await startTestServer({ fetch: mock.fetch, env })
  mock.on('https://github.com/login/oauth/access_token', { body: { access_token: 'a', token_type: 'bearer' } })
  mock.on('https://api.github.com/user', { body: { id: 7, login: 'seven' } })
  mock.on('https://api.github.com/user/emails', {
    body: [{ email: 'seven@example.com', primary: true, verified: true }],
  })
})
after(async () => {
  await server.close()
  await mock.stop()
})

const identitiesOf = (id: string) =>
  server.sql("select provider from auth.identities where user_id = $1 and provider = 'github'", [id])

test('the page names both accounts, and its button links them and goes on to the application', async () => {
  const { user, access_token: token } = await server.user()
  const path = '/user/identities/authorize?provider=github&redirect_to=http://localhost:3000'
  const { location } = await server.request('GET', path, { token })
  const state = new URL(location ?? '').searchParams.get('state') ?? ''
  const visitor = newVisitor(server)
  const page = await visitor.open(`/callback?${new URLSearchParams({ state, code: 'c' })}`)
  assert.equal(headingOf(page), 'Link the two accounts?')
  assert.match(page.text, new RegExp(`seven@example\\.com \\(GitHub\\) will open the account ${user.email} here`))
  assert.match(page.headers.get('content-security-policy') ?? '', /form-action 'self' http:\/\/localhost:3000;/)
  assert.deepEqual(await identitiesOf(user.id), [])
  const agreed = await visitor.send('/pages/link')
  assert.match(agreed.left_for, /^http:\/\/localhost:3000\/?#access_token=/)
  assert.equal((await identitiesOf(user.id)).length, 1)
})

test('nobody else can put names on the page: a question that was not sealed here is none', async () => {
  for (const question of ['', 'x', Buffer.from('{"link_question":{"identity":"me"}}').toString('base64url')]) {
    const page = await newVisitor(server).open(`/pages/link?${new URLSearchParams({ question })}`)
    assert.equal(page.status, 400)
    assert.equal(headingOf(page), 'Start again')
  }
  const kept = newVisitor(server)
  await kept.open('/pages/sign-in')
  await kept.send('/pages/sign-in', { identifier: 'somebody@example.com', way: 'code' })
  // What this server sealed for something else is no question either.
  const sealed = kept.cookies.get('postern-kept-code') ?? ''
  assert.notEqual(sealed, '')
  assert.equal((await kept.open(`/pages/link?${new URLSearchParams({ question: sealed })}`)).status, 400)
})
