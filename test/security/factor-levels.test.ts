// What a second factor is worth: codes that count once, leftovers that count for nothing, levels that fall with a factor.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { totpCode } from '../../src/crypto/totp.ts'
import { TestAuthenticator } from '../support/authenticator.ts'
import { keyFactorCalls, refusal, webauthnEnv } from '../support/passkeys.ts'
import { claimsOf, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
const address = '192.0.2.50'
let server: TestServer
let keys: ReturnType<typeof keyFactorCalls>
before(async () => {
  server = await startTestServer({ env: webauthnEnv })
  keys = keyFactorCalls(server)
})
after(() => server.close())

const signIn = async (user: SignedIn['user']) =>
  (await server.request('POST', '/token?grant_type=password', { body: { email: user.email, password } }))
    .body as unknown as SignedIn
const refresh = async ({ refresh_token }: SignedIn) =>
  (await server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } }))
    .body as unknown as SignedIn
const enroll = async (token: string) => {
  const body = { factor_type: 'totp', friendly_name: crypto.randomUUID() }
  const { body: made, text } = await server.request('POST', '/factors', { token, body })
  assert.ok(made.id, text)
  return { id: String(made.id), secret: String(Object(made.totp).secret) }
}
const challenge = (token: string, id: string) => server.request('POST', `/factors/${id}/challenge`, { token, address })
const answer = async (token: string, id: string, code: string) =>
  server.request('POST', `/factors/${id}/verify`, {
    token,
    address,
    body: { challenge_id: (await challenge(token, id)).body.id, code },
  })
const now_s = () => Date.now() / 1000
/** Codes of this step and of the one after, which is accepted too. */
const codesOf = (secret: string) => ({ now: totpCode(secret, now_s()), next: totpCode(secret, now_s() + 30) })
const wrong = (code: string) => (code[0] === '9' ? '0' : '9') + code.slice(1)

async function protectedPerson() {
  const session = await server.user({ email: `${crypto.randomUUID()}@example.com` })
  const factor = await enroll(session.access_token)
  const raised = await answer(session.access_token, factor.id, codesOf(factor.secret).now)
  assert.equal(raised.status, 200, raised.text)
  return { user: session.user, ...factor, raised: raised.body as unknown as SignedIn }
}
const methodsOf = (token: string) =>
  claimsOf(token)
    .amr.map(({ method }: { method: string }) => method)
    .sort()

test('a code of an app signs in once, however many sessions and challenges it is sent to at once', async () => {
  const { user, id, secret } = await protectedPerson()
  const sessions = [await signIn(user), await signIn(user), await signIn(user), await signIn(user)]
  const { next } = codesOf(secret)
  const answers = await Promise.all(sessions.map(({ access_token }) => answer(access_token, id, next)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const one of answers)
    if (one.status !== 200)
      assert.match(refusal(one), /^(422 mfa_verification_failed|403 session_not_found|422 mfa_ip_address_mismatch)$/)
  const later = await signIn(user)
  assert.equal(refusal(await answer(later.access_token, id, next)), '422 mfa_verification_failed')
})

test('an issuer that no QR code holds is 400 with its name', async () => {
  const { access_token: token } = await server.user({ email: `${crypto.randomUUID()}@example.com` })
  const body = { factor_type: 'totp', issuer: 'é'.repeat(300) }
  const refused = await server.request('POST', '/factors', { token, body })
  assert.equal(refusal(refused), '400 validation_failed')
  assert.match(String(refused.body.msg), /^issuer/)
})

test('the code that set an app up signs in once more, and no third time', async () => {
  const { user, id, secret } = await protectedPerson()
  const code = codesOf(secret).now
  assert.equal((await answer((await signIn(user)).access_token, id, code)).status, 200)
  assert.equal(refusal(await answer((await signIn(user)).access_token, id, code)), '422 mfa_verification_failed')
})

test('wrong codes run into the budget of the factor, which leaves the password and other factors alone', async () => {
  const { user, id, secret, raised } = await protectedPerson()
  const { access_token: token } = await signIn(user)
  const { now } = codesOf(secret)
  const asked = (await challenge(token, id)).body.id
  const guess = (code: string) =>
    server.request('POST', `/factors/${id}/verify`, { token, address, body: { challenge_id: asked, code } })
  for (let i = 0; i < 30; i++) assert.equal(refusal(await guess(wrong(now))), '422 mfa_verification_failed')
  const spent = await guess(now)
  assert.equal(refusal(spent), '429 over_request_rate_limit')
  assert.ok(Number(spent.headers.get('retry-after')) > 0)
  assert.ok((await signIn(user)).access_token)
  const { answer: added } = await keys.enrolWith(raised.access_token, new TestAuthenticator())
  assert.equal(added.status, 200, added.text)
})

test('REV-05 the first verified factor removes every unverified one, of whatever kind', async () => {
  const { access_token: token, user } = await server.user({ email: `${crypto.randomUUID()}@example.com` })
  await enroll(token)
  const key = await keys.enroll(token)
  const begun = await keys.challenge(token, key)
  const app = await enroll(token)
  const verified = await answer(token, app.id, codesOf(app.secret).now)
  assert.equal(verified.status, 200)
  // As recorded, the answer is of the account before they are removed.
  const shown = Object(verified.body.user).factors as { factor_type: string; status: string }[]
  assert.deepEqual(shown.map(({ factor_type, status }) => `${factor_type} ${status}`).sort(), [
    'totp unverified',
    'totp verified',
    'webauthn unverified',
  ])
  assert.deepEqual(await server.sql('select id, status from auth.mfa_factors where user_id = $1', [user.id]), [
    { id: app.id, status: 'verified' },
  ])
  const late = await keys.verify(
    token,
    key,
    begun.challenge_id,
    'create',
    new TestAuthenticator().create(begun.options),
  )
  assert.equal(refusal(late), '404 mfa_factor_not_found')
})

test('REV-05 of two first factors that are verified at once in two sessions one is kept', async () => {
  for (let round = 0; round < 5; round++) {
    const one = await server.user({ email: `${crypto.randomUUID()}@example.com` })
    const two = await signIn(one.user)
    const factors = [await enroll(one.access_token), await enroll(two.access_token)]
    const tokens = [one.access_token, two.access_token]
    const asked = await Promise.all(factors.map(({ id }, i) => challenge(tokens[i] ?? '', id)))
    const answers = await Promise.all(
      factors.map(({ id, secret }, i) =>
        server.request('POST', `/factors/${id}/verify`, {
          token: tokens[i] ?? '',
          address,
          body: { challenge_id: asked[i]?.body.id, code: codesOf(secret).now },
        }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const left = await server.sql('select status from auth.mfa_factors where user_id = $1', [one.user.id])
    assert.deepEqual(left, [{ status: 'verified' }])
  }
})

test('REV-05 at the first level a leftover is neither asked nor verified once a verified factor exists', async () => {
  const { user, raised } = await protectedPerson()
  const left = await enroll(raised.access_token)
  const { access_token: weak } = await signIn(user)
  assert.equal(refusal(await challenge(weak, left.id)), '403 insufficient_aal')
  const asked = await challenge(raised.access_token, left.id)
  const body = { challenge_id: asked.body.id, code: codesOf(left.secret).now }
  const verified = await server.request('POST', `/factors/${left.id}/verify`, { token: weak, address, body })
  assert.equal(refusal(verified), '403 insufficient_aal')
  const strong = await server.request('POST', `/factors/${left.id}/verify`, {
    token: raised.access_token,
    address,
    body,
  })
  assert.equal(strong.status, 200, strong.text)
})

const deletions: [how: string, remove: (user_id: string, id: string, strong: SignedIn) => Promise<unknown>][] = [
  ['by the person', (_, id, strong) => server.request('DELETE', `/factors/${id}`, { token: strong.access_token })],
  [
    'by an administrator',
    (user_id, id) => server.request('DELETE', `/admin/users/${user_id}/factors/${id}`, { as: 'service_role' }),
  ],
  ['in the database', (_, id) => server.sql('delete from auth.mfa_factors where id = $1', [id])],
]
for (const [how, remove] of deletions)
  test(`REV-16 a factor that is deleted ${how} takes the level and its proof with it`, async () => {
    const { user, id, raised } = await protectedPerson()
    await remove(user.id, id, raised)
    const refreshed = await refresh(raised)
    assert.equal(claimsOf(refreshed.access_token).aal, 'aal1')
    assert.deepEqual(methodsOf(refreshed.access_token), ['password'])
  })

test('REV-16 a session that a deleted factor had raised is at the first level for every route', async () => {
  const { user, id, raised } = await protectedPerson()
  const { id: key_id, answer: added } = await keys.enrolWith(raised.access_token, new TestAuthenticator())
  assert.equal(added.status, 200, added.text)
  // The session is the key's now; the proof by the app stays, as its factor does.
  const both = await refresh(added.body as unknown as SignedIn)
  assert.deepEqual(methodsOf(both.access_token), ['mfa/webauthn', 'password', 'totp'])
  await server.sql('delete from auth.mfa_factors where id = $1', [key_id])
  const token = both.access_token
  assert.equal((await server.request('GET', '/user', { token })).status, 200)
  const changed = await server.request('PUT', '/user', { token, body: { password: 'another long password' } })
  assert.equal(refusal(changed), '401 insufficient_aal')
  const unenrolled = await server.request('DELETE', `/factors/${id}`, { token })
  assert.equal(refusal(unenrolled), '422 insufficient_aal')
  const fallen = await refresh(both)
  assert.equal(claimsOf(fallen.access_token).aal, 'aal1')
  // Whoever shows a factor again ends it.
  const again = await signIn(user)
  const { secret } = await secretOf(id)
  assert.equal((await answer(again.access_token, id, codesOf(secret).next)).status, 200)
  assert.equal(refusal(await server.request('GET', '/user', { token: fallen.access_token })), '403 session_not_found')
})

test('REV-16 a proof of a kind without a verified factor is gone, the level of another stays', async () => {
  const { id, raised } = await protectedPerson()
  const { answer: added } = await keys.enrolWith(raised.access_token, new TestAuthenticator())
  const token = String(added.body.access_token)
  assert.equal((await server.request('DELETE', `/factors/${id}`, { token })).status, 200)
  const refreshed = await refresh(added.body as unknown as SignedIn)
  assert.equal(claimsOf(refreshed.access_token).aal, 'aal2')
  const { session_id } = claimsOf(refreshed.access_token)
  const rows = await server.sql(
    'select authentication_method as method from auth.mfa_amr_claims where session_id = $1 order by 1',
    [session_id],
  )
  assert.deepEqual(
    rows.map(({ method }) => method),
    ['mfa/webauthn', 'password'],
  )
  assert.deepEqual(methodsOf(refreshed.access_token), ['mfa/webauthn', 'password'])
})

const secretOf = async (id: string) => {
  const [row] = await server.sql<{ secret: string }>('select secret from auth.mfa_factors where id = $1', [id])
  return { secret: row?.secret ?? '' }
}
