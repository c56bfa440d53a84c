// Security keys as second factors: made at the first challenge, asked for at later ones, and stored as the reference does.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestAuthenticator } from '../support/authenticator.ts'
import { keyFactorCalls, refusal, webauthnEnv } from '../support/passkeys.ts'
import { claimsOf, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let calls: ReturnType<typeof keyFactorCalls>
before(async () => {
  server = await startTestServer({
    env: {
      ...webauthnEnv,
      GOTRUE_MAILER_NOTIFICATIONS_MFA_FACTOR_ENROLLED_ENABLED: 'true',
      GOTRUE_MAILER_NOTIFICATIONS_MFA_FACTOR_UNENROLLED_ENABLED: 'true',
    },
  })
  calls = keyFactorCalls(server)
})
after(() => server.close())

const signIn = async ({ user }: SignedIn) =>
  (
    await server.request('POST', '/token?grant_type=password', {
      body: { email: user.email, password: 'correct horse battery staple' },
    })
  ).body as unknown as SignedIn

test('a key is enrolled, raises its session and ends the weaker ones, and raises later ones', async () => {
  const key = new TestAuthenticator({ aaguid: 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4' })
  const session = await server.user()
  const weaker = await signIn(session)
  const { id, answer } = await calls.enrolWith(session.access_token, key)
  assert.equal(answer.status, 200, answer.text)
  assert.equal(claimsOf(String(answer.body.access_token)).aal, 'aal2')
  const ended = await server.request('GET', '/user', { token: weaker.access_token })
  assert.equal(refusal(ended), '403 session_not_found')
  const later = await signIn(session)
  const used = await calls.useWith(later.access_token, id, key)
  assert.equal(used.status, 200, used.text)
  const { aal, amr } = claimsOf(String(used.body.access_token))
  assert.deepEqual([aal, amr[0].method], ['aal2', 'mfa/webauthn'])
  const [row] = await server.sql(
    `select status, secret, web_authn_aaguid, web_authn_credential, last_webauthn_challenge_data->>'type' as type
      from auth.mfa_factors where id = $1`,
    [id],
  )
  const jwk = key.key.publicKey.export({ format: 'jwk' })
  const { publicKey, ...credential } = Object(row?.web_authn_credential)
  assert.ok(Buffer.from(publicKey, 'base64').includes(Buffer.from(String(jwk.x), 'base64url')))
  assert.deepEqual(
    { ...row, web_authn_credential: credential },
    {
      status: 'verified',
      secret: '',
      web_authn_aaguid: 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4',
      type: 'request',
      web_authn_credential: {
        id: key.id.toString('base64'),
        attestationType: 'none',
        attestationFormat: 'none',
        transport: ['internal'],
        flags: { userPresent: true, userVerified: true, backupEligible: false, backupState: false },
        authenticator: {
          AAGUID: '6puNZk0BHSE85La0jLV11A==',
          signCount: 1,
          cloneWarning: false,
          attachment: 'platform',
        },
      },
    },
  )
})

test('user verification is not asked for, so that keys without it work', async () => {
  const key = new TestAuthenticator({ flags: 0x01 })
  const { session, id } = await calls.personWithKey(key)
  assert.equal((await calls.useWith((await signIn(session)).access_token, id, key)).status, 200)
})

test('each key of an account may answer, and the session is that of the key which did', async () => {
  const { session, id, raised } = await calls.personWithKey()
  const second = new TestAuthenticator()
  const added = await calls.enrolWith(raised.access_token, second)
  assert.equal(added.answer.status, 200, added.answer.text)
  const later = await signIn(session)
  const { options } = await calls.challenge(later.access_token, id)
  assert.equal(options.allowCredentials.length, 2)
  const used = await calls.useWith(later.access_token, id, second)
  assert.equal(used.status, 200, used.text)
  const { session_id } = claimsOf(String(used.body.access_token))
  const [row] = await server.sql('select aal, factor_id from auth.sessions where id = $1', [session_id])
  assert.deepEqual(row, { aal: 'aal2', factor_id: added.id })
})

test('a key that the reference stored is asked for and answers', async () => {
  const { session, id, key } = await calls.personWithKey()
  await server.sql(
    `update auth.mfa_factors set web_authn_credential = web_authn_credential - 'attestationFormat'
      || '{"attestation":{"clientDataJSON":null,"clientDataHash":null,"authenticatorData":null,"publicKeyAlgorithm":-7,"object":null},"transport":null}'::jsonb
      where id = $1`,
    [id],
  )
  const later = await signIn(session)
  assert.equal((await calls.useWith(later.access_token, id, key)).status, 200)
})

test('mails tell of a key that was added and of one that was given up', async () => {
  const { session, id, raised } = await calls.personWithKey()
  const added = await server.nextMail(session.user.email)
  assert.match(added.html, /webauthn/)
  const given = await server.request('DELETE', `/factors/${id}`, { token: raised.access_token })
  assert.equal(given.status, 200)
  assert.ok(await server.nextMail(session.user.email, 'A verification method was removed from your account'))
})

test('switched off, keys are neither enrolled nor asked for nor verified', async () => {
  const { id, raised } = await calls.personWithKey()
  const off = await startTestServer({ database: server.database, mail: server.mail })
  try {
    const token = raised.access_token
    const enrolled = await off.request('POST', '/factors', { token, body: { factor_type: 'webauthn' } })
    assert.equal(refusal(enrolled), '422 mfa_webauthn_enroll_not_enabled')
    const asked = await off.request('POST', `/factors/${id}/challenge`, { token, body: {} })
    assert.equal(refusal(asked), '422 mfa_webauthn_verify_not_enabled')
  } finally {
    await off.close()
  }
})
