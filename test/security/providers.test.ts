// Cases of the security rules about sign-in with a provider: the way back, and whom a provider's word makes whom.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { guardedCall } from '../../src/providers/safe-fetch.ts'
import { address, claims, providersOf, startProviderServer, tenant } from '../support/provider-server.ts'
import { type Answer, startTestServer } from '../support/server.ts'

const { mock, server, present, usersOf } = await startProviderServer()

const stateOf = ({ location }: Answer) => new URL(location ?? '').searchParams.get('state') ?? ''

const begin = async (provider: string, on = server) =>
  stateOf(await on.request('GET', `/authorize?provider=${provider}`))

const comeBack = (state: string, on = server) =>
  on.request('GET', `/callback?${new URLSearchParams({ state, code: 'c' })}`)
const errorOf = ({ location }: Answer) => new URL(location ?? '').searchParams.get('error_code')

/** GitHub as it answers about one person. */
function github(id: number, email: string, verified = true): void {
  mock.on('https://github.com/login/oauth/access_token', { body: { access_token: 'a', token_type: 'bearer' } })
  mock.on('https://api.github.com/user', { body: { id, login: `login${id}` } })
  mock.on('https://api.github.com/user/emails', { body: [{ email, primary: true, verified }] })
}

test('IDP-08 an address of any tenant of Azure proves nothing, one of the pinned tenant does', async () => {
  const { user: victim } = await server.user({ email: address('idp08') })
  const token = (sub: string) =>
    mock.sign(claims(victim.email, { iss: `${tenant}/v2.0`, aud: 'azure-client', sub, email_verified: undefined }))
  const common = await present(await token('attacker'), { provider: 'azure' })
  assert.notEqual(common.status, 200)
  assert.deepEqual(await server.sql('select provider from auth.identities where user_id = $1', [victim.id]), [
    { provider: 'email' },
  ])
  const pinned = await startTestServer({
    fetch: mock.fetch,
    env: { ...providersOf(['azure']), GOTRUE_EXTERNAL_AZURE_URL: tenant },
  })
  try {
    const own = await pinned.user({ email: victim.email })
    const linked = await present(await token('colleague'), { provider: 'azure' }, pinned)
    assert.equal(linked.status, 200, linked.text)
    assert.equal(Object(linked.body.user).id, own.user.id)
  } finally {
    await pinned.close()
  }
})

test('IDP-09 somebody whose address changes at the provider stays who they are', async () => {
  const { user: victim } = await server.user({ email: address('idp09victim') })
  const email = address('idp09')
  const first = await present(await mock.sign(claims(email, { sub: 'idp09' })))
  const later = await present(await mock.sign(claims(victim.email, { sub: 'idp09' })))
  assert.equal(Object(later.body.user).id, Object(first.body.user).id)
  assert.equal(Object(later.body.user).email, email)
  assert.deepEqual(await server.sql('select provider from auth.identities where user_id = $1', [victim.id]), [
    { provider: 'email' },
  ])
})

test('IDP-11 a state that is missing, made up, over or used is an error in the redirect', async () => {
  github(11, address('idp11'))
  assert.equal(errorOf(await server.request('GET', '/callback?code=c')), 'bad_oauth_callback')
  assert.equal(errorOf(await comeBack('nonsense')), 'bad_oauth_state')
  assert.equal(errorOf(await comeBack('5b6f4c1e-0000-4000-8000-000000000000')), 'bad_oauth_state')
  const over = await begin('github')
  await server.sql(`update auth.flow_state set created_at = created_at - interval '301 seconds' where id = $1`, [over])
  assert.equal(errorOf(await comeBack(over)), 'bad_oauth_state')
  const used = await begin('github')
  assert.match((await comeBack(used)).location ?? '', /access_token=/)
  assert.match(errorOf(await comeBack(used)) ?? '', /^(bad_oauth_state|flow_state_already_used)$/)
})

test('IDP-15 where nobody may sign up, or the provider is off, nothing is written', async () => {
  const closed = await startTestServer({
    fetch: mock.fetch,
    env: { ...providersOf(['google', 'github']), GOTRUE_DISABLE_SIGNUP: 'true' },
  })
  try {
    const email = address('idp15')
    github(15, email)
    assert.equal(errorOf(await comeBack(await begin('github', closed), closed)), 'signup_disabled')
    const refused = await present(await mock.sign(claims(email)), {}, closed)
    assert.match(String(refused.body.error_code), /signup_disabled/)
    const off = await present(await mock.sign(claims(email, { aud: 'x' })), { provider: 'kakao' }, closed)
    assert.equal(`${off.status} ${off.body.error_code}`, '400 provider_disabled')
    assert.deepEqual(await closed.sql('select id from auth.users'), [])
    assert.deepEqual(await closed.sql('select id from auth.identities'), [])
  } finally {
    await closed.close()
  }
})

test('rule 5: an address that the provider has not verified links nothing, whatever autoconfirm says', async () => {
  for (const autoconfirm of ['false', 'true']) {
    const open = await startTestServer({
      fetch: mock.fetch,
      env: { ...providersOf(['github']), GOTRUE_MAILER_AUTOCONFIRM: autoconfirm },
    })
    try {
      const { user } = await open.user({ email: address('rule5') })
      github(55, user.email, false)
      await comeBack(await begin('github', open), open)
      assert.deepEqual(await open.sql('select provider from auth.identities where user_id = $1', [user.id]), [
        { provider: 'email' },
      ])
    } finally {
      await open.close()
    }
  }
})

test('ACC-19 a link that somebody else finishes is not made before its verifier is shown by a session that lives', async () => {
  const attacker = await server.user({ email: address('acc19') })
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  const start = async () => {
    const { body } = await server.request(
      'GET',
      `/user/identities/authorize?provider=github&skip_http_redirect=true&code_challenge=${code_challenge}&code_challenge_method=s256`,
      { token: attacker.access_token },
    )
    return new URL(String(body.url)).searchParams.get('state') ?? ''
  }
  const linked = () =>
    server.sql(`select provider from auth.identities where user_id = $1 and provider = 'github'`, [attacker.user.id])
  github(1901, address('acc19victim'))
  const { location } = await comeBack(await start())
  const auth_code = new URL(location ?? '').searchParams.get('code')
  assert.ok(auth_code)
  assert.deepEqual(await linked(), [], 'the victim has come back, and nothing is linked')
  const exchange = (verifier: string) =>
    server.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier: verifier } })
  assert.equal((await exchange('x'.repeat(43))).status, 400)
  assert.deepEqual(await linked(), [])
  await server.request('POST', '/logout?scope=local', { token: attacker.access_token })
  assert.equal((await exchange(code_verifier)).body.error_code, 'session_not_found')
  assert.deepEqual(await linked(), [])
})

test('EGR-02 a name that first led to a public address and then to this machine is refused at the moment of connecting', async () => {
  // What the second answer of the name is; the first was good when the provider was added.
  const call = guardedCall((_host, options, callback) => {
    const found = [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    if (typeof options === 'object' && options.all) return callback(null, found)
    callback(null, '127.0.0.1', 4)
  })
  const init = { method: 'GET' as const, headers: {}, signal: new AbortController().signal }
  const { port } = new URL(mock.origin)
  await assert.rejects(call(`http://rebound.localhost:${port}/keys`, init), /has no public address/)
  await assert.rejects(call(`http://127.0.0.1:${port}/keys`, init), /is no public address/)
  for (const within of ['::ffff:127.0.0.1', '::127.0.0.1'])
    await assert.rejects(call(`http://[${within}]:${port}/keys`, init), /is no public address/, within)
})

test('EGR-03 a redirect of a provider is not followed', async () => {
  const email = address('egr03')
  github(30, email)
  mock.on('https://github.com/login/oauth/access_token', {
    status: 307,
    headers: { location: `${mock.origin}/inside.example/token` },
  })
  mock.on('https://inside.example/token', { body: { access_token: 'a' } })
  const answer = await comeBack(await begin('github'))
  assert.ok(errorOf(answer))
  assert.deepEqual(mock.callsOf('https://inside.example/token'), [])
  assert.deepEqual(await usersOf(email), [])
})
