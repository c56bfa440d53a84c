// GET /authorize?provider=postern: an application signs people in with the pages, as with any provider.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type Answer, claimsOf, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import { newVisitor, signInToPages, type Visitor } from '../support/visitor.ts'

const app = 'https://app.example/welcome'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({ env: { POSTERN_PAGES: 'true', GOTRUE_CUSTOM_OAUTH_ENABLED: 'true' } })
})
after(() => server.close())

interface Pkce {
  verifier: string
  query: Record<string, string>
}

function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(verifier).digest('base64url')
  return { verifier, query: { code_challenge, code_challenge_method: 's256' } }
}

async function signedIn(): Promise<{ person: SignedIn; visitor: Visitor; handle: string }> {
  const person = await server.user({ email: `postern${++people}@example.com` })
  const visitor = newVisitor(server)
  return { person, visitor, handle: await signInToPages(server, visitor, person) }
}

const authorize = (query: Record<string, string>) =>
  server.request('GET', `/authorize?${new URLSearchParams({ provider: 'postern', redirect_to: app, ...query })}`)

/** Goes from an application to the page that asks. */
async function ask(visitor: Visitor, query: Record<string, string> = {}): Promise<Answer> {
  const begun = await authorize(query)
  assert.equal(begun.status, 302, begun.text)
  return visitor.get(begun.location ?? '')
}
const go = (visitor: Visitor, page: Answer, choice = 'continue') => visitor.submit(page, '/pages/continue', { choice })
const exchange = (answer: Answer, { verifier }: Pkce) =>
  server.request('POST', '/token?grant_type=pkce', {
    body: { auth_code: new URL(answer.location ?? '').searchParams.get('code'), code_verifier: verifier },
  })
const fragmentOf = (answer: Answer) => new URLSearchParams(new URL(answer.location ?? '').hash.slice(1))

for (const provider of ['postern', 'custom:postern', 'Postern'])
  test(`with PKCE, ${provider} gives an application a session of its own after one click`, async () => {
    const { person, visitor } = await signedIn()
    const proof = pkce()
    const page = await ask(visitor, { ...proof.query, provider })
    assert.match(page.text, /Sign in to app\.example/)
    assert.match(page.text, new RegExp(`Continue as ${person.user.email}`))
    const gone = await go(visitor, page)
    assert.equal(gone.status, 303)
    assert.ok(gone.location?.startsWith(`${app}?code=`), gone.location ?? '')
    const { status, body } = await exchange(gone, proof)
    assert.equal(status, 200)
    assert.equal((body.user as { id: string }).id, person.user.id)
    const [own, theirs] = [claimsOf(person.access_token), claimsOf(String(body.access_token))]
    assert.notEqual(theirs.session_id, own.session_id)
    assert.deepEqual([theirs.amr, theirs.aal], [own.amr, own.aal])
    assert.deepEqual(
      (body.user as { identities: { provider: string }[] }).identities.map(({ provider }) => provider),
      ['email'],
    )
    const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
      body: { refresh_token: body.refresh_token },
    })
    assert.equal(refreshed.status, 200)
    assert.equal((await exchange(gone, proof)).status, 404)
  })

test('without PKCE the session comes in the fragment', async () => {
  const { person, visitor } = await signedIn()
  const gone = await go(visitor, await ask(visitor))
  const fragment = fragmentOf(gone)
  assert.equal(claimsOf(fragment.get('access_token') ?? '').sub, person.user.id)
  assert.deepEqual([...fragment.keys()].sort(), [
    'access_token',
    'expires_at',
    'expires_in',
    'refresh_token',
    'sb',
    'token_type',
  ])
})

test('the page of devices names the applications that sessions were handed to', async () => {
  const { person, visitor } = await signedIn()
  const proof = pkce()
  await exchange(await go(visitor, await ask(visitor, proof.query)), proof)
  const { body } = await server.request('GET', '/user/sessions', { token: person.access_token })
  assert.deepEqual(
    (body.sessions as { application: string | null }[])
      .map(({ application }) => application)
      .sort((a) => (a === null ? -1 : 1)),
    [null, 'app.example'],
  )
  assert.match((await visitor.get('/pages/account/devices')).text, /<bdi>app\.example<\/bdi>/)
})

test('the session of an application begins when the person signed in, and ends when that would', async () => {
  const { person, visitor } = await signedIn()
  await server.sql(
    "update auth.sessions set created_at = now() - interval '2 days', not_after = now() + interval '1 hour' where id = $1",
    [claimsOf(person.access_token).session_id],
  )
  await server.sql("update auth.mfa_amr_claims set updated_at = now() - interval '2 days' where session_id = $1", [
    claimsOf(person.access_token).session_id,
  ])
  const fragment = fragmentOf(await go(visitor, await ask(visitor)))
  const claims = claimsOf(fragment.get('access_token') ?? '')
  assert.ok(claims.amr[0].timestamp < Date.now() / 1000 - 86_400)
  const [row] = await server.sql<{ old: boolean; ends: boolean }>(
    "select created_at < now() - interval '1 day' as old, not_after < now() + interval '2 hours' as ends from auth.sessions where id = $1",
    [claims.session_id],
  )
  assert.deepEqual(row, { old: true, ends: true })
})

test('the audit log has what it has of an external sign-in', async () => {
  const { person, visitor } = await signedIn()
  const proof = pkce()
  await exchange(await go(visitor, await ask(visitor, proof.query)), proof)
  const entries = await server.sql<{ payload: { action: string; traits?: Record<string, unknown> } }>(
    "select payload from auth.audit_log_entries where payload->>'actor_id' = $1 and payload->'traits' is not null order by created_at",
    [person.user.id],
  )
  assert.deepEqual(
    entries
      .map(({ payload }) => [payload.action, payload.traits])
      .filter(([, traits]) => JSON.stringify(traits).includes('postern')),
    [
      ['login', { provider: 'postern' }],
      ['login', { provider_type: 'postern' }],
    ],
  )
})

test('nobody who is not signed in goes on, and a look at the page hands nothing over', async () => {
  const visitor = newVisitor(server)
  const begun = await authorize({})
  const attempt = new URL(begun.location ?? '').searchParams.get('attempt') ?? ''
  const page = await visitor.get(begun.location ?? '')
  assert.equal(page.location, `/pages/sign-in?attempt=${attempt}`)
  const { person, visitor: other } = await signedIn()
  const before = await server.sql('select id from auth.sessions where user_id = $1', [person.user.id])
  await other.get(begun.location ?? '')
  await other.get(begun.location ?? '')
  assert.equal(
    (await server.sql('select id from auth.sessions where user_id = $1', [person.user.id])).length,
    before.length,
  )
})

test('an address that is not allowed is replaced by that of the site, as for every provider', async () => {
  const { visitor } = await signedIn()
  for (const redirect_to of [
    'https://evil.example/',
    'javascript:alert(1)',
    '//evil.example',
    'https://app.example@evil.example/',
  ])
    assert.ok(
      (await go(visitor, await ask(visitor, { redirect_to }))).location?.startsWith('http://site.example#'),
      redirect_to,
    )
})

test('whoever does not go on is told to the application, and the attempt is used up', async () => {
  const { visitor } = await signedIn()
  const page = await ask(visitor)
  const gone = await go(visitor, page, 'cancel')
  assert.equal(new URL(gone.location ?? '').searchParams.get('error'), 'access_denied')
  assert.equal((await go(visitor, page)).status, 410)
})

test('another account is a sign-in of its own, and the first session is over', async () => {
  const { person, visitor, handle } = await signedIn()
  const page = await ask(visitor)
  const gone = await go(visitor, page, 'other')
  assert.match(gone.location ?? '', /^\/pages\/sign-in\?attempt=/)
  assert.equal(visitor.cookies.has('postern'), false)
  const stolen = newVisitor(server)
  stolen.cookies.set('postern', handle)
  const again = await authorize({})
  assert.match((await stolen.get(again.location ?? '')).location ?? '', /^\/pages\/sign-in/)
  assert.equal((await server.request('GET', '/user', { token: person.access_token })).status, 403)
})

test('an attempt that is unknown, over or of another provider leads to a page that says so', async () => {
  const { visitor } = await signedIn()
  for (const attempt of ['', 'x', '00000000-0000-4000-8000-000000000000', '<script>'])
    assert.equal((await visitor.get(`/pages/continue?${new URLSearchParams({ attempt })}`)).status, 410, attempt)
  const begun = await authorize({})
  await server.sql("update auth.flow_state set created_at = now() - interval '1 day'")
  assert.equal((await visitor.get(begun.location ?? '')).status, 410)
})

test('a callback with the id of an attempt signs nobody in', async () => {
  const begun = await authorize({})
  const attempt = new URL(begun.location ?? '').searchParams.get('attempt')
  const answer = await server.request('GET', `/callback?state=${attempt}&code=abc`)
  assert.match(answer.location ?? '', /error=server_error/)
  assert.doesNotMatch(answer.location ?? '', /access_token/)
})

test('signing out everywhere between the click and the exchange ends the hand-off', async () => {
  const { person, visitor } = await signedIn()
  const proof = pkce()
  const gone = await go(visitor, await ask(visitor, proof.query))
  await server.request('POST', '/logout', { token: person.access_token })
  assert.equal((await exchange(gone, proof)).body.error_code, 'flow_state_not_found')
  assert.deepEqual(await server.sql('select id from auth.sessions where user_id = $1', [person.user.id]), [])
})

test('whoever has a second factor shows it before an application gets a session', async () => {
  const { person, visitor } = await signedIn()
  const page = await ask(visitor)
  const enrolled = await server.request('POST', '/factors', {
    token: person.access_token,
    body: { factor_type: 'totp', friendly_name: 'phone' },
  })
  await server.sql("update auth.mfa_factors set status = 'verified' where id = $1", [String(enrolled.body.id)])
  assert.match((await go(visitor, page)).location ?? '', /^\/pages\/second-factor\?attempt=/)
})

test('the pages are no identity: linking and invitations are 400, and the name is taken', async () => {
  const { person } = await signedIn()
  const linking = await startTestServer({
    env: { POSTERN_PAGES: 'true', GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true' },
    database: server.database,
    mail: server.mail,
  })
  for (const provider of ['postern', 'custom:postern']) {
    const linked = await linking.request('GET', `/user/identities/authorize?provider=${provider}`, {
      token: person.access_token,
    })
    assert.deepEqual([linked.status, linked.body.error_code], [400, 'validation_failed'])
  }
  await linking.auth.close()
  const made = await server.request('POST', '/admin/custom-providers', {
    as: 'service_role',
    body: {
      identifier: 'custom:postern',
      name: 'Mine',
      provider_type: 'oauth2',
      client_id: 'x',
      client_secret: 'y',
      authorization_url: 'https://idp.example/authorize',
      token_url: 'https://idp.example/token',
      userinfo_url: 'https://idp.example/userinfo',
    },
  })
  assert.equal(made.status, 400)
  assert.match(made.text, /reserved/)
})

test('settings tell of the pages only where they are on; where they are off the provider is unknown', async () => {
  const off = await startTestServer({ database: server.database, mail: server.mail })
  const answer = await off.request('GET', `/authorize?provider=postern&redirect_to=${app}`)
  assert.deepEqual([answer.status, answer.body.msg], [400, 'Unsupported provider: Provider postern could not be found'])
  assert.equal(Object.hasOwn((await off.request('GET', '/settings')).body.external as object, 'postern'), false)
  assert.equal(((await server.request('GET', '/settings')).body.external as { postern: boolean }).postern, true)
  await off.auth.close()
})

test('a form that was made up, or comes from another site, sends nobody on', async () => {
  const { visitor, handle } = await signedIn()
  const begun = await authorize({})
  const attempt = new URL(begun.location ?? '').searchParams.get('attempt') ?? ''
  const forged = newVisitor(server)
  forged.cookies.set('postern', handle)
  const fields = { attempt, choice: 'continue' }
  assert.equal((await forged.post('/pages/continue', fields)).status, 403)
  assert.equal((await visitor.post('/pages/continue', fields, { origin: 'https://evil.example' })).status, 403)
})
