// POST /admin/generate_link: what a link may do to an account, beside the recorded answers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const link = (body: object) => server.request('POST', '/admin/generate_link', { as: 'service_role', body })
const follow = async ({ body }: { body: Record<string, unknown> }) => {
  const { pathname, search } = new URL(String(body.action_link))
  return server.request('GET', pathname + search)
}
const signIn = (email: string, given: string) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })
let next = 0
const address = () => `link${++next}@example.com`

test('links are made with sign-ups off, and nothing is mailed', async (t) => {
  const closed = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: { GOTRUE_DISABLE_SIGNUP: 'true' },
  })
  t.after(() => closed.close())
  const email = address()
  const { status } = await closed.request('POST', '/admin/generate_link', {
    as: 'service_role',
    body: { type: 'invite', email },
  })
  assert.equal(status, 200)
  assert.deepEqual(await server.sql('select 1 from postern.outbox where recipient = $1', [email]), [])
})

test('a sign-up link ends the password of a stranger who signed up before (rule 5)', async () => {
  const email = address()
  await server.request('POST', '/signup', { body: { email, password: 'set by a stranger' } })
  const made = await link({ type: 'signup', email, password })
  assert.equal(made.status, 200, made.text)
  assert.match((await follow(made)).location ?? '', /access_token=/)
  assert.equal((await signIn(email, 'set by a stranger')).status, 400)
  assert.equal((await signIn(email, password)).status, 200)
})

test('an invitation link ends the password of a stranger who signed up before (rule 5)', async () => {
  const email = address()
  await server.request('POST', '/signup', { body: { email, password: 'set by a stranger' } })
  assert.match((await follow(await link({ type: 'invite', email }))).location ?? '', /access_token=/)
  assert.equal((await signIn(email, 'set by a stranger')).status, 400)
})

test('a link for one new address does not set another that was asked for later', async () => {
  const email = address()
  await server.user({ email })
  const first = address()
  const old = await link({ type: 'email_change_new', email, new_email: first })
  const current = await link({ type: 'email_change_current', email, new_email: address() })
  assert.match((await follow(old)).location ?? '', /error_code=otp_expired/)
  assert.match((await follow(current)).location ?? '', /message=/)
  const [row] = await server.sql<{ email: string }>('select email from auth.users where email = $1', [email])
  assert.equal(row?.email, email)
})

test('of ten links at once for one new address one makes the account', async () => {
  const email = address()
  const made = await Promise.all(Array.from({ length: 10 }, () => link({ type: 'invite', email })))
  for (const { status, body } of made)
    if (status !== 200) assert.deepEqual([status, body.error_code], [422, 'email_exists'])
  const rows = await server.sql('select 1 from auth.users where email = $1', [email])
  assert.equal(rows.length, 1)
})

test('a link leads only where it may, whatever the body says', async () => {
  const email = address()
  await server.user({ email })
  for (const redirect_to of [
    'https://evil.test/',
    'javascript:alert(1)',
    'http://user:pw@site.example/',
    '//evil.test',
  ]) {
    const { body } = await link({ type: 'magiclink', email, redirect_to })
    assert.equal(body.redirect_to, 'http://site.example', redirect_to)
    assert.equal(new URL(String(body.action_link)).searchParams.get('redirect_to'), 'http://site.example')
  }
  const { body } = await link({ type: 'magiclink', email, redirect_to: 'https://app.example/a?b=c&d=e' })
  assert.equal(new URL(String(body.action_link)).searchParams.get('redirect_to'), 'https://app.example/a?b=c&d=e')
})

test('a link works once', async () => {
  const email = address()
  await server.user({ email })
  const made = await link({ type: 'recovery', email })
  assert.match((await follow(made)).location ?? '', /access_token=/)
  assert.match((await follow(made)).location ?? '', /otp_expired/)
})
