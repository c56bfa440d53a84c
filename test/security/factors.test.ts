// Cases of the security rules about second factors: whose they are, how long and how often a code counts, what it raises.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { totpCode } from '../../src/crypto/totp.ts'
import { refusal, wrong } from '../support/cases.ts'
import { linkOf } from '../support/mail-sink.ts'
import { mint, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import { type SmsGateway, startSmsGateway } from '../support/sms-gateway.ts'

const password = 'correct horse battery staple'
let server: TestServer
let gateway: SmsGateway
let people = 0

before(async () => {
  gateway = await startSmsGateway()
  server = await startTestServer({
    env: {
      GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true',
      GOTRUE_MFA_PHONE_VERIFY_ENABLED: 'true',
      GOTRUE_MFA_PHONE_MAX_FREQUENCY: '60s',
      GOTRUE_MFA_RATE_LIMIT_CHALLENGE_AND_VERIFY: '100000',
      ...gateway.env,
    },
  })
})
after(async () => {
  await server.close()
  gateway.stop()
})

const person = (name: string) => server.user({ email: `${name}-${++people}@example.com` })
const signIn = async ({ user }: SignedIn) =>
  (await server.request('POST', '/token?grant_type=password', { body: { email: user.email, password } }))
    .body as unknown as SignedIn
const address = '192.0.2.44'
const challenge = async (token: string, id: string) =>
  String((await server.request('POST', `/factors/${id}/challenge`, { token, address, body: {} })).body.id)
const answer = (token: string, id: string, challenge_id: string, code: string) =>
  server.request('POST', `/factors/${id}/verify`, { token, address, body: { challenge_id, code } })
const enroll = (token: string, more: object = {}) =>
  server.request('POST', '/factors', { token, body: { factor_type: 'totp', friendly_name: `${++people}`, ...more } })
const now_s = () => Date.now() / 1000
const levelOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).aal

/** A person with a verified app, the session that has shown it, and the secret. */
async function protectedPerson(name: string) {
  const session = await person(name)
  const { body } = await enroll(session.access_token)
  const secret = String(Object(body.totp).secret)
  const id = String(body.id)
  const raised = await answer(
    session.access_token,
    id,
    await challenge(session.access_token, id),
    totpCode(secret, now_s()),
  )
  assert.equal(raised.status, 200, raised.text)
  return { session, id, secret, raised: raised.body as unknown as SignedIn }
}

test('MFA-04 a challenge that was answered is used up', async () => {
  const { id, secret, raised } = await protectedPerson('mfa04')
  const asked = await challenge(raised.access_token, id)
  assert.equal((await answer(raised.access_token, id, asked, totpCode(secret, now_s()))).status, 200)
  assert.equal(
    refusal(await answer(raised.access_token, id, asked, totpCode(secret, now_s()))),
    '422 mfa_ip_address_mismatch',
  )
})

test('MFA-05 a challenge that is over is refused and gone', async () => {
  const { id, secret, raised } = await protectedPerson('mfa05')
  const asked = await challenge(raised.access_token, id)
  await server.sql(`update auth.mfa_challenges set created_at = created_at - interval '301 seconds' where id = $1`, [
    asked,
  ])
  assert.equal(
    refusal(await answer(raised.access_token, id, asked, totpCode(secret, now_s()))),
    '422 mfa_challenge_expired',
  )
  assert.deepEqual(await server.sql('select id from auth.mfa_challenges where id = $1', [asked]), [])
})

test("MFA-06 another person's factor and challenge are not there", async () => {
  const { id, secret, raised } = await protectedPerson('mfa06')
  const eve = await protectedPerson('mfa06eve')
  const asked = await challenge(raised.access_token, id)
  const code = totpCode(secret, now_s())
  assert.equal(refusal(await answer(eve.raised.access_token, id, asked, code)), '404 mfa_factor_not_found')
  assert.equal(refusal(await answer(eve.raised.access_token, eve.id, asked, code)), '422 mfa_factor_not_found')
  const gone = await server.request('DELETE', `/factors/${id}`, { token: eve.raised.access_token })
  assert.equal(refusal(gone), '404 mfa_factor_not_found')
  assert.equal((await server.sql('select id from auth.mfa_factors where id = $1', [id])).length, 1)
})

test('MFA-08 a token without a session changes nothing that a second factor protects', async () => {
  const { session } = await protectedPerson('mfa08')
  const token = mint({ sub: session.user.id, aud: 'authenticated', role: 'authenticated' })
  assert.equal(
    refusal(await server.request('PUT', '/user', { token, body: { password: 'another password' } })),
    '401 insufficient_aal',
  )
  assert.equal(refusal(await enroll(token)), '403 session_not_found')
  assert.equal((await server.sql('select id from auth.mfa_factors where user_id = $1', [session.user.id])).length, 1)
  assert.ok((await signIn(session)).access_token)
})

test('MFA-09 ways to sign in are changed by a session that has shown the second factor', async () => {
  const { session } = await protectedPerson('mfa09')
  const { access_token: token } = await signIn(session)
  const link = await server.request('GET', '/user/identities/authorize?provider=github&skip_http_redirect=true', {
    token,
  })
  assert.equal(refusal(link), '401 insufficient_aal')
  const [identity] = await server.sql<{ id: string }>('select id from auth.identities where user_id = $1', [
    session.user.id,
  ])
  assert.equal(
    refusal(await server.request('DELETE', `/user/identities/${identity?.id}`, { token })),
    '401 insufficient_aal',
  )
  const body = { provider: 'google', id_token: 'x', link_identity: true }
  const by_token = await server.request('POST', '/token?grant_type=id_token', { token, body })
  assert.equal(refusal(by_token), '401 insufficient_aal')
})

test('MFA-10 showing the factor ends weaker sessions, and a refresh token from before never reaches the level', async () => {
  const { session, id, secret } = await protectedPerson('mfa10')
  const [one, other] = [await signIn(session), await signIn(session)]
  const asked = await challenge(one.access_token, id)
  const raised = await answer(one.access_token, id, asked, totpCode(secret, now_s()))
  assert.equal(levelOf(String(raised.body.access_token)), 'aal2')
  const refresh = (refresh_token: string) =>
    server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
  assert.equal((await refresh(other.refresh_token)).status, 400)
  const sessions = await server.sql('select aal from auth.sessions where user_id = $1', [session.user.id])
  assert.ok(sessions.every(({ aal }) => aal === 'aal2'))
  const signed = await startTestServer({ env: { GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION: '2' } })
  try {
    const before = await signed.user({ email: 'mfa10v2@example.com' })
    const { body: factor } = await signed.request('POST', '/factors', {
      token: before.access_token,
      body: { factor_type: 'totp' },
    })
    const { body: asked } = await signed.request('POST', `/factors/${factor.id}/challenge`, {
      token: before.access_token,
      address,
    })
    const code = totpCode(String(Object(factor.totp).secret), now_s())
    const body = { challenge_id: asked.id, code }
    const verified = await signed.request('POST', `/factors/${factor.id}/verify`, {
      token: before.access_token,
      address,
      body,
    })
    assert.equal(verified.status, 200, verified.text)
    const old = await signed.request('POST', '/token?grant_type=refresh_token', {
      body: { refresh_token: before.refresh_token },
    })
    assert.equal(refusal(old), '400 refresh_token_already_used')
  } finally {
    await signed.close()
  }
})

test('MFA-11 who gives up the last factor is back at the first level', async () => {
  const { session, id, raised } = await protectedPerson('mfa11')
  assert.equal((await server.request('DELETE', `/factors/${id}`, { token: raised.access_token })).status, 200)
  assert.deepEqual(await server.sql('select aal, factor_id from auth.sessions where user_id = $1', [session.user.id]), [
    { aal: 'aal1', factor_id: null },
  ])
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: raised.refresh_token },
  })
  assert.equal(levelOf(String(refreshed.body.access_token)), 'aal1')
})

test('MFA-12 of thirty enrolments at once no more than the limit are kept', async () => {
  const { user, access_token } = await person('mfa12')
  const answers = await Promise.all(Array.from({ length: 30 }, () => enroll(access_token)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 10)
  for (const one of answers) if (one.status !== 200) assert.equal(refusal(one), '422 too_many_enrolled_mfa_factors')
  assert.equal((await server.sql('select id from auth.mfa_factors where user_id = $1', [user.id])).length, 10)
})

test('one right code, sent twenty times at once, raises a session once', async () => {
  const { session, id, secret } = await protectedPerson('mfarace')
  const { access_token } = await signIn(session)
  const asked = await challenge(access_token, id)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => answer(access_token, id, asked, totpCode(secret, now_s()))),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const one of answers) if (one.status !== 200) assert.equal(refusal(one), '422 mfa_ip_address_mismatch')
})

test('MFA-13 a recovered account is at the first level, and its password is not changed there', async () => {
  const { session } = await protectedPerson('mfa13')
  await server.request('POST', '/recover', { body: { email: session.user.email } })
  const { pathname, search } = new URL(linkOf(await server.nextMail(session.user.email)))
  const { location } = await server.request('GET', pathname + search)
  const token = new URLSearchParams(location?.split('#')[1]).get('access_token') ?? ''
  assert.equal(levelOf(token), 'aal1')
  assert.equal((await server.request('GET', '/user', { token })).status, 200)
  const changed = await server.request('PUT', '/user', { token, body: { password: 'another password' } })
  assert.equal(refusal(changed), '401 insufficient_aal')
})

test('MFA-14 codes of a phone are guessed ten times an hour, however many are asked for, and not sent in a flood', async () => {
  const { access_token: token } = await person('mfa14')
  gateway.messages.length = 0
  const { body: factor } = await enroll(token, { factor_type: 'phone', phone: '+15550009999' })
  const id = String(factor.id)
  const asked = await challenge(token, id)
  const flood = await server.request('POST', `/factors/${id}/challenge`, { token, address, body: {} })
  assert.equal(refusal(flood), '429 over_sms_send_rate_limit')
  assert.ok(Number(flood.headers.get('retry-after')) > 0)
  assert.equal(gateway.messages.length, 1)
  const code = gateway.lastCode()
  const answers: string[] = []
  for (let i = 0; i < 12; i++) answers.push(refusal(await answer(token, id, asked, wrong(code))))
  assert.deepEqual(answers.slice(0, 10), Array(10).fill('422 mfa_verification_failed'))
  assert.deepEqual(answers.slice(10), Array(2).fill('429 over_request_rate_limit'))
  await server.sql(`update auth.mfa_factors set last_challenged_at = now() - interval '2 minutes' where id = $1`, [id])
  const again = await challenge(token, id)
  assert.equal(refusal(await answer(token, id, again, wrong(code))), '429 over_request_rate_limit')
})
