// Cases of the security rules about security keys as second factors: answers that prove nothing, keys in another's place.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Changes, TestAuthenticator } from '../support/authenticator.ts'
import { keyFactorCalls, refusal, webauthnEnv } from '../support/passkeys.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let calls: ReturnType<typeof keyFactorCalls>
before(async () => {
  server = await startTestServer({ env: webauthnEnv })
  calls = keyFactorCalls(server)
})
after(() => server.close())

const failed = '422 mfa_verification_failed'
const signIn = async ({ user }: SignedIn) =>
  (
    await server.request('POST', '/token?grant_type=password', {
      body: { email: user.email, password: 'correct horse battery staple' },
    })
  ).body as unknown as SignedIn
const levelsOf = async (user_id: string) =>
  (await server.sql('select aal from auth.sessions where user_id = $1 order by created_at', [user_id])).map(
    ({ aal }) => aal,
  )

const lies: [what: string, changes: Changes][] = [
  ['another origin', { origin: 'https://app.example.test' }],
  ['another relying party', { rp_id: 'example.test' }],
  ['another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
  ['nobody present', { flags: 0x44 }],
]
for (const [what, changes] of lies)
  test(`${what} neither verifies a new key nor raises a session`, async () => {
    const { access_token, user } = await server.user()
    const { answer } = await calls.enrolWith(access_token, new TestAuthenticator(), changes)
    assert.equal(refusal(answer), failed)
    const [factor] = await server.sql(
      'select status, web_authn_credential, web_authn_aaguid from auth.mfa_factors where user_id = $1',
      [user.id],
    )
    assert.deepEqual(factor, { status: 'unverified', web_authn_credential: null, web_authn_aaguid: null })
    const { session, id, key } = await calls.personWithKey()
    const later = await signIn(session)
    const flags = changes.flags === undefined ? {} : { flags: 0x04 }
    assert.equal(refusal(await calls.useWith(later.access_token, id, key, { ...changes, ...flags })), failed)
    assert.deepEqual(await levelsOf(session.user.id), ['aal2', 'aal1'])
  })

test('a bad signature, a key of somebody else and a foreign user handle raise nothing', async () => {
  const { session, id, key } = await calls.personWithKey()
  const stranger = new TestAuthenticator()
  stranger.user_handle = key.user_handle
  const { access_token: token } = await signIn(session)
  assert.equal(refusal(await calls.useWith(token, id, key, { bad_signature: true })), failed)
  assert.equal(refusal(await calls.useWith(token, id, stranger)), failed)
  const user_handle = Buffer.from(crypto.randomUUID()).toString('base64url')
  assert.equal(refusal(await calls.useWith(token, id, key, { user_handle })), failed)
  assert.equal((await calls.useWith(token, id, key, { user_handle: null })).status, 200)
})

test('a new key cannot be put in the place of a verified one', async () => {
  const { session, id } = await calls.personWithKey()
  const { access_token: token } = await signIn(session)
  const { challenge_id, options } = await calls.challenge(token, id)
  const intruder = new TestAuthenticator()
  const made = intruder.create({ ...options, user: { id: 'x' } })
  assert.equal(refusal(await calls.verify(token, id, challenge_id, 'create', made)), failed)
  assert.deepEqual(await levelsOf(session.user.id), ['aal2', 'aal1'])
})

test('a challenge from before a key was verified does not replace it', async () => {
  const { access_token: token, user } = await server.user()
  const id = await calls.enroll(token)
  const [first, second] = [await calls.challenge(token, id), await calls.challenge(token, id)]
  const key = new TestAuthenticator()
  assert.equal((await calls.verify(token, id, first.challenge_id, 'create', key.create(first.options))).status, 200)
  const again = await calls.verify(
    token,
    id,
    second.challenge_id,
    'create',
    new TestAuthenticator().create(second.options),
  )
  assert.equal(refusal(again), failed)
  const [row] = await server.sql(`select web_authn_credential->>'id' as id from auth.mfa_factors where user_id = $1`, [
    user.id,
  ])
  assert.equal(row?.id, key.id.toString('base64'))
})

test('of ten answers to one challenge, sent at once, one counts', async () => {
  const { session, id, key } = await calls.personWithKey()
  const { access_token: token } = await signIn(session)
  const { challenge_id, type, options } = await calls.challenge(token, id)
  const credential = key.get(options)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => calls.verify(token, id, challenge_id, type, credential)),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const one of answers)
    if (one.status !== 200) assert.match(refusal(one), /^422 mfa_(factor_not_found|verification_failed)$/)
  const replayed = await calls.challenge(token, id)
  assert.equal(refusal(await calls.verify(token, id, replayed.challenge_id, type, credential)), failed)
})

test('a counter that goes back is refused, recorded, and marks the key as copied', async () => {
  const { session, id, key } = await calls.personWithKey()
  const { access_token: token } = await signIn(session)
  assert.equal((await calls.useWith(token, id, key, { sign_count: 9 })).status, 200)
  assert.equal(refusal(await calls.useWith(token, id, key, { sign_count: 9 })), failed)
  const [row] = await server.sql(
    `select web_authn_credential->'authenticator' as state from auth.mfa_factors where id = $1`,
    [id],
  )
  const { signCount, cloneWarning } = Object(row?.state)
  assert.deepEqual([signCount, cloneWarning], [9, true])
  const recorded = await server.sql(
    `select payload->'traits' as traits from auth.audit_log_entries where payload->>'action' = 'authenticator_copied'
      and payload->'traits'->>'factor_id' = $1`,
    [id],
  )
  assert.deepEqual(recorded, [{ traits: { user_id: session.user.id, factor_id: id, sign_count: 9 } }])
})

test('an answer that cannot be read is 400, whatever it is', async () => {
  const { access_token: token } = await server.user()
  const id = await calls.enroll(token)
  const { challenge_id, options } = await calls.challenge(token, id)
  const broken = [
    [],
    'text',
    5,
    { id: 'a' },
    new TestAuthenticator().create(options, { attestation: Buffer.from('a16161', 'hex') }),
    new TestAuthenticator().create(options, { extra: { attestationObject: 'A'.repeat(500_000) } }),
  ]
  for (const credential of broken) {
    const refused = await calls.verify(token, id, challenge_id, 'create', credential)
    assert.equal(refusal(refused), '400 validation_failed')
    assert.equal(refused.body.msg, 'Invalid credential_response')
  }
  for (const webauthn of [[], 'text', 5]) {
    const refused = await server.request('POST', `/factors/${id}/verify`, { token, body: { challenge_id, webauthn } })
    assert.equal(refusal(refused), '400 bad_json')
  }
  // The challenge is still good.
  const right = await calls.verify(token, id, challenge_id, 'create', new TestAuthenticator().create(options))
  assert.equal(right.status, 200, right.text)
})

test('a long statement of a manufacturer is not kept with the account', async () => {
  const { access_token: token, user } = await server.user()
  const { answer } = await calls.enrolWith(token, new TestAuthenticator(), {
    fmt: 'apple',
    att_stmt: () => new Map([['x5c', [Buffer.alloc(20_000)]]]),
  })
  assert.equal(answer.status, 200, answer.text)
  const [row] = await server.sql<{ size: number }>(
    'select length(last_webauthn_challenge_data::text) as size from auth.mfa_factors where user_id = $1',
    [user.id],
  )
  assert.ok(row && row.size < 4096, `${row?.size}`)
})
