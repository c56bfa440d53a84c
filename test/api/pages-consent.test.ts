// The pages on which people let applications and devices use their account, through fetch as browsers ask.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { applicationServer, askAuthorization, askTokens, proofKey, redirect_uri } from '../support/applications.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import { errorsOf, headingOf, newVisitor } from '../support/visitor.ts'

const password = 'correct horse battery staple'
const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
const env = {
  ...applicationServer,
  GOTRUE_OAUTH_SERVER_AUTHORIZATION_PATH: '',
  POSTERN_PAGES: 'true',
  POSTERN_OAUTH_FEATURES: 'device,iss',
}

let server: TestServer
before(async () => {
  server = await startTestServer({ env })
})
after(() => server.close())

async function register(more: object = {}) {
  const body = { redirect_uris: [redirect_uri], token_endpoint_auth_method: 'none', client_name: 'Orders', ...more }
  return String((await server.request('POST', '/oauth/clients/register', { body })).body.client_id)
}

const clientOfDevices = () => register({ grant_types: [grant_type, 'refresh_token'] })

async function ask(client_id: string, scope = 'openid email offline_access') {
  const { code_verifier, code_challenge } = proofKey()
  const query = { client_id, redirect_uri, scope, state: 's-1', code_challenge, code_challenge_method: 'S256' }
  return { code_verifier, address: (await askAuthorization(server, query)).location ?? '' }
}

/** A browser in which a person is signed in. */
async function signedIn({ user }: SignedIn) {
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  await visitor.send('/pages/sign-in', { identifier: user.email, password })
  return visitor
}

test('what an application asks for is told in words, whatever blanks stand between and around', async () => {
  const { address } = await ask(await register(), ' openid  \u00a0email ')
  const visitor = await signedIn(await server.user())
  const page = await visitor.open(address)
  assert.ok(page.text.includes('see your email address'), page.text)
  assert.doesNotMatch(page.text, /<li>\s*<\/li>/)
})

test('without a page of the application people sign in and are asked on ours: who, where to, and what for in words', async () => {
  const client_id = await register({
    client_uri: 'https://orders.example/about',
    logo_uri: 'https://orders.example/logo.png',
  })
  const person = await server.user()
  const { address, code_verifier } = await ask(client_id)
  assert.match(address, /^http:\/\/auth\.example\.test\/pages\/consent\?authorization_id=[a-z2-7]{32}$/)
  const visitor = newVisitor(server)
  assert.equal(headingOf(await visitor.open(address)), 'Sign in')
  const page = await visitor.send('/pages/sign-in', { identifier: person.user.email, password })
  assert.equal(headingOf(page), 'Let Orders use your account?')
  for (const text of [
    `signed in as ${person.user.email}`,
    'You go back to client.example',
    'know which account here is yours',
    'see your email address',
    'do so while you are away',
    'You can take this back at any time',
  ])
    assert.ok(page.text.includes(text), text)
  assert.doesNotMatch(page.text, /logo\.png|phone number/)
  assert.match(page.headers.get('content-security-policy') ?? '', /form-action 'self' https:\/\/client\.example/)
  const left = new URL((await visitor.send('/pages/consent', { action: 'approve' })).left_for)
  assert.equal(`${left.origin}${left.pathname}`, redirect_uri)
  assert.deepEqual([left.searchParams.get('state'), left.searchParams.get('iss')], ['s-1', 'http://auth.example'])
  const code = left.searchParams.get('code') ?? ''
  const tokens = await askTokens(server, { grant_type: 'authorization_code', client_id, code, code_verifier })
  assert.equal(tokens.status, 200, tokens.text)

  const again = await ask(client_id)
  assert.match((await visitor.open(again.address)).left_for, /[?&]code=/, 'who agreed to as much goes on at once')
})

test('the site that an application names is shown where an administrator vouches for it, and not where it registered itself', async () => {
  const about = { client_name: 'Bank', client_uri: 'https://bank.example/about' }
  const own = { ...about, redirect_uris: [redirect_uri], token_endpoint_auth_method: 'none' }
  const made = await server.request('POST', '/admin/oauth/clients', { as: 'service_role', body: own })
  const visitor = await signedIn(await server.user())
  for (const [client_id, isShown] of [
    [await register(about), false],
    [String(made.body.client_id), true],
  ] as const) {
    const page = await visitor.open((await ask(client_id)).address)
    assert.equal(headingOf(page), 'Let Bank use your account?')
    assert.equal(page.text.includes('bank.example'), isShown)
    await visitor.send('/pages/consent', { action: 'approve' })
    const { text } = await visitor.open('/pages/account/applications')
    assert.ok(text.includes('Bank'))
    assert.equal(text.includes('bank.example'), isShown)
  }
})

test('who does not agree sends nothing along but that, and no consent is kept', async () => {
  const client_id = await register()
  const person = await server.user()
  const visitor = await signedIn(person)
  await visitor.open((await ask(client_id)).address)
  const left = new URL((await visitor.send('/pages/consent', { action: 'deny' })).left_for)
  assert.deepEqual([left.searchParams.get('error'), left.searchParams.get('code')], ['access_denied', null])
  assert.deepEqual(await server.sql('select from auth.oauth_consents where user_id = $1', [person.user.id]), [])
})

test('a request that is over, that somebody else answers, or that never was, is told as such', async () => {
  const client_id = await register()
  const { address } = await ask(client_id)
  const visitor = await signedIn(await server.user())
  await visitor.open(address)
  const stranger = await signedIn(await server.user())
  for (const path of [address, '/pages/consent?authorization_id=none', '/pages/consent'])
    assert.deepEqual(
      [(await stranger.open(path)).status, headingOf(await stranger.open(path))],
      [410, 'This request is over'],
    )
  await visitor.send('/pages/consent', { action: 'approve' })
  assert.equal((await visitor.open(address)).status, 410)
})

test('a form of another site cannot agree', async () => {
  const person = await server.user()
  const visitor = await signedIn(person)
  const { address } = await ask(await register())
  const page = await visitor.open(address)
  const [form] = page.forms
  const fields = { ...form?.fields, action: 'approve' }
  const foreign = await visitor.open('/pages/consent', {
    method: 'POST',
    form: fields,
    headers: { origin: 'https://evil.example' },
  })
  assert.equal(foreign.status, 403)
  const { csrf: _, ...bare } = fields as Record<string, string>
  const tokenless = Object.fromEntries(
    Object.entries(bare).filter(([name]) => ['authorization_id', 'action'].includes(name)),
  )
  assert.equal((await visitor.open('/pages/consent', { method: 'POST', form: tokenless })).status >= 400, true)
  assert.deepEqual(await server.sql('select from auth.oauth_consents where user_id = $1', [person.user.id]), [])
})

test('the name of an application is text, whatever is in it', async () => {
  const client_id = await register({ client_name: '<b>Bank</b><script>alert(1)</script>' })
  const page = await (await signedIn(await server.user())).open((await ask(client_id)).address)
  assert.match(page.text, /&lt;b&gt;Bank/)
  assert.doesNotMatch(page.text, /<script>alert|<b>Bank/)
})

test('without pages and without a path the recorded answer stays', async () => {
  const plain = await startTestServer({
    env: { ...env, POSTERN_PAGES: 'false' },
    database: server.database,
    mail: server.mail,
  })
  try {
    const { code_challenge } = proofKey()
    const client_id = await register()
    const query = { client_id, redirect_uri, code_challenge, code_challenge_method: 'S256' }
    const { location } = await askAuthorization(plain, query)
    assert.equal(
      new URL(location ?? '').searchParams.get('error_description'),
      'oauth authorization path not configured',
    )
    const device = await plain.request('POST', '/oauth/device_authorization', {
      form: { client_id: await clientOfDevices() },
    })
    assert.deepEqual([device.status, device.body.error_code], [404, 'feature_disabled'])
  } finally {
    await plain.close()
  }
})

test('a device is let in on the page of codes, which names what asks and says whom the code is for', async () => {
  const client_id = await clientOfDevices()
  const { body } = await server.request('POST', '/oauth/device_authorization', { form: { client_id, scope: 'email' } })
  assert.equal(body.verification_uri, 'http://auth.example.test/pages/device')
  const person = await server.user()
  const visitor = await signedIn(person)
  const filled = await visitor.open(String(body.verification_uri_complete))
  assert.equal(headingOf(filled), 'Connect a device')
  assert.ok(filled.text.includes(`value="${body.user_code}"`), 'filled in, and not yet used')
  const page = await visitor.send('/pages/device')
  assert.equal(headingOf(page), 'Connect this device to Orders?')
  assert.equal(page.path, '/pages/device/confirm')
  assert.ok(page.text.includes(String(body.user_code)) && page.text.includes('see your email address'))
  const poll = () => askTokens(server, { grant_type, client_id, device_code: String(body.device_code) })
  assert.equal((await poll()).body.error, 'authorization_pending')
  const connected = await visitor.send('/pages/device/confirm', { action: 'approve' })
  assert.match(connected.text, /The device is connected/)
  const tokens = await poll()
  assert.equal(tokens.status, 200, tokens.text)
})

test('a code that no device shows is named at its field, and a device may be refused', async () => {
  const client_id = await clientOfDevices()
  const visitor = await signedIn(await server.user())
  await visitor.open('/pages/device')
  assert.deepEqual(errorsOf(await visitor.send('/pages/device', { user_code: '' })), ['Enter the code'])
  const wrong = await visitor.send('/pages/device', { user_code: 'BCDF-GHJK' })
  assert.equal(wrong.status, 404)
  assert.match(errorsOf(wrong)[0] ?? '', /No device shows this code/)
  const { body } = await server.request('POST', '/oauth/device_authorization', { form: { client_id } })
  await visitor.send('/pages/device', { user_code: String(body.user_code).toLowerCase() })
  assert.match((await visitor.send('/pages/device/confirm', { action: 'deny' })).text, /was not connected/)
  const { body: refused } = await askTokens(server, { grant_type, client_id, device_code: String(body.device_code) })
  assert.equal(refused.error, 'access_denied')
})
