// Other ways of hosted sign-in through fetch: providers, phones, wallets, captchas, going on without an account.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { enabled, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { samlEnv } from '../support/saml-provider.ts'
import { connect } from '../support/saml-sign-in.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { errorsOf, headingOf, newVisitor, testOrigin } from '../support/visitor.ts'
import { ethereumWallet, walletMessage } from '../support/wallets.ts'

const password = 'correct horse battery staple'
let mock: MockProviders
let server: TestServer

before(async () => {
  mock = await startMockProviders()
  server = await startTestServer({
    fetch: mock.fetch,
    env: {
      ...enabled(['github']),
      POSTERN_PAGES: 'true',
      POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true',
      GOTRUE_EXTERNAL_REDIRECTURL: 'https://app.example/after',
      GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_MAX_FREQUENCY: '1h',
      GOTRUE_SMS_TEST_OTP: '447700900001:123456,447700900002:123456,447700900003:123456',
      GOTRUE_SMS_PROVIDER: 'twilio',
      GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true',
    },
  })
})
after(async () => {
  await server.close()
  await mock.stop()
})

/** A server on the same database with other variables. */
async function withServer(env: Record<string, string>, work: (other: TestServer) => Promise<void>): Promise<void> {
  const other = await startTestServer({
    database: server.database,
    mail: server.mail,
    fetch: mock.fetch,
    env: { POSTERN_PAGES: 'true', ...env },
  })
  try {
    await work(other)
  } finally {
    await other.auth.close()
  }
}

function github(email: string): void {
  mock.on('https://github.com/login/oauth/access_token', { body: { access_token: 'a', token_type: 'bearer' } })
  mock.on('https://api.github.com/user', { body: { id: email.length, login: email, name: 'Ada' } })
  mock.on('https://api.github.com/user/emails', { body: [{ email, primary: true, verified: true }] })
}

test('a provider signs in with PKCE: no token ever stands in an address', async () => {
  github('octocat@example.com')
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in?redirect_to=/pages/new-password')
  const away = await visitor.open('/pages/with/github?redirect_to=/pages/new-password')
  const state = new URL(away.left_for).searchParams.get('state') ?? ''
  const back = await visitor.open(`/callback?${new URLSearchParams({ state, code: 'c' })}`)
  assert.equal(back.path, '/pages/new-password')
  assert.equal(headingOf(back), 'Set a new password')
  const tokens = server.log.filter((line) => /access_token|refresh_token/.test(JSON.stringify(line)))
  assert.deepEqual(tokens, [])
})

test('a refusal at the provider comes back to the page, with words of ours', async () => {
  const visitor = newVisitor(server)
  const away = await visitor.open('/pages/with/github')
  const state = new URL(away.left_for).searchParams.get('state') ?? ''
  const query = new URLSearchParams({ state, error: 'access_denied', error_description: '<b>No</b> way' })
  const back = await visitor.open(`/callback?${query}`)
  assert.equal(headingOf(back), 'Sign in')
  assert.match(back.text, /You did not sign in with GitHub/)
  assert.doesNotMatch(back.text, /way<|<b>/)
  assert.doesNotMatch((await visitor.open('/pages/sign-in')).text, /You did not/, 'told once')
})

test('what this server itself refuses after a provider has words: no new accounts, or a blocked one', async () => {
  const visitor = newVisitor(server)
  await visitor.open('/pages/with/github')
  const refused = await visitor.open('/pages/callback?error=access_denied&error_code=signup_disabled')
  assert.match(refused.text, /New accounts cannot be made here/)
  await visitor.open('/pages/with/github')
  const blocked = await visitor.open('/pages/callback?error=access_denied&error_code=user_banned')
  assert.equal(headingOf(blocked), 'This account is blocked')
})

test('a provider that is not enabled is refused in words', async () => {
  const page = await newVisitor(server).open('/pages/with/google')
  assert.equal(page.status, 400)
  assert.equal(errorsOf(page).length, 1)
})

test('an account for a phone number is made, and confirmed by the code of a message', async () => {
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-up')
  const identifier = '+44 7700 900003'
  const sent = await visitor.send('/pages/sign-up', { identifier, 'new-password': password })
  assert.equal(headingOf(sent), 'Check your phone')
  assert.match((await visitor.send('/pages/enter-code', { code: '123456' })).path, /^\/pages\/account/)
  const again = newVisitor(server)
  await again.open('/pages/sign-in')
  assert.match((await again.send('/pages/sign-in', { identifier, password })).path, /^\/pages\/account/)
})

test('a phone number signs in by a code, and one that is not there makes no account', async () => {
  await server.request('POST', '/admin/users', {
    as: 'service_role',
    body: { phone: '447700900001', phone_confirm: true },
  })
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  const sent = await visitor.send('/pages/sign-in', { identifier: '+44 7700 900001', way: 'code' })
  assert.equal(headingOf(sent), 'Check your phone')
  assert.match((await visitor.send('/pages/enter-code', { code: '123 456' })).path, /^\/pages\/account/)
  const unknown = newVisitor(server)
  await unknown.open('/pages/sign-in')
  const same = await unknown.send('/pages/sign-in', { identifier: '+44 7700 900002', way: 'code' })
  assert.equal(headingOf(same), 'Check your phone')
  assert.deepEqual(await server.sql("select id from auth.users where phone = '447700900002'"), [])
  // Both wait for another code, and both are refused one at once.
  for (const one of [visitor, unknown]) {
    await one.open('/pages/sign-in?prompt=login')
    const identifier = one === visitor ? '+44 7700 900001' : '+44 7700 900002'
    const soon = await one.send('/pages/sign-in', { identifier, way: 'code' })
    assert.equal(soon.status, 429)
    assert.match(soon.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    assert.equal(errorsOf(soon).length, 1)
  }
})

test('somebody goes on without an account', async () => {
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  assert.match((await visitor.send('/pages/guest')).path, /^\/pages\/account/)
  const [row] = await server.sql<{ count: number }>('select count(*)::int as count from auth.users where is_anonymous')
  assert.equal(row?.count, 1)
})

test('a wallet signs in with a message for the pages, and for no other page', () =>
  withServer(
    {
      POSTERN_PAGES_URL: 'https://me.example.test',
      GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true',
    },
    async (other) => {
      const wallet = ethereumWallet()
      const visitor = newVisitor(other, { origin: 'https://me.example.test' })
      const page = await visitor.open('/pages/sign-in')
      assert.match(page.text, /data-uri="https:\/\/me\.example\.test\/pages\/sign-in"/)
      const sendSigned = (domain: string, uri: string) => {
        const message = walletMessage(wallet, { domain, uri, chainId: '1' })
        const fields = { chain: 'ethereum', message: message.replaceAll('\n', '\r\n'), signature: wallet.sign(message) }
        return visitor.send('/pages/wallet', fields)
      }
      const foreign = await sendSigned('evil.example', 'https://evil.example/pages/sign-in')
      assert.equal(foreign.status, 400)
      const signed = await sendSigned('me.example.test', 'https://me.example.test/pages/sign-in')
      assert.match(signed.path, /^\/pages\/account/)
    },
  ))

test('a provider that an administrator added is offered by its name while it is switched on, and signs in', async () => {
  const idp = 'https://people.example'
  const added = {
    provider_type: 'oauth2',
    identifier: 'custom:people',
    name: 'People & Co',
    client_id: 'people-client',
    client_secret: 'a secret',
    authorization_url: `${idp}/authorize`,
    token_url: `${idp}/token`,
    userinfo_url: `${idp}/me`,
    pkce_enabled: false,
  }
  const made = await server.request('POST', '/admin/custom-providers', { as: 'service_role', body: added })
  assert.equal(made.status, 201, made.text)
  mock.on(`${idp}/token`, { body: { access_token: 'a', token_type: 'bearer' } })
  mock.on(`${idp}/me`, { body: { sub: '7', email: 'seven@example.com', email_verified: true } })
  const visitor = newVisitor(server)
  const page = await visitor.open('/pages/sign-in')
  assert.match(page.text, />Continue with People &amp; Co</)
  const [, way = ''] = /href="(\/pages\/with\/custom[^"]*)"/.exec(page.text) ?? []
  const away = await visitor.open(way)
  const state = new URL(away.left_for).searchParams.get('state') ?? ''
  assert.match((await visitor.open(`/callback?${new URLSearchParams({ state, code: 'c' })}`)).path, /^\/pages\/account/)
  const off = { as: 'service_role', body: { enabled: false } } as const
  await server.request('PUT', '/admin/custom-providers/custom:people', off)
  assert.doesNotMatch((await newVisitor(server).open('/pages/sign-in')).text, /People/)
})

test('people of a company go to the provider of their domain, and come back signed in', () =>
  withServer(samlEnv, async (other) => {
    const provider = await connect(other, { domains: ['corp.example'] })
    const visitor = newVisitor(other)
    const start = await visitor.open('/pages/sign-in?redirect_to=/pages/account/devices')
    assert.match(start.text, /Continue with your organization/)
    await visitor.open('/pages/organization?redirect_to=/pages/account/devices')
    const unknown = await visitor.send('/pages/organization', { organization: 'ada@elsewhere.example' })
    assert.deepEqual(errorsOf(unknown), ['No organization is set up for this address.'])
    const found = await visitor.send('/pages/organization', { organization: 'ada@corp.example' })
    const [, href = ''] = /href="(https:\/\/idp\.example\/sso[^"]*)"/.exec(found.text) ?? []
    const address = new URL(href.replaceAll('&amp;', '&'))
    const request = inflateRawSync(Buffer.from(address.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
    const [, in_response_to = ''] = / ID="([^"]+)"/.exec(request) ?? []
    const answer = provider.response({ in_response_to, attributes: { email: 'ada@corp.example' } })
    const form = { SAMLResponse: answer, RelayState: address.searchParams.get('RelayState') ?? '' }
    const back = await visitor.open('/sso/saml/acs', {
      method: 'POST',
      form,
      headers: { origin: 'https://idp.example' },
    })
    assert.equal(back.path, '/pages/account/devices')
  }))

test('only what is enabled is shown', async () => {
  await withServer(
    { GOTRUE_EXTERNAL_EMAIL_MAGIC_LINK_ENABLED: 'false', GOTRUE_DISABLE_SIGNUP: 'true' },
    async (other) => {
      const { text } = await newVisitor(other).open('/pages/sign-in')
      assert.match(text, /<label for="identifier">Email address</)
      assert.doesNotMatch(text, /link or code|Create an account|Continue with|without an account|passkey/)
      const signUp = await newVisitor(other).open('/pages/sign-up')
      assert.equal(headingOf(signUp), 'New accounts cannot be made here')
    },
  )
  await withServer({ GOTRUE_EXTERNAL_EMAIL_ENABLED: 'false', ...enabled(['github']) }, async (other) => {
    const { text } = await newVisitor(other).open('/pages/sign-in')
    assert.match(text, /Continue with GitHub/)
    assert.doesNotMatch(text, /identifier|password/)
  })
  await withServer({ GOTRUE_EXTERNAL_EMAIL_ENABLED: 'false' }, async (other) => {
    assert.equal(headingOf(await newVisitor(other).open('/pages/sign-in')), 'Nobody can sign in here')
  })
})

test('a captcha widget is on the page, its service is allowed there alone, and its answer is checked', async () => {
  const verdicts = 'https://challenges.cloudflare.com/turnstile/v0/siteverify'
  mock.on(verdicts, ({ form }) => ({ body: { success: form.response === 'solved' } }))
  const env = {
    GOTRUE_SECURITY_CAPTCHA_ENABLED: 'true',
    GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
    GOTRUE_SECURITY_CAPTCHA_PROVIDER: 'turnstile',
    GOTRUE_SECURITY_CAPTCHA_SECRET: 'captcha secret',
    POSTERN_CAPTCHA_SITE_KEY: 'site-key"><script>',
  }
  await withServer(env, async (other) => {
    const { user } = await server.user()
    const visitor = newVisitor(other)
    const page = await visitor.open('/pages/sign-in')
    assert.equal(page.text.split('<div class="cf-turnstile"').length, 2, 'one widget serves all forms')
    assert.match(page.text, /<div class="cf-turnstile" data-sitekey="site-key&quot;&gt;&lt;script&gt;">/)
    const policy = page.headers.get('content-security-policy') ?? ''
    assert.match(policy, /script-src 'self' https:\/\/challenges\.cloudflare\.com;/)
    assert.match(policy, /frame-src https:\/\/challenges\.cloudflare\.com;/)
    assert.doesNotMatch(
      (await visitor.open('/pages/nowhere')).headers.get('content-security-policy') ?? '',
      /cloudflare/,
    )
    await visitor.open('/pages/sign-in')
    const fields = { identifier: user.email, password }
    const refused = await visitor.send('/pages/sign-in', fields)
    assert.deepEqual(errorsOf(refused), ['We could not confirm that you are human. Please try again.'])
    const solved = await visitor.send('/pages/sign-in', { ...fields, 'cf-turnstile-response': 'solved' })
    assert.match(solved.path, /^\/pages\/account/)
  })
})

test('pages below a path of a gateway keep it in every address', () =>
  withServer({ API_EXTERNAL_URL: `${testOrigin}/auth/v1`, POSTERN_BASE_PATH: '/auth/v1' }, async (other) => {
    const { user } = await server.user()
    const visitor = newVisitor(other)
    const page = await visitor.open('/auth/v1/pages/sign-in')
    const targets = [...page.text.matchAll(/(?:href|action|src)="(\/[^"]*)"/g)].map(([, target = '']) => target)
    assert.deepEqual(
      targets.filter((target) => !target.startsWith('/auth/v1/pages/')),
      [],
    )
    const signed = await visitor.send('/pages/sign-in', { identifier: user.email, password })
    assert.match(signed.path, /^\/auth\/v1\/pages\/account/)
  }))
