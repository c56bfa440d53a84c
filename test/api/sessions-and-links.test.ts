// Sessions that a person can see and end, and links that scanners cannot use up.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

async function twoSessions(email: string) {
  const first = await server.user({ email })
  const second = await server.request('POST', '/token?grant_type=password', {
    body: { email, password },
    headers: { 'user-agent': 'Example/2.0' },
    address: '203.0.113.9',
  })
  return { first, second_token: String(second.body.access_token) }
}

const sessionsOf = async (token: string) =>
  (await server.request('GET', '/user/sessions', { token })).body.sessions as Record<string, unknown>[]

test('a person sees where they are signed in, and which session asks', async () => {
  const { first, second_token } = await twoSessions('sessions1@example.com')
  const sessions = await sessionsOf(second_token)
  assert.equal(sessions.length, 2)
  assert.deepEqual(
    sessions.map(({ is_current }) => is_current),
    [true, false],
  )
  assert.deepEqual(
    [sessions[0]?.user_agent, sessions[0]?.ip, sessions[0]?.methods],
    ['Example/2.0', '203.0.113.9', ['password']],
  )
  assert.deepEqual(
    (await sessionsOf(first.access_token)).map(({ is_current }) => is_current),
    [false, true],
  )
  assert.equal((await server.request('GET', '/user/sessions', {})).status, 401)
})

test('a session that is ended cannot be refreshed, and the others go on', async () => {
  const { first, second_token } = await twoSessions('sessions2@example.com')
  const other = (await sessionsOf(second_token)).find(({ is_current }) => !is_current)
  assert.equal((await server.request('DELETE', `/user/sessions/${other?.id}`, { token: second_token })).status, 204)
  const refresh = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: first.refresh_token },
  })
  assert.equal(refresh.body.error_code, 'refresh_token_not_found')
  assert.equal((await sessionsOf(second_token)).length, 1)
})

test('sessions of others and ids that are none are 404 and change nothing', async () => {
  const mine = await server.user({ email: 'sessions3@example.com' })
  const theirs = await server.user({ email: 'sessions4@example.com' })
  const [foreign] = await sessionsOf(theirs.access_token)
  for (const id of [foreign?.id, 'abc', '%00', '00000000-0000-0000-0000-000000000000', "1' or '1'='1"]) {
    const response = await server.request('DELETE', `/user/sessions/${id}`, { token: mine.access_token })
    assert.equal(response.status, 404, String(id))
    assert.equal(response.body.error_code, 'session_not_found')
  }
  assert.equal((await sessionsOf(theirs.access_token)).length, 1)
  assert.equal((await sessionsOf(mine.access_token)).length, 1)
})

test('what looks ahead does not use a link up', async () => {
  const { user } = await server.user({ email: 'ahead@example.com' })
  await server.request('POST', '/recover', { body: { email: user.email } })
  const { pathname, search } = new URL(linkOf(await server.nextMail(user.email)))
  for (const name of ['sec-purpose', 'purpose', 'x-moz'])
    assert.equal((await server.request('GET', pathname + search, { headers: { [name]: 'prefetch' } })).status, 204)
  assert.match((await server.request('GET', pathname + search)).location ?? '', /access_token=/)
})

test('with POSTERN_VERIFY_CONFIRM a link shows a page, and its button opens the session once', async () => {
  const careful = await startTestServer({ env: { POSTERN_VERIFY_CONFIRM: 'true' } })
  try {
    const { user } = await careful.user({ email: 'careful@example.com' })
    await careful.request('POST', `/recover?redirect_to=${encodeURIComponent('https://app.example/new?a="b"')}`, {
      body: { email: user.email },
    })
    const { pathname, search, searchParams } = new URL(linkOf(await careful.nextMail(user.email)))
    for (let i = 0; i < 3; i++) {
      const page = await careful.request('GET', pathname + search)
      assert.equal(page.status, 200)
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
      assert.doesNotMatch(page.text, /<script|a="b"/)
    }
    const form = { token: searchParams.get('token') ?? '', type: 'recovery', redirect_to: 'https://evil.example/' }
    const press = () => careful.request('POST', '/verify/confirm', { form })
    const opened = await press()
    assert.equal(opened.status, 303)
    assert.match(opened.location ?? '', /^http:\/\/site\.example#access_token=/)
    assert.match((await press()).location ?? '', /error_code=otp_expired/)
  } finally {
    await careful.close()
  }
})

test('after ten wrong guesses a code is worth nothing, and a new one works', async () => {
  const env = { GOTRUE_MAILER_TEMPLATES_RECOVERY: new URL('../fixtures/code.html', import.meta.url).href }
  const guessed = await startTestServer({ env })
  try {
    const { user } = await guessed.user({ email: 'guessed@example.com' })
    const ask = async () => {
      await guessed.request('POST', '/recover', { body: { email: user.email } })
      return /Code: (\d{6})/.exec((await guessed.nextMail(user.email)).html)?.[1] ?? ''
    }
    const verify = (token: string) =>
      guessed.request('POST', '/verify', { body: { type: 'recovery', email: user.email, token } })
    const token = await ask()
    for (let i = 0; i < 10; i++)
      assert.equal((await verify(token === '000000' ? '111111' : '000000')).body.error_code, 'otp_expired')
    const refused = await verify(token)
    assert.equal(refused.body.error_code, 'otp_expired')
    assert.equal((await verify(await ask())).status, 200)
  } finally {
    await guessed.close()
  }
})
