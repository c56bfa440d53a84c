// Captchas: which requests need one, what a service is asked, and what becomes of its answers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer
/** What the service was asked, and what it answers. */
const asked: { url: string; form: Record<string, string> }[] = []
let answer: () => Response | Promise<Response> = () => Response.json({ success: true })

const service = (async (url: string | URL | Request, init?: RequestInit) => {
  asked.push({ url: String(url), form: Object.fromEntries(new URLSearchParams(String(init?.body))) })
  return answer()
}) as typeof fetch

const environment = {
  GOTRUE_SECURITY_CAPTCHA_ENABLED: 'true',
  GOTRUE_SECURITY_CAPTCHA_SECRET: 'captcha-secret',
  GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
}

before(async () => {
  server = await startTestServer({ env: environment, fetch: service })
})
after(() => server.close())

const withToken = (captcha_token: unknown) => ({ gotrue_meta_security: { captcha_token } })
const signUp = (email: string, captcha_token: unknown, address = '192.0.2.1') =>
  server.request('POST', '/signup', { body: { email, password, ...withToken(captcha_token) }, address })

test('a good token lets a request pass; the service hears secret, token and address', async () => {
  asked.length = 0
  const { status } = await signUp('good@example.com', '  token-1 ', '192.0.2.9')
  assert.equal(status, 200)
  assert.deepEqual(asked, [
    {
      url: 'https://hcaptcha.com/siteverify',
      form: { secret: 'captcha-secret', response: 'token-1', remoteip: '192.0.2.9' },
    },
  ])
})

for (const [provider, url] of [
  ['turnstile', 'https://challenges.cloudflare.com/turnstile/v0/siteverify'],
  ['recaptcha', 'https://www.google.com/recaptcha/api/siteverify'],
] as const)
  test(`${provider} is asked at its own address`, async (t) => {
    const other = await startTestServer({
      database: server.database,
      fetch: service,
      env: { ...environment, GOTRUE_SECURITY_CAPTCHA_PROVIDER: provider },
    })
    t.after(() => other.close())
    asked.length = 0
    await other.request('POST', '/recover', { body: { email: 'a@example.com', ...withToken('x') } })
    assert.deepEqual(
      asked.map((call) => call.url),
      [url],
    )
  })

test('another address can stand for that of the service', async (t) => {
  const other = await startTestServer({
    database: server.database,
    fetch: service,
    env: { ...environment, POSTERN_CAPTCHA_URL: 'http://gateway.internal/verify' },
  })
  t.after(() => other.close())
  asked.length = 0
  await other.request('POST', '/recover', { body: { email: 'a@example.com', ...withToken('x') } })
  assert.equal(asked[0]?.url, 'http://gateway.internal/verify')
})

test('a refused token is told with the reasons of the service, and makes nothing', async () => {
  answer = () => Response.json({ success: false, 'error-codes': ['invalid-input-response', 'expired'] })
  const { status, body } = await signUp('refused@example.com', 'x')
  assert.equal(status, 400)
  assert.equal(body.error_code, 'captcha_failed')
  assert.equal(body.msg, 'captcha protection: request disallowed (invalid-input-response, expired)')
  assert.deepEqual(await server.sql(`select 1 from auth.users where email = 'refused@example.com'`), [])
})

const failures: Record<string, () => Response | Promise<Response>> = {
  'cannot be reached': () => Promise.reject(new TypeError('fetch failed')),
  'answers no JSON': () => new Response('<p>'),
  'answers a list': () => Response.json([]),
  'answers null': () => Response.json(null),
  'answers success as text': () => Response.json({ success: 'true' }),
}
for (const [what, failing] of Object.entries(failures))
  test(`a service that ${what} lets nobody pass`, async () => {
    answer = failing
    const { status, body, text } = await signUp('failing@example.com', 'x')
    assert.ok(status === 500 || (status === 400 && body.error_code === 'captcha_failed'), text)
    assert.doesNotMatch(text, /captcha-secret|fetch failed/)
    assert.deepEqual(await server.sql(`select 1 from auth.users where email = 'failing@example.com'`), [])
  })

test('EGR-09: no spelling of the request reaches the password without a captcha', async () => {
  answer = () => Response.json({ success: true })
  const { user } = await server
    .request('POST', '/admin/users', {
      as: 'service_role',
      body: { email: 'egr@example.com', password, email_confirm: true },
    })
    .then(({ body }) => ({ user: body }))
  const body = { email: String(user.email), password, refresh_token: 'aaaaaaaaaaaa' }
  for (const path of [
    '/token?grant_type=password',
    '/token?grant_type=password&grant_type=refresh_token',
    '/token?grant_type=refresh_token&grant_type=password',
    '/token/?grant_type=password',
    '//token?grant_type=password',
    '/token?GRANT_TYPE=password',
    '/token?grant_type=PASSWORD',
    '/token?grant_type=password%00',
    '/token?grant_type=%70assword',
  ])
    for (const form of [false, true]) {
      const texts = { email: body.email, password, grant_type: 'password' }
      const { status, text } = await server.request('POST', path, form ? { form: texts } : { body })
      assert.ok(status >= 400 && status < 500, `${path}: ${status}`)
      assert.doesNotMatch(text, /access_token/, path)
    }
})

test('a key that is not an administrator needs a captcha, an administrator needs none', async () => {
  const body = { email: 'keys@example.com', password }
  const anonymous = await server.request('POST', '/signup', { as: 'anon', body })
  assert.equal(anonymous.body.error_code, 'captcha_failed')
  assert.equal((await server.request('POST', '/signup', { as: 'service_role', body })).status, 200)
})
