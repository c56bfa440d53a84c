// Cases of the security rules about passkeys: challenges that count once, answers that prove nothing, copies.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { totpCode } from '../../src/crypto/totp.ts'
import { type Changes, TestAuthenticator } from '../support/authenticator.ts'
import { passkeyCalls, refusal, webauthnEnv } from '../support/passkeys.ts'
import { claimsOf, mint, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let other: TestServer
let calls: ReturnType<typeof passkeyCalls>
before(async () => {
  server = await startTestServer({ env: webauthnEnv })
  other = await startTestServer({ env: webauthnEnv, database: server.database, mail: server.mail })
  calls = passkeyCalls(server)
})
after(async () => {
  await other.close()
  await server.close()
})

const failed = '400 webauthn_verification_failed'
const sessionsOf = (user_id: string) => server.sql('select id from auth.sessions where user_id = $1', [user_id])
const passkeysOf = (user_id: string) =>
  server.sql('select id from auth.webauthn_credentials where user_id = $1', [user_id])

test('PK-01 of ten answers to one challenge, at two instances, one signs in', async () => {
  const { user, key } = await calls.personWithPasskey()
  const before = (await sessionsOf(user.id)).length
  for (let round = 0; round < 10; round++) {
    const { challenge_id, options } = await calls.askToSignIn()
    const body = { challenge_id, credential: key.get(options) }
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 ? server : other).request('POST', '/passkeys/authentication/verify', { body }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const one of answers) if (one.status !== 200) assert.equal(refusal(one), '400 webauthn_challenge_not_found')
  }
  assert.equal((await sessionsOf(user.id)).length, before + 10)
})

test('of ten answers to one registration one passkey is made', async () => {
  const { user, access_token } = await server.user()
  const { challenge_id, options } = await calls.askToRegister(access_token)
  const body = { challenge_id, credential: new TestAuthenticator().create(options) }
  const answers = await Promise.all(Array.from({ length: 10 }, () => calls.register(access_token, body)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal((await passkeysOf(user.id)).length, 1)
})

const lies: [what: string, changes: Changes][] = [
  ['another origin', { origin: 'https://app.example.test' }],
  ['another relying party', { rp_id: 'example.test' }],
  ['another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
  ['another type', { type: 'webauthn.create' }],
  ['nobody present', { flags: 0x04 }],
  ['a key that can suddenly be backed up', { flags: 0x0d }],
  ['a bad signature', { bad_signature: true }],
  ['no user handle, as keys that are not discoverable send', { user_handle: null }],
  ['an empty user handle', { user_handle: '' }],
  ['a user handle that is no account', { user_handle: Buffer.from('nobody').toString('base64url') }],
]
for (const [what, changes] of lies)
  test(`PK-02 ${what} signs nobody in and leaves no row`, async () => {
    const { user, key } = await calls.personWithPasskey()
    const before = await sessionsOf(user.id)
    assert.equal(refusal(await calls.signInWith(key, changes)), failed)
    assert.deepEqual(await sessionsOf(user.id), before)
    const [row] = await server.sql(
      'select sign_count, last_used_at from auth.webauthn_credentials where user_id = $1',
      [user.id],
    )
    assert.deepEqual(row, { sign_count: 0, last_used_at: null })
  })

const lyingKeys: [what: string, key: TestAuthenticator, changes: Changes][] = [
  ...lies
    .slice(0, 3)
    .map(([what, changes]): [string, TestAuthenticator, Changes] => [what, new TestAuthenticator(), changes]),
  ['an assertion', new TestAuthenticator(), { type: 'webauthn.get' }],
  ['nobody present', new TestAuthenticator(), { flags: 0x44 }],
  ['an algorithm that was not offered', new TestAuthenticator({ algorithm: 'ES256K' }), {}],
  ['a key of no kind', new TestAuthenticator(), { cose: new Map([[1, 2]]) }],
]
for (const [what, key, changes] of lyingKeys)
  test(`PK-02 ${what} registers nothing`, async () => {
    const { user, access_token } = await server.user()
    assert.equal(refusal(await calls.registerWith(access_token, key, changes)), failed)
    assert.deepEqual(await passkeysOf(user.id), [])
  })

test('PK-02 the user handle of another account signs in neither of them', async () => {
  const [ada, eve] = [await calls.personWithPasskey(), await calls.personWithPasskey()]
  assert.equal(refusal(await calls.signInWith(eve.key, { user_handle: ada.key.user_handle })), failed)
  assert.equal((await sessionsOf(ada.user.id)).length, 1)
})

test('a challenge serves who it was made for, and what it was made for', async () => {
  const [ada, eve] = [await server.user(), await calls.personWithPasskey()]
  const mine = await calls.askToRegister(ada.access_token)
  const key = new TestAuthenticator()
  const body = { challenge_id: mine.challenge_id, credential: key.create(mine.options) }
  assert.equal(refusal(await calls.register(eve.access_token, body)), '400 webauthn_challenge_not_found')
  const asSignIn = { challenge_id: mine.challenge_id, credential: eve.key.get(mine.options) }
  assert.equal(refusal(await calls.signIn(asSignIn)), '400 webauthn_challenge_not_found')
  const login = await calls.askToSignIn()
  const asRegistration = {
    challenge_id: login.challenge_id,
    credential: new TestAuthenticator().create({ ...login.options, user: { id: 'x' } }),
  }
  assert.equal(refusal(await calls.register(ada.access_token, asRegistration)), '400 webauthn_challenge_not_found')
  // None of this used the right one up.
  assert.equal((await calls.register(ada.access_token, body)).status, 200)
})

test('a challenge that is over is refused and gone', async () => {
  const { key } = await calls.personWithPasskey()
  const { challenge_id, options } = await calls.askToSignIn()
  await server.sql(`update auth.webauthn_challenges set expires_at = now() - interval '1 second' where id = $1`, [
    challenge_id,
  ])
  const body = { challenge_id, credential: key.get(options) }
  assert.equal(refusal(await calls.signIn(body)), '400 webauthn_challenge_expired')
  assert.equal(refusal(await calls.signIn(body)), '400 webauthn_challenge_not_found')
})

test('a counter that goes back is refused and recorded; one that stays at 0 is not kept and counts', async () => {
  const { user, key, passkey_id } = await calls.personWithPasskey()
  assert.equal((await calls.signInWith(key, { sign_count: 41 })).status, 200)
  for (const sign_count of [41, 40, 0]) assert.equal(refusal(await calls.signInWith(key, { sign_count })), failed)
  assert.equal((await calls.signInWith(key, { sign_count: 42 })).status, 200)
  const recorded = await server.sql<{ payload: Record<string, unknown> }>(
    `select payload from auth.audit_log_entries where payload->>'action' = 'authenticator_copied'
      and payload->'traits'->>'passkey_id' = $1 order by created_at`,
    [passkey_id],
  )
  assert.deepEqual(
    recorded.map(({ payload }) => payload.traits),
    [41, 40, 0].map((sign_count) => ({ user_id: user.id, sign_count, passkey_id })),
  )
  assert.ok(server.log.some(({ message }) => /may have been copied/.test(String(message))))
  const uncounted = await calls.personWithPasskey()
  for (let i = 0; i < 2; i++) assert.equal((await calls.signInWith(uncounted.key, { sign_count: 0 })).status, 200)
})

test('a signature that was used once is worth nothing for another challenge', async () => {
  const { key } = await calls.personWithPasskey()
  const first = await calls.askToSignIn()
  const credential = key.get(first.options)
  assert.equal((await calls.signIn({ challenge_id: first.challenge_id, credential })).status, 200)
  const { challenge_id } = await calls.askToSignIn()
  assert.equal(refusal(await calls.signIn({ challenge_id, credential })), failed)
})

test('what is oversized, broken or of the wrong type is 4xx and leaves no passkey', async () => {
  const { user, access_token } = await server.user()
  const wrong: unknown[] = [
    'text',
    [],
    5,
    { id: 'a', rawId: 'a', type: 'public-key' },
    { id: 'a', rawId: 'a', type: 'public-key', response: { clientDataJSON: 'e30', attestationObject: 'oA' } },
  ]
  for (const credential of wrong) {
    const { challenge_id } = await calls.askToRegister(access_token)
    const refused = await calls.register(access_token, { challenge_id, credential })
    assert.equal(refusal(refused), failed, JSON.stringify(credential))
    assert.equal(refused.body.msg, 'Invalid credential response')
  }
  const { challenge_id, options } = await calls.askToRegister(access_token)
  const huge = new TestAuthenticator().create(options, { extra: { attestationObject: 'A'.repeat(900_000) } })
  assert.equal(refusal(await calls.register(access_token, { challenge_id, credential: huge })), failed)
  const over = await calls.register(access_token, { challenge_id, credential: 'A'.repeat(1_100_000) })
  assert.equal(over.status, 413)
  assert.deepEqual(await passkeysOf(user.id), [])
})

test('a second factor guards passkeys, and a token without a session makes none', async () => {
  const { user, access_token, passkey_id } = await calls.personWithPasskey()
  const sessionless = mint({ sub: user.id, aud: 'authenticated', role: 'authenticated' })
  const begun = await server.request('POST', '/passkeys/registration/options', { token: sessionless })
  assert.equal(refusal(begun), '403 session_not_found')
  const { body: factor } = await server.request('POST', '/factors', {
    token: access_token,
    body: { factor_type: 'totp' },
  })
  const path = `/factors/${factor.id}`
  const address = '192.0.2.9'
  const { body: asked } = await server.request('POST', `${path}/challenge`, { token: access_token, address })
  const code = totpCode(String(Object(factor.totp).secret), Date.now() / 1000)
  const raised = await server.request('POST', `${path}/verify`, {
    token: access_token,
    address,
    body: { challenge_id: asked.id, code },
  })
  assert.equal(raised.status, 200, raised.text)
  const again = await server.request('POST', '/token?grant_type=password', {
    body: { email: user.email, password: 'correct horse battery staple' },
  })
  for (const token of [String(again.body.access_token), sessionless]) {
    const deleted = await server.request('DELETE', `/passkeys/${passkey_id}`, { token })
    assert.equal(refusal(deleted), '403 insufficient_aal')
  }
  const strong = await server.request('POST', '/passkeys/registration/options', {
    token: String(raised.body.access_token),
  })
  assert.equal(strong.status, 200)
})

test('a passkey gives the first level only', async () => {
  const { key } = await calls.personWithPasskey()
  const session = await calls.signInWith(key)
  const { aal, amr } = claimsOf(String(session.body.access_token))
  assert.equal(aal, 'aal1')
  assert.deepEqual(
    amr.map(({ method }: { method: string }) => method),
    ['passkey'],
  )
})
