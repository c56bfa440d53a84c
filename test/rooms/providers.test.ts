// Every provider with a recorded profile: the way there, the token call, the profile calls, the identity.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { providerNames } from '../../src/config/families.ts'
import { providersMarkdown } from '../../src/providers/markdown.ts'
import { providers } from '../../src/providers/registry.ts'
import { enabled, type MockCall, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { type ProviderRecord, records } from '../support/provider-records.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let mock: MockProviders
let server: TestServer

before(async () => {
  mock = await startMockProviders()
  server = await startTestServer({
    fetch: mock.fetch,
    env: { ...enabled(providerNames), GOTRUE_EXTERNAL_KEYCLOAK_URL: 'https://keycloak.example/realms/main/' },
  })
})
after(async () => {
  await server.close()
  await mock.stop()
})

/** The other side: a token endpoint that takes credentials one way only, and the profile calls. */
async function play(name: string, record: ProviderRecord): Promise<void> {
  if (record.issuer)
    mock.publish(record.issuer, { authorization_endpoint: record.authorize, token_endpoint: record.token })
  const id_token = record.id_token && (await mock.sign({ aud: `${name}-client`, nonce: undefined, ...record.id_token }))
  mock.on(record.token, (call) => {
    if (credentialsOf(call)?.way !== record.credentials) return { status: 401, body: { error: 'invalid_client' } }
    return {
      body: { access_token: `${name}-access`, token_type: 'bearer', ...record.answer, ...(id_token && { id_token }) },
    }
  })
  for (const [address, body] of Object.entries(record.profile)) mock.on(address, { body })
}

/** How a client named itself, and as whom. */
function credentialsOf({ headers, form }: MockCall) {
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (basic !== undefined) {
    const [id, secret] = Buffer.from(basic, 'base64').toString().split(':')
    const decode = (text = '') => new URLSearchParams(`v=${text}`).get('v')
    return { way: 'basic', id: decode(id), secret: decode(secret) }
  }
  return form.client_secret === undefined ? null : { way: 'form', id: form.client_id, secret: form.client_secret }
}

test('docs/providers.md is in step with the registry (npm run docs)', async () => {
  const page = await readFile(new URL('../../docs/providers.md', import.meta.url), 'utf8')
  assert.equal(page, providersMarkdown())
})

test('the registry has a record for every provider that can be configured', () => {
  assert.deepEqual(Object.keys(providers).sort(), Object.keys(records).sort())
  assert.deepEqual([...Object.keys(records), 'twitter'].sort(), [...providerNames].sort())
})

for (const [name, record] of Object.entries(records)) {
  test(`${name} signs in: redirect, token call, profile calls, identity`, async () => {
    await play(name, record)
    const start = await server.request('GET', `/authorize?provider=${name}`)
    assert.equal(start.status, 302, start.text)
    const there = new URL(start.location ?? '')
    assert.equal(`${there.origin}${there.pathname}`, record.authorize)
    assert.equal(there.searchParams.get('client_id'), `${name}-client`)
    assert.equal(there.searchParams.get('redirect_uri'), 'http://auth.example.test/callback')
    assert.equal(there.searchParams.get('response_type'), 'code')
    assert.equal(there.searchParams.get('scope') ?? '', record.scope)
    assert.equal(there.searchParams.get('response_mode'), name === 'apple' ? 'form_post' : null)

    const before = mock.calls.length
    const state = there.searchParams.get('state') ?? ''
    const back =
      name === 'apple'
        ? await server.request('POST', '/callback', { form: { state, code: 'the-code' } })
        : await server.request('GET', `/callback?${new URLSearchParams({ state, code: 'the-code' })}`)
    const calls = mock.calls.slice(before)

    const tokenCalls = calls.filter(({ address }) => address === record.token)
    assert.equal(tokenCalls.length, record.credentials === 'form' && name !== 'kakao' && !knownByTwin(name) ? 2 : 1)
    const [last] = tokenCalls.slice(-1)
    assert.ok(last)
    assert.deepEqual(credentialsOf(last), { way: record.credentials, id: `${name}-client`, secret: `${name} secret/1` })
    assert.equal(last.form.grant_type, 'authorization_code')
    assert.equal(last.form.code, 'the-code')
    assert.equal(last.form.redirect_uri, 'http://auth.example.test/callback')
    assert.equal(last.form.code_verifier === undefined, there.searchParams.get('code_challenge') === null)
    if (name === 'apple') assert.equal(last.form.secret, 'apple secret/1')

    for (const address of Object.keys(record.profile)) {
      const [call] = calls.filter((made) => made.address === address)
      assert.ok(call, `no call of ${address}`)
      assert.equal(call.headers.authorization, `Bearer ${name}-access`)
      for (const [header, value] of Object.entries(record.headers ?? {})) assert.equal(call.headers[header], value)
    }

    const [identity] = await server.sql<{ identity_data: object; raw_user_meta_data: object; confirmed: boolean }>(
      `select identity_data, raw_user_meta_data, email_confirmed_at is not null as confirmed
        from auth.identities i join auth.users u on u.id = i.user_id where i.provider = $1`,
      [name],
    )
    assert.deepEqual(identity?.identity_data, record.identity)
    assert.deepEqual(identity?.raw_user_meta_data, record.identity)
    // Where nothing proves the address, the person gets a mail instead of a session.
    const proved = record.identity.email_verified === true
    assert.equal(identity?.confirmed, proved)
    assert.equal(back.location?.includes('access_token='), proved, back.location ?? '')
    if (!proved) assert.match(back.location ?? '', /error_code=provider_email_needs_verification/)
  })
}

/** LinkedIn's two records are one token endpoint, but two clients: the way is remembered for each client. */
const knownByTwin = (_name: string): boolean => false

test('each provider states which field proves an address, and one without such a field proves none', () => {
  for (const [name, record] of Object.entries(records)) {
    const { email_proof } = providers[name as keyof typeof providers]
    assert.equal(email_proof !== null, record.identity.email_verified === true, name)
  }
})

test('the way that a client is named is remembered: the second sign-in asks once', async () => {
  const { token } = records.github
  const before = mock.callsOf(token).length
  const { location } = await server.request('GET', '/authorize?provider=github')
  const state = new URL(location ?? '').searchParams.get('state') ?? ''
  await server.request('GET', `/callback?${new URLSearchParams({ state, code: 'again' })}`)
  assert.equal(mock.callsOf(token).length - before, 1)
})

test('facebook proves with the access token that it is the client of it', () => {
  const [call] = mock.callsOf('https://graph.facebook.com/me')
  const proof = createHmac('sha256', 'facebook secret/1').update('facebook-access').digest('hex')
  assert.equal(call?.query.appsecret_proof, proof)
})

test('apple tells a name beside its ID token, the first time only', async () => {
  const { token } = records.apple
  const id_token = await mock.sign({
    iss: 'https://appleid.apple.com',
    aud: 'apple-client',
    sub: '002.apple',
    email: 'named@example.com',
    email_verified: 'true',
  })
  mock.on(token, { body: { access_token: 'a', id_token } })
  const { location } = await server.request('GET', '/authorize?provider=apple&prompt=login')
  assert.equal(new URL(location ?? '').searchParams.get('prompt'), null)
  const user = JSON.stringify({ name: { firstName: 'Ada', lastName: 'King' } })
  const state = new URL(location ?? '').searchParams.get('state') ?? ''
  const back = await server.request('POST', '/callback', { form: { state, code: 'c', user } })
  assert.match(back.location ?? '', /access_token=/)
  const [row] = await server.sql(
    `select identity_data->>'full_name' as name from auth.identities where provider_id = '002.apple'`,
  )
  assert.equal(row?.name, 'Ada King')
})

test('google without an ID token is asked for the profile', async () => {
  mock.on(records.google.token, { body: { access_token: 'g' } })
  mock.on('https://www.googleapis.com/userinfo/v2/me', {
    body: { id: '77', email: 'plain@example.com', verified_email: true, name: 'Plain' },
  })
  const { location } = await server.request('GET', '/authorize?provider=google')
  const state = new URL(location ?? '').searchParams.get('state') ?? ''
  const back = await server.request('GET', `/callback?${new URLSearchParams({ state, code: 'c' })}`)
  assert.match(back.location ?? '', /access_token=/)
})

test('twitter signs its requests (OAuth 1.0a) and takes the verifier for a code', async () => {
  const host = 'https://api.twitter.com'
  const answer = (fields: Record<string, string>) => ({
    type: 'text/plain',
    body: new URLSearchParams(fields).toString(),
  })
  mock.on(`${host}/oauth/request_token`, answer({ oauth_token: 'request', oauth_token_secret: 'request secret' }))
  mock.on(`${host}/oauth/access_token`, answer({ oauth_token: 'access', oauth_token_secret: 'access secret' }))
  mock.on(`${host}/1.1/account/verify_credentials.json`, {
    body: {
      id_str: '9',
      name: 'Ada Lovelace',
      screen_name: 'ada',
      email: 'twitter@example.com',
      profile_image_url_https: 'https://images.example/a.png',
    },
  })
  const start = await server.request('GET', '/authorize?provider=twitter')
  assert.equal(start.location, `${host}/oauth/authenticate?oauth_token=request`)
  const [asked] = mock.callsOf(`${host}/oauth/request_token`)
  const callback = decodeURIComponent(/oauth_callback="([^"]+)"/.exec(asked?.headers.authorization ?? '')?.[1] ?? '')
  const state = new URL(callback).searchParams.get('state') ?? ''
  const back = await server.request(
    'GET',
    `/callback?${new URLSearchParams({ state, oauth_token: 'request', oauth_verifier: 'verified' })}`,
  )
  assert.match(back.location ?? '', /provider_token=access&/)
  const [row] = await server.sql(`select identity_data from auth.identities where provider = 'twitter'`)
  assert.deepEqual(row?.identity_data, {
    iss: `${host}/1.1/account/verify_credentials.json`,
    sub: '9',
    provider_id: '9',
    name: 'Ada Lovelace',
    full_name: 'Ada Lovelace',
    picture: 'https://images.example/a.png',
    avatar_url: 'https://images.example/a.png',
    preferred_username: 'ada',
    user_name: 'ada',
    email: 'twitter@example.com',
    email_verified: true,
    phone_verified: false,
  })
  const [profile] = mock.callsOf(`${host}/1.1/account/verify_credentials.json`)
  const parts = Object.fromEntries(
    Array.from(profile?.headers.authorization?.matchAll(/(\w+)="([^"]*)"/g) ?? [], ([, name = '', value = '']) => [
      name,
      decodeURIComponent(value),
    ]),
  )
  // The signature as RFC 5849 §3.4 has it, made again here from what was sent.
  const { oauth_signature, ...signed } = parts
  const all = Object.entries({ ...signed, ...profile?.query })
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&')
  const base = ['GET', `${host}/1.1/account/verify_credentials.json`, all].map(encodeURIComponent).join('&')
  const key = `${encodeURIComponent('twitter secret/1')}&${encodeURIComponent('access secret')}`
  assert.equal(oauth_signature, createHmac('sha1', key).update(base).digest('base64'))
})
