// /factors/recovery-codes: made at aal2, shown once, each good for one session, and gone with the last other factor.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { claimsOf, ownerOfApp, password, signInAgain as signInWithPassword } from '../support/second-factors.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({
    env: { GOTRUE_MAILER_NOTIFICATIONS_MFA_FACTOR_ENROLLED_ENABLED: 'true' },
  })
})
after(() => server.close())

const path = '/factors/recovery-codes'
const call = (method: string, token: string, rest = '', body?: object) =>
  server.request(method, `${path}${rest}`, { token, ...(body && { body }) })
const signInAgain = async (person: SignedIn): Promise<string> =>
  String((await signInWithPassword(server, person)).body.access_token)

/** A person whose session a verified authenticator app has raised, with recovery codes. */
async function withCodes() {
  const owner = await ownerOfApp(server)
  const { status, body, text } = await call('POST', owner.token)
  assert.equal(status, 200, text)
  return { ...owner, set_id: String(body.id), codes: body.codes as string[] }
}

test('ten codes are shown once, hashed at rest, and stand among the factors; a mail tells of them', async () => {
  const { person, token, set_id, codes } = await withCodes()
  assert.equal(new Set(codes).size, 10)
  for (const code of codes) assert.match(code, /^[2-9a-hj-np-tv-z]{16}$/)
  const counted = await call('GET', token)
  assert.deepEqual(counted.body, { id: set_id, type: 'recovery_code', total: 10, remaining: 10 })
  const { body } = await server.request('GET', '/user', { token })
  const factors = body.factors as { id: string; factor_type: string; friendly_name: string; status: string }[]
  assert.deepEqual(
    factors.map(({ factor_type, friendly_name, status }) => [factor_type, friendly_name, status]),
    [
      ['totp', 'app', 'verified'],
      ['recovery_code', 'Recovery codes', 'verified'],
    ],
  )
  const stored = JSON.stringify(await server.sql('select * from postern.recovery_codes where set_id = $1', [set_id]))
  for (const code of codes) assert.ok(!stored.includes(code))
  const mail = await server.nextMail(person.user.email)
  assert.ok(mail)
})

test('a code raises a session once, however it is written, and ends the weaker ones', async () => {
  const { person, codes } = await withCodes()
  const [weak, low] = [await signInAgain(person), await signInAgain(person)]
  const typed = (codes[0] ?? '').toUpperCase().replace(/(.{4})(?=.)/g, '$1 - ')
  const { status, body, text } = await call('POST', low, '/verify', { code: typed })
  assert.equal(status, 200, text)
  const claims = claimsOf(body.access_token)
  assert.equal(claims.aal, 'aal2')
  assert.ok((claims.amr as { method: string }[]).some(({ method }) => method === 'mfa/recovery_code'))
  assert.equal((await server.request('GET', '/user', { token: weak })).body.error_code, 'session_not_found')
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: body.refresh_token },
  })
  assert.equal(claimsOf(refreshed.body.access_token).aal, 'aal2')
  const again = await call('POST', await signInAgain(person), '/verify', { code: codes[0] ?? '' })
  assert.deepEqual([again.status, again.body.error_code], [422, 'mfa_verification_failed'])
})

test('twenty uses of one code at once raise one session', async () => {
  const { person, codes } = await withCodes()
  const token = await signInAgain(person)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => call('POST', token, '/verify', { code: codes[1] ?? '' })),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
})

test('a warning stands in the answer when three are left', async () => {
  const { person, set_id, codes } = await withCodes()
  await server.sql(
    `update postern.recovery_codes set used_at = now() where ctid in
      (select ctid from postern.recovery_codes where set_id = $1 order by code_hash limit 6)`,
    [set_id],
  )
  const token = await signInAgain(person)
  for (const code of codes) {
    const { status, body } = await call('POST', token, '/verify', { code })
    if (status !== 200) continue
    assert.match(String(body.warning), /^3 recovery codes are left/)
    return
  }
  assert.fail('no code was left')
})

test('wrong codes run into a budget of their own that leaves passwords alone; new codes end it', async () => {
  const { person, token, codes } = await withCodes()
  for (let turn = 0; turn < 10; turn++) {
    const { body } = await call('POST', token, '/verify', { code: '2222222222222222' })
    assert.equal(body.error_code, 'mfa_verification_failed')
  }
  const locked = await call('POST', token, '/verify', { code: codes[0] ?? '' })
  assert.deepEqual([locked.status, locked.body.error_code], [429, 'mfa_recovery_codes_locked'])
  assert.ok(Number(locked.headers.get('retry-after')) > 0)
  const low = await signInAgain(person)
  const { body } = await call('POST', token, '/regenerate')
  const [fresh = ''] = body.codes as string[]
  const old = await call('POST', low, '/verify', { code: codes[0] ?? '' })
  assert.equal(old.body.error_code, 'mfa_verification_failed')
  assert.equal((await call('POST', low, '/verify', { code: fresh })).status, 200)
})

test('who has no other factor, or has not shown it, makes and reads no codes', async () => {
  const bare = await server.user({ password })
  const sole = await call('POST', bare.access_token)
  assert.deepEqual([sole.status, sole.body.error_code], [422, 'mfa_recovery_codes_sole_factor'])
  const none = await call('GET', bare.access_token)
  assert.deepEqual([none.status, none.body.error_code], [404, 'mfa_factor_not_found'])
  const { person, token, set_id } = await withCodes()
  const low = await signInAgain(person)
  for (const [method, rest] of [
    ['POST', '/regenerate'],
    ['DELETE', ''],
  ] as const) {
    const { status, body } = await call(method, low, rest)
    assert.deepEqual([status, body.error_code], [403, 'insufficient_aal'], `${method} ${rest}`)
  }
  const twice = await call('POST', token)
  assert.deepEqual([twice.status, twice.body.error_code], [422, 'mfa_verified_factor_exists'])
  assert.equal((await call('GET', low)).body.id, set_id)
})

test('codes go with the last other factor, and what they had raised falls back', async () => {
  const { person, token, factor_id, set_id, codes } = await withCodes()
  const raised = await call('POST', await signInAgain(person), '/verify', { code: codes[2] ?? '' })
  assert.equal((await server.request('DELETE', `/factors/${factor_id}`, { token })).status, 200)
  assert.deepEqual(await server.sql('select from postern.recovery_codes where set_id = $1', [set_id]), [])
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: raised.body.refresh_token },
  })
  assert.equal(claimsOf(refreshed.body.access_token).aal, 'aal1')
})

test('codes that are given up count no more', async () => {
  const { person, token, set_id, codes } = await withCodes()
  const low = await signInAgain(person)
  const { status, body } = await call('DELETE', token)
  assert.deepEqual([status, body], [200, { id: set_id }])
  const late = await call('POST', low, '/verify', { code: codes[0] ?? '' })
  assert.deepEqual([late.status, late.body.error_code], [404, 'mfa_factor_not_found'])
})
