// GET and POST /verify, POST /verify/confirm: a link or a code opens a session, once, and scanners use nothing up.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linkOf } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
const code = new URL('../fixtures/code.html', import.meta.url).href
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

test('the link of a sign-up confirms the address, leads where it was asked to, and works once', async () => {
  const email = 'ada@example.com'
  await server.request('POST', '/signup?redirect_to=https://app.example/in', { body: { email, password } })
  const { pathname, search } = new URL(linkOf(await server.nextMail(email)))
  const follow = () => server.request('GET', pathname + search)
  const { status, location } = await follow()
  assert.equal(status, 303)
  const { origin, hash } = new URL(location ?? '')
  assert.equal(origin, 'https://app.example')
  const token = new URLSearchParams(hash.slice(1)).get('access_token') ?? ''
  const { body } = await server.request('GET', '/user', { token })
  assert.deepEqual([body.email, body.email_confirmed_at === body.confirmed_at], [email, true])
  assert.match((await follow()).location ?? '', /error_code=otp_expired/)
})

test('a code is worth something for its own address only, and opens one session', async () => {
  const coded = await startTestServer({ env: { GOTRUE_MAILER_TEMPLATES_MAGIC_LINK: code } })
  try {
    const { user } = await coded.user({ email: 'code@example.com' })
    const { user: other } = await coded.user({ email: 'other@example.com' })
    await coded.request('POST', '/otp', { body: { email: user.email } })
    const token = /Code: (\d{6})/.exec((await coded.nextMail(user.email)).html)?.[1] ?? ''
    const verify = (email: string) => coded.request('POST', '/verify', { body: { type: 'email', email, token } })
    assert.equal((await verify(other.email)).body.error_code, 'otp_expired')
    const { status, body } = await verify(user.email)
    assert.deepEqual([status, Object(body.user).id], [200, user.id])
    assert.equal((await verify(user.email)).body.error_code, 'otp_expired')
  } finally {
    await coded.close()
  }
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
  const env = { GOTRUE_MAILER_TEMPLATES_RECOVERY: code }
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
