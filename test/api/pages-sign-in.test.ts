// Hosted sign-in through fetch: passwords, codes, links, sign-up, forgotten passwords, signing out.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'
import { errorsOf, headingOf, newVisitor, testOrigin } from '../support/visitor.ts'

const password = 'correct horse battery staple'
let server: TestServer
let people = 0
const newAddress = () => `page${++people}@example.com`
before(async () => {
  server = await startTestServer({ env: { POSTERN_PAGES: 'true' } })
})
after(() => server.close())

const sessionsOf = (email: string) =>
  server.sql('select s.id from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1', [email])

test('a password signs in, and the browser keeps nothing but an opaque handle', async () => {
  const { user } = await server.user()
  const visitor = newVisitor(server)
  const page = await visitor.open('/pages/sign-in')
  assert.equal(headingOf(page), 'Sign in')
  const signed = await visitor.send('/pages/sign-in', { identifier: user.email, password })
  assert.match(signed.path, /^\/pages\/account/)
  assert.match(visitor.cookies.get('postern') ?? '', /^[\w-]{20,}$/)
  for (const value of visitor.cookies.values()) assert.doesNotMatch(value, /^ey/)
  assert.match((await visitor.open('/pages/sign-in')).path, /^\/pages\/account/)
})

test('a wrong password says so in a summary that leads to the field, and keeps the address but not the password', async () => {
  const { user } = await server.user()
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  const page = await visitor.send('/pages/sign-in', { identifier: user.email, password: 'not this one' })
  assert.equal(page.status, 400)
  assert.deepEqual(errorsOf(page), ['These sign-in details are not right. Check them and try again.'])
  assert.match(page.text, /<title>Error: Sign in · site\.example<\/title>/)
  assert.match(page.text, /<a href="#identifier">/)
  assert.ok(page.text.includes(`value="${user.email}"`))
  assert.doesNotMatch(page.text, /not this one/)
})

test('empty fields are named one by one', async () => {
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  const page = await visitor.send('/pages/sign-in')
  assert.equal(page.status, 400)
  assert.deepEqual(errorsOf(page), ['Enter your email address', 'Enter your password'])
  const odd = await visitor.send('/pages/sign-in', { identifier: 'nobody', password })
  assert.deepEqual(errorsOf(odd), ['Enter an email address in the correct format, like name@example.com'])
})

test('a code of a mail signs in, and so does its link, in whichever browser it is followed', async () => {
  const { user } = await server.user()
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  const sent = await visitor.send('/pages/sign-in', { identifier: user.email, way: 'code' })
  assert.equal(headingOf(sent), 'Check your mail')
  assert.ok(!sent.path.includes('example.com'), 'what was typed stands in no address')
  await server.nextMail(user.email)
  // The mails of today carry a link alone; templates of one's own may have the code.
  const link = { type: 'magiclink', email: user.email }
  const code = String(
    (await server.request('POST', '/admin/generate_link', { as: 'service_role', body: link })).body.email_otp,
  )
  const wrong = await visitor.send('/pages/enter-code', { code: code === '000000' ? '111111' : '000000' })
  assert.equal(wrong.status, 403)
  assert.equal(errorsOf(wrong).length, 1)
  assert.match((await visitor.send('/pages/enter-code', { code })).path, /^\/pages\/account/)

  const other = newVisitor(server)
  await other.open('/pages/sign-in')
  await other.send('/pages/sign-in', { identifier: user.email, way: 'code' })
  const phone = newVisitor(server)
  const confirm = await phone.open(linkOf((await server.nextMail(user.email)).html))
  assert.equal(headingOf(confirm), 'Sign in')
  assert.match((await phone.send('/pages/confirm')).path, /^\/pages\/account/)
})

/** The first link of a mail. */
const linkOf = (html: string): string => (/href="([^"]+)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&')

test('nobody learns from the page who has an account: not by a code, and not by a forgotten password', async () => {
  const { user } = await server.user()
  for (const [start, fields] of [
    ['/pages/sign-in', { way: 'code' }],
    ['/pages/forgot-password', {}],
  ] as const) {
    const pages = await Promise.all(
      [user.email, 'nobody-has-this@example.com'].map(async (identifier) => {
        const visitor = newVisitor(server)
        await visitor.open(start)
        const { status, path, text } = await visitor.send(start, { ...fields, identifier })
        const tokenless = text.replace(/name="_token" value="[^"]*"/g, '')
        return { status, path, text: tokenless.replaceAll(identifier, 'ADDRESS') }
      }),
    )
    assert.deepEqual(pages[0], pages[1])
  }
})

test('an account is made, confirmed by the button behind its mail, and signed in', async () => {
  const email = newAddress()
  const visitor = newVisitor(server)
  const page = await visitor.open('/pages/sign-up')
  assert.match(page.text, /autocomplete="new-password"/)
  assert.match(page.text, /at least 6 characters/)
  const weak = await visitor.send('/pages/sign-up', { identifier: email, 'new-password': 'abc' })
  assert.deepEqual(errorsOf(weak), ['Your password must have: at least 6 characters'])
  const sent = await visitor.send('/pages/sign-up', { identifier: email, 'new-password': password })
  assert.equal(headingOf(sent), 'Check your mail')
  // A mail that still waits when the next one replaces its link is never sent.
  await server.nextMail(email)
  const again = await visitor.send('/pages/send-again')
  assert.match(again.text, /We have sent it again/)
  const confirm = await visitor.open(linkOf((await server.nextMail(email)).html))
  assert.equal(headingOf(confirm), 'Confirm your email address')
  assert.deepEqual(await sessionsOf(email), [])
  assert.match((await visitor.send('/pages/confirm')).path, /^\/pages\/account/)
  assert.equal((await sessionsOf(email)).length, 1)
})

test('whoever signs in before the address is confirmed gets another mail by a button', async () => {
  const email = newAddress()
  await server.request('POST', '/signup', { body: { email, password } })
  await server.nextMail(email)
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  const page = await visitor.send('/pages/sign-in', { identifier: email, password })
  assert.equal(headingOf(page), 'Confirm your address first')
  assert.equal(headingOf(await visitor.send('/pages/send-again')), 'Check your mail')
  assert.ok(linkOf((await server.nextMail(email)).html).includes('type=signup'))
})

test('a forgotten password is set anew after the link of a mail, and every other session ends', async () => {
  const { user } = await server.user()
  const visitor = newVisitor(server)
  await visitor.open('/pages/forgot-password')
  await visitor.send('/pages/forgot-password', { identifier: user.email })
  await visitor.open(linkOf((await server.nextMail(user.email)).html))
  const fresh = await visitor.send('/pages/confirm')
  assert.equal(headingOf(fresh), 'Set a new password')
  const same = await visitor.send('/pages/new-password', { 'new-password': password })
  assert.deepEqual(errorsOf(same), ['Choose a password that is different from the old one.'])
  const set = await visitor.send('/pages/new-password', { 'new-password': 'another horse entirely' })
  assert.match(set.path, /^\/pages\/account/)
  assert.match(set.text, /Your password is set/)
  assert.equal((await sessionsOf(user.email)).length, 1)
  const grant = { body: { email: user.email, password: 'another horse entirely' } }
  assert.equal((await server.request('POST', '/token?grant_type=password', grant)).status, 200)
})

test('a link that is spent says so and sends another, to where the first one led', async () => {
  const { user } = await server.user()
  const visitor = newVisitor(server)
  await visitor.open('/pages/forgot-password')
  await visitor.send('/pages/forgot-password', { identifier: user.email })
  const link = linkOf((await server.nextMail(user.email)).html)
  await visitor.open(link)
  await visitor.send('/pages/confirm')
  const late = newVisitor(server)
  await late.open(link)
  const gone = await late.send('/pages/confirm')
  assert.equal(gone.status, 410)
  assert.equal(headingOf(gone), 'This link does not work any more')
  const sent = await late.send('/pages/send-link', { email: user.email })
  assert.equal(headingOf(sent), 'Check your mail')
  await late.open(linkOf((await server.nextMail(user.email)).html))
  assert.equal(headingOf(await late.send('/pages/confirm')), 'Set a new password')
})

test('signing out asks first, ends the session, and the cookie opens nothing any more', async () => {
  const { user } = await server.user()
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  await visitor.send('/pages/sign-in', { identifier: user.email, password })
  const handle = visitor.cookies.get('postern') ?? ''
  const before = (await sessionsOf(user.email)).length
  assert.equal(headingOf(await visitor.open('/pages/sign-out')), 'Sign out?')
  assert.equal((await sessionsOf(user.email)).length, before)
  const out = await visitor.send('/pages/sign-out')
  assert.match(out.text, /You are signed out/)
  assert.equal((await sessionsOf(user.email)).length, before - 1)
  visitor.cookies.set('postern', handle)
  assert.match((await visitor.open('/pages/new-password')).path, /^\/pages\/sign-in/)
})

test('a banned person is told so, with a right password only', async () => {
  const { user } = await server.user()
  await server.request('PUT', `/admin/users/${user.id}`, { as: 'service_role', body: { ban_duration: '1h' } })
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  const page = await visitor.send('/pages/sign-in', { identifier: user.email, password })
  assert.equal(page.status, 403)
  assert.equal(headingOf(page), 'This account is blocked')
})

test('after a sign-in the way leads on to a page or an allowed address that was asked for', async () => {
  const { user } = await server.user()
  for (const [redirect_to, left_for, path] of [
    ['https://app.example/welcome?a=1', 'https://app.example/welcome?a=1', null],
    ['/pages/new-password', '', '/pages/new-password'],
    [`${testOrigin}/pages/new-password`, '', '/pages/new-password'],
  ] as const) {
    const visitor = newVisitor(server)
    const page = await visitor.open(`/pages/sign-in?${new URLSearchParams({ redirect_to })}`)
    if (left_for !== '')
      assert.match(page.headers.get('content-security-policy') ?? '', /form-action 'self' https:\/\/app\.example;/)
    const signed = await visitor.send('/pages/sign-in', { identifier: user.email, password })
    assert.equal(signed.left_for, left_for)
    if (path) assert.equal(signed.path, path)
  }
})
