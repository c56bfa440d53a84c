// What providers answer in the field: ids that are long numbers, truth as text, scopes asked for twice, no callback address.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { enabled, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const names = ['github', 'kakao', 'keycloak', 'x', 'facebook', 'discord', 'slack', 'linkedin_oidc']
let mock: MockProviders
let server: TestServer

before(async () => {
  mock = await startMockProviders()
  server = await startTestServer({
    fetch: mock.fetch,
    env: {
      ...enabled(names),
      GOTRUE_EXTERNAL_KEYCLOAK_URL: 'https://keycloak.example/realms/main',
      GOTRUE_EXTERNAL_DISCORD_REDIRECT_URI: '',
      POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true',
    },
  })
})
after(async () => {
  await server.close()
  await mock.stop()
})

const idp = 'https://people.example'

async function addProvider(identifier: string, more: Record<string, unknown> = {}): Promise<void> {
  const made = await server.request('POST', '/admin/custom-providers', {
    as: 'service_role',
    body: {
      provider_type: 'oauth2',
      identifier,
      name: 'People',
      client_id: 'people-client',
      client_secret: 'a secret',
      authorization_url: `${idp}/authorize`,
      token_url: `${idp}/token`,
      userinfo_url: `${idp}/me`,
      pkce_enabled: false,
      ...more,
    },
  })
  assert.equal(made.status, 201, made.text)
  mock.on(`${idp}/token`, { body: { access_token: 'a', token_type: 'bearer' } })
}

/** Signs in with a provider, and gives where it ends and the identities of that provider, newest last. */
async function signIn(provider: string, query = '') {
  const start = await server.request('GET', `/authorize?provider=${provider}${query}`)
  assert.equal(start.status, 302, start.text)
  const state = new URL(start.location ?? '').searchParams.get('state') ?? ''
  const back = await server.request('GET', `/callback?${new URLSearchParams({ state, code: 'c' })}`)
  const identities = await server.sql<{ user_id: string; provider_id: string; data: string }>(
    `select user_id, provider_id, identity_data::text as data from auth.identities where provider = $1 order by created_at`,
    [provider],
  )
  return { location: back.location ?? '', identities, newest: identities.at(-1) }
}

const [one, two] = ['175928847299117063', '175928847299117064']

describe('ids that are long numbers', () => {
  test('two people of a custom provider, whose ids differ in the last digit, have two accounts', async () => {
    await addProvider('custom:numbers', { attribute_mapping: { sub: 'id' } })
    for (const id of [one, two, one]) {
      mock.on(`${idp}/me`, { body: `{"id":${id},"email":"p${id}@example.com","email_verified":true}` })
      assert.match((await signIn('custom:numbers')).location, /access_token=/)
    }
    const { identities } = await signIn('custom:numbers')
    assert.deepEqual(identities.map(({ provider_id }) => provider_id).sort(), [one, two])
    assert.equal(new Set(identities.map(({ user_id }) => user_id)).size, 2)
  })

  test('two people of a provider of the registry too', async () => {
    mock.on('https://github.com/login/oauth/access_token', { body: { access_token: 'a', token_type: 'bearer' } })
    for (const id of [one, two]) {
      mock.on('https://api.github.com/user', { body: `{"id":${id},"login":"l${id}"}` })
      mock.on('https://api.github.com/user/emails', {
        body: [{ email: `g${id}@example.com`, primary: true, verified: 'true' }],
      })
      assert.match((await signIn('github')).location, /access_token=/)
    }
    const { identities } = await signIn('github')
    assert.deepEqual(identities.map(({ provider_id }) => provider_id).sort(), [one, two])
  })

  test('claims that are kept keep their digits: in the identity, in the account, in the answer', async () => {
    await addProvider('custom:claims', { custom_claims_allowlist: ['team', 'ratio', 'nested'] })
    mock.on(`${idp}/me`, {
      body: `{"sub":"c1","email":"c1@example.com","email_verified":true,"team":${one},"ratio":0.12345678901234567891,"nested":{"ids":[${two},1e400,5]}}`,
    })
    const { newest } = await signIn('custom:claims')
    for (const digits of [one, two, '0.12345678901234567891']) assert.ok(newest?.data.includes(digits), newest?.data)
    const { text } = await server.request('GET', `/admin/users/${newest?.user_id}`, { as: 'service_role' })
    assert.equal(text.split(`"team":${one}`).length, 3, text)
  })

  test('a link that waits for its code keeps them too', async () => {
    await addProvider('custom:later', { attribute_mapping: { sub: 'id' }, custom_claims_allowlist: ['team'] })
    const linking = await startTestServer({
      database: server.database,
      fetch: mock.fetch,
      env: { GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true', POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true' },
    })
    try {
      const { access_token, user } = await linking.user()
      mock.on(`${idp}/me`, { body: `{"id":${two},"email":"later@example.com","email_verified":true,"team":${one}}` })
      const code_verifier = 'v'.repeat(64)
      const { createHash } = await import('node:crypto')
      const challenge = createHash('sha256').update(code_verifier).digest('base64url')
      const start = await linking.request(
        'GET',
        `/user/identities/authorize?provider=custom:later&skip_http_redirect=true&code_challenge=${challenge}&code_challenge_method=s256`,
        { token: access_token },
      )
      const state = new URL(String(start.body.url)).searchParams.get('state') ?? ''
      const back = await linking.request('GET', `/callback?${new URLSearchParams({ state, code: 'c' })}`)
      const auth_code = new URL(back.location ?? '').searchParams.get('code')
      const done = await linking.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } })
      assert.equal(done.status, 200, done.text)
      const [identity] = await linking.sql<{ provider_id: string; data: string }>(
        `select provider_id, identity_data::text as data from auth.identities where user_id = $1 and provider = 'custom:later'`,
        [user.id],
      )
      assert.equal(identity?.provider_id, two)
      assert.ok(identity?.data.includes(one), identity?.data)
    } finally {
      await linking.close()
    }
  })
})

describe('email_verified', () => {
  const words: [word: string, verified: boolean][] = [
    ['"true"', true],
    ['true', true],
    ['"false"', false],
    ['"True"', false],
    ['"yes"', false],
    ['1', false],
    ['null', false],
    ['{}', false],
    ['["true"]', false],
    ['1e400', false],
  ]
  for (const [at, [word, verified]] of words.entries())
    test(`${word} of a provider is ${verified ? 'a proof' : 'no proof, and no failure'}`, async () => {
      if (at === 0) await addProvider('custom:truth')
      const email = `truth${at}@example.com`
      mock.on(`${idp}/me`, { body: `{"sub":"t${at}","email":"${email}","email_verified":${word}}` })
      mock.on('https://keycloak.example/realms/main/protocol/openid-connect/token', { body: { access_token: 'a' } })
      mock.on('https://keycloak.example/realms/main/protocol/openid-connect/userinfo', {
        body: `{"sub":"k${at}","name":"Ada","email":"k${email}","email_verified":${word}}`,
      })
      for (const provider of ['custom:truth', 'keycloak']) {
        const { location } = await signIn(provider)
        assert.match(location, verified ? /access_token=/ : /provider_email_needs_verification/)
      }
    })
})

describe('the way to a provider', () => {
  const asked = async (provider: string, query = '', at = server) => {
    const { location, status, text } = await at.request('GET', `/authorize?provider=${provider}${query}`)
    assert.equal(status, 302, text)
    const { searchParams } = new URL(location ?? '')
    return { scope: searchParams.get('scope'), redirect_uri: searchParams.get('redirect_uri') }
  }

  test('a REDIRECT_URI that is empty, or missing, means API_EXTERNAL_URL + /callback', async () => {
    assert.equal((await asked('discord')).redirect_uri, 'http://auth.example.test/callback')
  })

  test('each scope is asked for once, however it is spelled', async () => {
    assert.equal((await asked('github', '&scopes=user:email,repo,repo')).scope, 'user:email repo')
    assert.equal((await asked('github', '&scopes=repo%20user:email')).scope, 'user:email repo')
    assert.equal(
      (await asked('kakao', '&scopes=,profile_image,')).scope,
      'account_email profile_image profile_nickname',
    )
    await addProvider('custom:scopes', { scopes: ['read', 'read', 'write'] })
    assert.equal((await asked('custom:scopes')).scope, 'read write')
    assert.equal((await asked('custom:scopes', '&scopes=a%20b%20a')).scope, 'a b')
  })

  test('an address that is optional is not asked for where asking can fail, unless the application asks for it', async () => {
    const lenient = Object.fromEntries(
      names.map((name) => [`GOTRUE_EXTERNAL_${name.toUpperCase()}_EMAIL_OPTIONAL`, 'true']),
    )
    const optional = await startTestServer({
      database: server.database,
      env: { ...enabled(names), GOTRUE_EXTERNAL_KEYCLOAK_URL: 'https://keycloak.example', ...lenient },
    })
    try {
      assert.equal((await asked('kakao', '', optional)).scope, 'profile_image profile_nickname')
      assert.equal((await asked('x', '', optional)).scope, 'tweet.read users.read offline.access')
      assert.equal((await asked('facebook', '', optional)).scope, null)
      assert.equal((await asked('facebook', '&scopes=email', optional)).scope, 'email')
      assert.equal((await asked('github', '', optional)).scope, 'user:email')
      assert.equal((await asked('keycloak', '', optional)).scope, 'profile email')
    } finally {
      await optional.close()
    }
  })
})
