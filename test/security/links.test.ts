// Cases of the security rules about mailed links and PKCE: how long and how often they count, and what uses them up.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { codeOf, codeTemplates, refusal } from '../support/cases.ts'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({ env: codeTemplates })
})
after(() => server.close())

const address = (name: string) => `${name}${++people}@example.com`

const follow = (link: string, on = server) => {
  const { pathname, search } = new URL(link)
  return on.request('GET', pathname + search)
}

test('OTT-07 a wrong verifier leaves the PKCE flow for the right one', async () => {
  const { user } = await server.user({ email: address('ott07') })
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  await server.request('POST', '/otp', { body: { email: user.email, code_challenge, code_challenge_method: 's256' } })
  const { location } = await follow(linkOf(await server.nextMail(user.email)))
  const auth_code = new URL(location ?? '').searchParams.get('code')
  const exchange = (verifier: string) =>
    server.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier: verifier } })
  assert.equal(refusal(await exchange('x'.repeat(43))), '400 bad_code_verifier')
  assert.equal((await exchange(code_verifier)).status, 200)
})

test('OTT-09 challenges of a wrong form are refused, and nothing is made or sent', async () => {
  const email = address('ott09')
  const forms = [
    { code_challenge: 'a'.repeat(42), code_challenge_method: 's256' },
    { code_challenge: 'a'.repeat(129), code_challenge_method: 's256' },
    { code_challenge: `${'a'.repeat(43)}!`, code_challenge_method: 's256' },
    { code_challenge: 'a'.repeat(43) },
    { code_challenge: 'a'.repeat(43), code_challenge_method: 'S512' },
  ]
  for (const path of ['/signup', '/otp', '/recover'])
    for (const form of forms)
      assert.equal(
        refusal(await server.request('POST', path, { body: { email, password, ...form } })),
        '400 validation_failed',
        path,
      )
  assert.deepEqual(await server.sql('select 1 from auth.users where email = $1', [email]), [])
  await server.auth.idle()
  assert.deepEqual(
    server.mail.mails.filter((mail) => mail.to.includes(email)),
    [],
  )
})

test('OTT-11 a token works until its last second and not after', async () => {
  const short = await startTestServer({ env: { ...codeTemplates, GOTRUE_MAILER_OTP_EXP: '60' } })
  try {
    const useAt = async (age_s: number): Promise<{ status: number; older_s: number }> => {
      const { user } = await short.user({ email: address('ott11') })
      await short.request('POST', '/recover', { body: { email: user.email } })
      const token = codeOf((await short.nextMail(user.email)).html)
      const began = performance.now()
      await short.sql(`update auth.users set recovery_sent_at = now() - interval '${age_s} seconds' where id = $1`, [
        user.id,
      ])
      const { status } = await short.request('POST', '/verify', {
        body: { type: 'recovery', email: user.email, token },
      })
      return { status, older_s: (performance.now() - began) / 1000 }
    }
    // One that grew too old while the machine paused tells nothing.
    let young = await useAt(58)
    for (let tries = 1; young.older_s >= 2 && tries < 20; tries++) young = await useAt(58)
    assert.equal(young.status, 200)
    assert.equal((await useAt(61)).status, 403)
  } finally {
    await short.close()
  }
})

test('OTT-12 a second recovery ends the first', async () => {
  const { user } = await server.user({ email: address('ott12') })
  const tokens: string[] = []
  for (let i = 0; i < 2; i++) {
    await server.request('POST', '/recover', { body: { email: user.email } })
    tokens.push(codeOf((await server.nextMail(user.email)).html))
  }
  const rows = await server.sql('select token_type from auth.one_time_tokens where user_id = $1', [user.id])
  assert.equal(rows.length, 1)
  const verify = (token = '') =>
    server.request('POST', '/verify', { body: { type: 'recovery', email: user.email, token } })
  assert.equal(refusal(await verify(tokens[0])), '403 otp_expired')
  assert.equal((await verify(tokens[1])).status, 200)
})

test('ACC-12 HEAD does not use a link up', async () => {
  const { user } = await server.user({ email: address('acc12') })
  await server.request('POST', '/recover', { body: { email: user.email } })
  const link = linkOf(await server.nextMail(user.email))
  const { pathname, search } = new URL(link)
  assert.equal((await server.request('HEAD', pathname + search)).status, 405)
  assert.match((await follow(link)).location ?? '', /access_token=/)
})

test('OTT-08 a PKCE flow that is over gives no session', async () => {
  const { user } = await server.user({ email: address('ott08') })
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  await server.request('POST', '/recover', {
    body: { email: user.email, code_challenge, code_challenge_method: 's256' },
  })
  const { pathname, search } = new URL(linkOf(await server.nextMail(user.email)))
  const { location } = await server.request('GET', pathname + search)
  const auth_code = new URL(location ?? '').searchParams.get('code')
  const sessions = () => server.sql('select id from auth.sessions where user_id = $1', [user.id])
  const before = await sessions()
  await server.sql(`update auth.flow_state set created_at = created_at - interval '301 seconds' where user_id = $1`, [
    user.id,
  ])
  const exchanged = await server.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } })
  assert.equal(refusal(exchanged), '422 flow_state_expired')
  assert.deepEqual(await sessions(), before)
})

test('OTT-14 what is stored of a code is its hash, and the outbox keeps the mail sealed and forgets it when sent', async () => {
  const { user } = await server.user({ email: address('ott14') })
  await server.request('POST', '/recover', { body: { email: user.email } })
  const token = codeOf((await server.nextMail(user.email)).html)
  assert.match(token, /^\d{6}$/)
  const [stored] = await server.sql<{ token_hash: string }>(
    'select token_hash from auth.one_time_tokens where user_id = $1',
    [user.id],
  )
  // The form of the hash is the contract of the schema: a residual risk for who can read the table (docs/differences.md).
  assert.equal(stored?.token_hash, createHash('sha224').update(user.email).update(token).digest('hex'))
  await server.auth.idle()
  assert.deepEqual(await server.sql('select id from postern.outbox where user_id = $1', [user.id]), [])
})
