// A real OpenID provider on the other side: oidc-provider over HTTP on loopback, as behind a proxy, from discovery to session.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import { Provider } from 'oidc-provider'
import { openBrowser } from '../support/browser.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const client = { client_id: 'postern', client_secret: 'a secret of the provider' }
let server: TestServer
let provider: Server
const issuer = 'https://op.example'

/** The proxy in front of the provider. */
const throughProxy: typeof fetch = (input, init) => {
  const url = new URL(String(input))
  const port = Object(provider.address()).port
  return fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, {
    ...init,
    headers: { ...(init?.headers as object), 'x-forwarded-proto': 'https', 'x-forwarded-host': url.host },
  })
}

before(async () => {
  server = await startTestServer({
    env: { GOTRUE_CUSTOM_OAUTH_ENABLED: 'true', POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true' },
    fetch: throughProxy,
  })
  const op = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: ['http://auth.example.test/callback'], response_types: ['code'] }],
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: `${sub}@example.com`, email_verified: true, name: 'Ada Lovelace' }),
    }),
    // Consent is given by whoever signs in.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  op.proxy = true
  const answer = op.callback()
  provider = createServer((request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response)
    void op.interactionFinished(request, response, { login: { accountId: 'ada' } })
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
})
after(async () => {
  provider.closeAllConnections()
  provider.close()
  await server.close()
})

test('an administrator adds the provider by its issuer alone', async () => {
  const added = await server.request('POST', '/admin/custom-providers', {
    as: 'service_role',
    body: {
      provider_type: 'oidc',
      identifier: 'custom:op',
      name: 'A real one',
      issuer,
      scopes: ['email', 'profile'],
      ...client,
    },
  })
  assert.equal(added.status, 201, added.text)
  assert.deepEqual(added.body.scopes, ['openid', 'email', 'profile'])
})

/** Goes to the provider and comes back at our callback, whose answer it gives. */
async function goThere(query: string) {
  const start = await server.request('GET', `/authorize?provider=custom:op${query}`)
  assert.equal(start.status, 302, start.text)
  const browser = openBrowser((url) => url.host === 'auth.example.test', throughProxy)
  const { url } = await browser.visit(start.location ?? '')
  assert.equal(url.searchParams.get('iss'), issuer, url.href)
  return server.request('GET', url.pathname + url.search)
}

test('somebody signs in with it, implicit: a session, an identity with the claims', async () => {
  const back = await goThere('')
  const fragment = new URLSearchParams(back.location?.split('#')[1])
  const person = await server.request('GET', '/user', { token: fragment.get('access_token') ?? '' })
  assert.equal(person.body.email, 'ada@example.com')
  const [identity] = await server.sql<{ identity_data: Record<string, unknown> }>(
    `select identity_data from auth.identities where provider = 'custom:op'`,
  )
  const { sub, iss, email_verified, name } = identity?.identity_data ?? {}
  assert.deepEqual(
    { sub, iss, email_verified, name },
    { sub: 'ada', iss: issuer, email_verified: true, name: 'Ada Lovelace' },
  )
})

test('the same person signs in again with PKCE, on the same account', async () => {
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  const back = await goThere(`&code_challenge=${code_challenge}&code_challenge_method=s256`)
  const auth_code = new URL(back.location ?? '').searchParams.get('code')
  const session = await server.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } })
  assert.equal(session.status, 200, session.text)
  assert.equal(Object(session.body.user).email, 'ada@example.com')
  assert.equal((await server.sql('select id from auth.users')).length, 1)
})
