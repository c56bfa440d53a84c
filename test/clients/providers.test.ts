// supabase-js and other providers: the published client against `postern dev` and its development provider.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { openBrowser } from '../support/browser.ts'
import { type DevProcess, startDev } from '../support/process.ts'

const site = 'http://localhost:3000'
let dev: DevProcess
let state_dir: string

before(async () => {
  state_dir = await mkdtemp(join(tmpdir(), 'postern-providers-'))
  dev = await startDev({ state_dir })
})
after(async () => {
  await dev?.stop()
  await rm(state_dir, { recursive: true, force: true })
})

/** A client of an application that keeps its state in memory. */
function client(flowType: 'implicit' | 'pkce'): SupabaseClient {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  return createClient(dev.url, dev.anon_key, { auth: { flowType, storage, autoRefreshToken: false } })
}

/** Goes to an address of the server, says who one is at the provider, and comes back at the site. */
async function goAs(address: string | null | undefined, person: Record<string, string>): Promise<URL> {
  assert.ok(address)
  const browser = openBrowser((url) => url.origin === site)
  const page = await browser.visit(address)
  assert.match(page.url.pathname, /^\/__identity\//)
  const back = await browser.submit(page, { decision: 'allow', verified: 'true', name: 'Ada', ...person })
  // Before an identity is linked without PKCE, a page of the server names both accounts.
  return back.url.origin === site ? back.url : (await browser.submit(back, {})).url
}

const options = { redirectTo: site, skipBrowserRedirect: true }

test('signInWithOAuth leads to the provider and back with a session, implicit', async () => {
  const app = client('implicit')
  const { data } = await app.auth.signInWithOAuth({ provider: 'keycloak', options })
  const back = new URLSearchParams((await goAs(data.url, { email: 'ada@example.com' })).hash.slice(1))
  assert.ok(back.get('provider_token'))
  const { data: signedIn, error } = await app.auth.setSession({
    access_token: back.get('access_token') ?? '',
    refresh_token: back.get('refresh_token') ?? '',
  })
  assert.equal(error, null)
  assert.equal(signedIn.user?.email, 'ada@example.com')
  assert.deepEqual(signedIn.user?.app_metadata.providers, ['keycloak'])
})

test('signInWithOAuth gives a code that is exchanged once, with PKCE', async () => {
  const app = client('pkce')
  const { data } = await app.auth.signInWithOAuth({ provider: 'keycloak', options })
  const code = (await goAs(data.url, { email: 'grace@example.com' })).searchParams.get('code') ?? ''
  const { data: exchanged, error } = await app.auth.exchangeCodeForSession(code)
  assert.equal(error, null)
  assert.equal(exchanged.user?.email, 'grace@example.com')
  assert.ok(exchanged.session?.provider_token)
})

test('whoever refuses at the provider comes back with its word', async () => {
  const { data } = await client('implicit').auth.signInWithOAuth({ provider: 'keycloak', options })
  const back = await goAs(data.url, { email: 'ada@example.com', decision: 'deny' })
  assert.equal(back.searchParams.get('error'), 'access_denied')
})

test('linkIdentity adds a way to sign in, and unlinkIdentity takes it away, but never the last', async () => {
  const app = client('implicit')
  await app.auth.signUp({ email: 'linus@example.com', password: 'correct horse battery staple' })
  const mail = await dev.nextMail('linus@example.com')
  const fragment = await dev.pressButton(mail.link)
  const tokens = new URLSearchParams(fragment?.split('#')[1])
  await app.auth.setSession({
    access_token: tokens.get('access_token') ?? '',
    refresh_token: tokens.get('refresh_token') ?? '',
  })
  const { data } = await app.auth.linkIdentity({ provider: 'keycloak', options })
  await goAs(data.url, { email: 'other@example.com' })
  const { data: linked } = await app.auth.getUserIdentities()
  assert.deepEqual(linked?.identities.map(({ provider }) => provider).sort(), ['email', 'keycloak'])
  const [added] = linked?.identities.filter(({ provider }) => provider === 'keycloak') ?? []
  assert.ok(added)
  assert.equal((await app.auth.unlinkIdentity(added)).error, null)
  const { data: left } = await app.auth.getUserIdentities()
  assert.deepEqual(
    left?.identities.map(({ provider }) => provider),
    ['email'],
  )
  const [last] = left?.identities ?? []
  assert.ok(last)
  assert.equal((await app.auth.unlinkIdentity(last)).error?.code, 'single_identity_not_deletable')
})

test('signInWithIdToken takes an ID token that the application got itself, once', async () => {
  const issuer = `${dev.url}/__identity`
  const redirect_uri = `${dev.url}/native`
  const browser = openBrowser((url) => url.pathname === '/native')
  const address = `${issuer}/protocol/openid-connect/auth?${new URLSearchParams({
    client_id: 'postern-dev',
    redirect_uri,
    response_type: 'code',
    scope: 'openid',
  })}`
  const { url } = await browser.submit(await browser.visit(address), {
    decision: 'allow',
    verified: 'true',
    email: 'native@example.com',
  })
  const answer = await fetch(`${issuer}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: url.searchParams.get('code') ?? '',
      redirect_uri,
      client_id: 'postern-dev',
    }),
  })
  const { id_token: token } = Object(await answer.json())
  const { data, error } = await client('implicit').auth.signInWithIdToken({ provider: 'keycloak', token })
  assert.equal(error, null)
  assert.equal(data.user?.email, 'native@example.com')
  const again = await client('implicit').auth.signInWithIdToken({ provider: 'keycloak', token })
  assert.equal(again.data.session, null)
  assert.equal(again.error?.status, 400)
})

test('the development provider answers only this machine, and sends codes only to its server', async () => {
  const page = `${dev.url}/__identity/protocol/openid-connect/auth`
  const callback = encodeURIComponent(`${dev.url}/auth/v1/callback`)
  const foreign = await fetch(`${page}?redirect_uri=${callback}`, { headers: { origin: 'https://evil.example' } })
  assert.equal(foreign.status, 403)
  assert.equal(foreign.headers.get('access-control-allow-origin'), null)
  assert.equal((await fetch(`${page}?redirect_uri=https%3A%2F%2Fevil.example`)).status, 400)
})
