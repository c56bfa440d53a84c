// Passkeys: made by a signed-in person, used without a name, listed, renamed, given up and administered.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestAuthenticator } from '../support/authenticator.ts'
import { passkeyCalls, refusal, webauthnEnv } from '../support/passkeys.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let calls: ReturnType<typeof passkeyCalls>
before(async () => {
  server = await startTestServer({
    env: {
      ...webauthnEnv,
      GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
      GOTRUE_PASSKEY_MAX_PASSKEYS_PER_USER: '3',
      POSTERN_MAILER_NOTIFICATIONS_PASSKEY_ADDED_ENABLED: 'true',
      POSTERN_MAILER_NOTIFICATIONS_PASSKEY_REMOVED_ENABLED: 'true',
    },
  })
  calls = passkeyCalls(server)
})
after(() => server.close())

const passkeyRows = (user_id: string) =>
  server.sql(
    `select friendly_name, sign_count, transports, backup_eligible, backed_up, attestation_type, aaguid, last_used_at is not null as used
      from auth.webauthn_credentials where user_id = $1 order by created_at`,
    [user_id],
  )

test('a passkey is made, signs in, and is kept as the reference would keep it', async () => {
  const key = new TestAuthenticator({ aaguid: 'bada5566-a7aa-401f-bd96-45619a55120d', flags: 0x1d })
  const { user, access_token } = await server.user()
  const made = await calls.registerWith(access_token, key)
  assert.equal(made.status, 200, made.text)
  assert.deepEqual(Object.keys(made.body).sort(), ['created_at', 'friendly_name', 'id'])
  const session = await calls.signInWith(key)
  assert.equal(session.status, 200, session.text)
  assert.equal(Object(session.body.user).id, user.id)
  assert.ok(session.headers.get('sb-auth-session-id'))
  assert.deepEqual(await passkeyRows(user.id), [
    {
      friendly_name: '1Password',
      sign_count: 1,
      transports: ['internal'],
      backup_eligible: true,
      backed_up: true,
      attestation_type: 'none',
      aaguid: 'bada5566-a7aa-401f-bd96-45619a55120d',
      used: true,
    },
  ])
  const audit = await server.sql<{ payload: Record<string, unknown> }>(
    `select payload from auth.audit_log_entries where payload->>'actor_id' = $1 order by created_at`,
    [user.id],
  )
  const of = (action: string) => audit.filter(({ payload }) => payload.action === action).at(-1)?.payload.traits
  assert.deepEqual(of('passkey_created'), { passkey_id: made.body.id })
  assert.deepEqual(of('login'), { passkey_id: made.body.id })
})

test('people without an e-mail address have passkeys too, with keys of every kind, user verification on and off', async () => {
  const person = await server.user({ email: 'by-phone@example.com', phone: '+15550001235', phone_confirm: true })
  await server.sql('update auth.users set email = null where id = $1', [person.user.id])
  const { options } = await calls.askToRegister(person.access_token)
  assert.equal(Object(options.user).name, '15550001235')
  // Chromium makes discoverable credentials with user verification only; others do without.
  for (const kind of [{ algorithm: 'RS256' }, { algorithm: 'EdDSA', flags: 0x01 }] as const) {
    const key = new TestAuthenticator(kind)
    assert.equal((await calls.registerWith(person.access_token, key)).status, 200)
    assert.equal((await calls.signInWith(key)).status, 200)
  }
})

test('options are the same for everybody, and hold nothing of the request', async () => {
  const { body } = await server.request('POST', '/passkeys/authentication/options', {
    headers: { origin: 'https://evil.example' },
  })
  const { challenge, ...options } = Object(body.options)
  assert.equal(Buffer.from(challenge, 'base64url').length, 32)
  assert.deepEqual(options, { timeout: 300_000, rpId: 'app.example.test', userVerification: 'preferred' })
})

test('a passkey of one account is not made again, by nobody', async () => {
  const { key } = await calls.personWithPasskey()
  const other = await server.user()
  const again = await calls.registerWith(other.access_token, key)
  assert.equal(refusal(again), '422 webauthn_credential_exists')
  assert.deepEqual(await passkeyRows(other.user.id), [])
})

test('of many registrations at once no more than the limit are kept', async () => {
  const { user, access_token } = await server.user()
  const begun = await Promise.all(Array.from({ length: 8 }, () => calls.askToRegister(access_token)))
  const answers = await Promise.all(
    begun.map(({ challenge_id, options }) =>
      calls.register(access_token, { challenge_id, credential: new TestAuthenticator().create(options) }),
    ),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 3)
  for (const one of answers) if (one.status !== 200) assert.equal(refusal(one), '422 too_many_passkeys')
  assert.equal((await passkeyRows(user.id)).length, 3)
})

test('people of an SSO provider and anonymous people register none', async () => {
  const sso = await server.user()
  await server.sql('update auth.users set is_sso_user = true where id = $1', [sso.user.id])
  for (const path of ['/passkeys/registration/options', '/passkeys/registration/verify']) {
    const refused = await server.request('POST', path, { token: sso.access_token, body: {} })
    assert.equal(refusal(refused), '422 validation_failed')
    assert.equal(refused.body.msg, 'SSO users cannot register passkeys')
  }
  const anonymous = await server.request('POST', '/signup', { body: {} })
  const token = String(anonymous.body.access_token)
  const refused = await server.request('POST', '/passkeys/registration/options', { token })
  assert.equal(refusal(refused), '403 no_authorization')
  assert.deepEqual((await server.request('GET', '/passkeys', { token })).text, '[]')
})

test('a passkey is listed, renamed and given up by its owner alone, with and without a slash', async () => {
  const { access_token: token, passkey_id } = await calls.personWithPasskey()
  const eve = (await server.user()).access_token
  for (const path of ['/passkeys', '/passkeys/']) {
    const listed = JSON.parse((await server.request('GET', path, { token })).text)
    assert.deepEqual(
      listed.map(({ id }: { id: string }) => id),
      [passkey_id],
    )
  }
  const rename = (who: string, friendly_name: unknown, id = passkey_id) =>
    server.request('PATCH', `/passkeys/${id}`, { token: who, body: { friendly_name } })
  assert.equal((await rename(token, 'Küche')).body.friendly_name, 'Küche')
  assert.equal((await rename(token, 'x'.repeat(120))).status, 200)
  // 61 letters of two bytes each.
  assert.equal(refusal(await rename(token, 'ü'.repeat(61))), '400 validation_failed')
  assert.equal(refusal(await rename(token, 5)), '400 bad_json')
  assert.equal(refusal(await rename(eve, 'mine')), '404 validation_failed')
  const remove = (who: string) => server.request('DELETE', `/passkeys/${passkey_id}`, { token: who })
  assert.equal(refusal(await remove(eve)), '404 validation_failed')
  assert.equal((await remove(token)).status, 204)
  assert.equal(refusal(await remove(token)), '404 validation_failed')
})

test('administrators list and take passkeys under both spellings of the path, also when they are switched off', async () => {
  const { user, key, passkey_id } = await calls.personWithPasskey()
  const off = await startTestServer({ database: server.database, mail: server.mail })
  try {
    for (const path of ['/admin/users', '/admin/user']) {
      const listed = await off.request('GET', `${path}/${user.id}/passkeys`, { as: 'service_role' })
      assert.equal(JSON.parse(listed.text)[0].id, passkey_id)
    }
    const refused = await off.request('POST', '/passkeys/authentication/options')
    assert.equal(refusal(refused), '404 passkey_disabled')
    const gone = await off.request('DELETE', `/admin/user/${user.id}/passkeys/${passkey_id}`, { as: 'service_role' })
    assert.equal(gone.status, 204)
  } finally {
    await off.close()
  }
  assert.equal(refusal(await calls.signInWith(key)), '400 webauthn_verification_failed')
  const rights = await server.request('GET', `/admin/users/${user.id}/passkeys`, { as: 'anon' })
  assert.equal(refusal(rights), '403 not_admin')
})

test('mails tell of a passkey that was added and of one that was removed', async () => {
  const { user, access_token: token, passkey_id } = await calls.personWithPasskey()
  const added = await server.nextMail(user.email, 'A passkey was added to your account')
  assert.match(added.html, /can sign in without your password/)
  await server.request('DELETE', `/passkeys/${passkey_id}`, { token })
  assert.ok(await server.nextMail(user.email, 'A passkey was removed from your account'))
})

test('the domain and the pages are those of the application where none are configured', async () => {
  const plain = await startTestServer({
    env: { GOTRUE_PASSKEY_ENABLED: 'true', GOTRUE_SITE_URL: 'http://localhost:3000/start' },
  })
  try {
    const own = passkeyCalls(plain)
    const key = new TestAuthenticator({ origin: 'http://localhost:3000', rp_id: 'localhost' })
    const { access_token } = await plain.user()
    const { options } = await own.askToRegister(access_token)
    assert.deepEqual(options.rp, { id: 'localhost', name: 'localhost' })
    assert.equal((await own.registerWith(access_token, key)).status, 200)
    assert.equal((await own.signInWith(key)).status, 200)
  } finally {
    await plain.close()
  }
})
