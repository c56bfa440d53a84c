// REV-04: an account that took an address which nobody proved keeps nothing of it once somebody else proves the address.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, codeTemplates } from '../support/cases.ts'
import { address, claims, startProviderServer } from '../support/provider-server.ts'

const phone = '15550001111'
const p1 = 'the first password of all'
const { mock, server, present } = await startProviderServer({
  ...codeTemplates,
  GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
  GOTRUE_SMS_TEST_OTP: `${phone}:123456`,
})
const identitiesOf = (email: string) =>
  server.sql<{ provider: string }>(
    'select provider from auth.identities where user_id = (select id from auth.users where email = $1) order by provider',
    [email],
  )

/** An account of somebody with a proved number, that took an address which nobody proved, with all that a person can have. */
async function squat(email: string): Promise<{ id: string; refresh_token: string }> {
  await server.sql('delete from auth.users where phone = $1', [phone])
  await server.request('POST', '/otp', { body: { phone } })
  const verified = await server.request('POST', '/verify', { body: { type: 'sms', phone, token: '123456' } })
  const { id } = Object(verified.body.user)
  const token = String(verified.body.access_token)
  await server.request('PUT', '/user', { token, body: { password: p1, data: { name: 'squatter' } } })
  await server.sql('update auth.users set email = $2 where id = $1', [id, email])
  await server.sql(
    `insert into auth.identities (provider, provider_id, user_id, identity_data, created_at, updated_at)
      values ('github', $2, $1, jsonb_build_object('sub', $2::text, 'email', $2::text, 'email_verified', false), now(), now())`,
    [id, email],
  )
  await server.sql(
    `insert into auth.mfa_factors (id, user_id, factor_type, status, secret, created_at, updated_at)
      values (gen_random_uuid(), $1, 'totp', 'verified', 'A', now(), now())`,
    [id],
  )
  return { id, refresh_token: String(verified.body.refresh_token) }
}

async function assertNothingLeft(squatted: { id: string; refresh_token: string }, owner: Record<string, unknown>) {
  const user = Object(owner.user)
  if (user.id !== squatted.id) return
  const body = { refresh_token: squatted.refresh_token }
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', { body })
  assert.equal(refreshed.status, 400, 'a session of before')
  const [row] = await server.sql(
    `select phone, phone_confirmed_at, raw_user_meta_data->>'name' as name, encrypted_password,
        (select count(*)::int from auth.mfa_factors f where f.user_id = u.id) as factors,
        (select count(*)::int from auth.sessions s where s.user_id = u.id) as sessions
      from auth.users u where id = $1`,
    [squatted.id],
  )
  assert.deepEqual(row, {
    phone: null,
    phone_confirmed_at: null,
    name: null,
    encrypted_password: null,
    factors: 0,
    sessions: 1,
  })
  const signedIn = await server.request('POST', '/token?grant_type=password', { body: { phone, password: p1 } })
  assert.equal(signedIn.body.error_code, 'invalid_credentials')
}

test('REV-04 a provider that proves an address leaves nothing to who squatted it', async () => {
  const email = address('rev04')
  const squatted = await squat(email)
  const id_token = await mock.sign(claims(email))
  const came = await present(id_token)
  assert.equal(came.status, 200, came.text)
  await assertNothingLeft(squatted, came.body)
  assert.deepEqual(await identitiesOf(email), [{ provider: 'google' }])
})

for (const way of ['recover', 'magiclink', 'otp'])
  test(`REV-04 whoever follows a mail of ${way} leaves nothing to who squatted the address`, async () => {
    const email = address('rev04')
    const squatted = await squat(email)
    assert.equal((await server.request('POST', `/${way}`, { body: { email } })).status, 200)
    const token = codeOf((await server.nextMail(email)).html)
    const type = way === 'recover' ? 'recovery' : 'email'
    const session = await server.request('POST', '/verify', { body: { type, email, token } })
    assert.equal(session.status, 200, session.text)
    await assertNothingLeft(squatted, session.body)
    assert.deepEqual(await identitiesOf(email), [{ provider: 'email' }])
  })
