// Pages through fetch: where they are, what every one of them says in its headers, and what is no page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'
import { errorsOf, headingOf, newVisitor } from '../support/visitor.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ env: { POSTERN_PAGES: 'true', POSTERN_BASE_PATH: '/auth/v1' } })
})
after(() => server.close())

test('a page that is not there says so in words, with the headers that every page has', async () => {
  const { status, text, headers } = await server.request('GET', '/pages/nowhere')
  assert.equal(status, 404)
  assert.match(text, /<h1>Page not found<\/h1>/)
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('referrer-policy'), 'same-origin')
  assert.equal(headers.get('access-control-allow-origin'), null)
  const policy = headers.get('content-security-policy') ?? ''
  for (const directive of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"])
    assert.ok(policy.includes(directive), `${directive} in ${policy}`)
  assert.doesNotMatch(policy, /unsafe/)
  assert.doesNotMatch(text, /<style|style=|<script(?! defer src)/)
})

test('the stylesheet has a hash in its name and may be kept for a year', async () => {
  const { text } = await server.request('GET', '/auth/v1/pages/nowhere')
  const [, path = ''] = /<link rel="stylesheet" href="([^"]+)">/.exec(text) ?? []
  assert.match(path, /^\/pages\/assets\/pages\.[\da-f]{12}\.css$/)
  const { status, headers } = await server.request('GET', path)
  assert.equal(status, 200)
  assert.equal(headers.get('content-type'), 'text/css; charset=utf-8')
  assert.match(headers.get('cache-control') ?? '', /immutable/)
  assert.equal((await server.request('GET', '/pages/assets/pages.000000000000.css')).status, 404)
})

test('what only pages may ask of the API nobody reaches from outside', async () => {
  const { text, headers } = await server.request('POST', '/pages/session/read', { body: { handle: 'x' } })
  assert.match(headers.get('content-type') ?? '', /text\/html/)
  assert.doesNotMatch(text, /session_not_found/)
})

test('without POSTERN_PAGES there are none, and without POSTERN_CONSOLE no console', async () => {
  const plain = await startTestServer({ database: server.database, mail: server.mail })
  try {
    assert.equal((await plain.request('GET', '/pages/nowhere')).text, '404 page not found\n')
    assert.equal((await server.request('GET', '/console')).text, '404 page not found\n')
  } finally {
    await plain.close()
  }
})

test('an outage is told as one that passes, with Retry-After, and nothing of what was filled in is lost', async () => {
  const failing = await startTestServer({ env: { POSTERN_PAGES: 'true' }, mail: server.mail })
  const { user } = await failing.user()
  const visitor = newVisitor(failing)
  await visitor.open('/pages/sign-in')
  await visitor.send('/pages/sign-in', { identifier: user.email, password: 'correct horse battery staple' })
  const stranger = newVisitor(failing)
  await stranger.open('/pages/sign-in')
  await failing.database.db.close()
  const page = await visitor.open('/pages/new-password')
  assert.equal(page.status, 503)
  assert.equal(headingOf(page), 'Sorry, something went wrong')
  assert.match(page.headers.get('retry-after') ?? '', /^\d+$/)
  const refused = await stranger.send('/pages/sign-in', { identifier: user.email, password: 'x' })
  assert.equal(refused.status, 503)
  assert.ok(refused.text.includes(`value="${user.email}"`))
  await failing.auth.close()
})

test('limits and sessions have the address of the browser, as in every other request', async () => {
  const limited = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: {
      POSTERN_PAGES: 'true',
      GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
      GOTRUE_RATE_LIMIT_ANONYMOUS_USERS: '2',
    },
  })
  const goOn = async (address: string) => {
    const visitor = newVisitor(limited, { address })
    await visitor.open('/pages/sign-in')
    return visitor.send('/pages/guest')
  }
  await goOn('192.0.2.77')
  await goOn('192.0.2.77')
  const over = await goOn('192.0.2.77')
  assert.equal(over.status, 429)
  assert.match(over.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  assert.deepEqual(errorsOf(over), ['Too many attempts. Wait a few minutes and try again.'])
  assert.match((await goOn('192.0.2.78')).path, /^\/pages\/account/)
  const sessions = await limited.sql<{ ip: string }>(
    "select host(ip) as ip from auth.sessions where ip <<= '192.0.2.0/24' order by ip",
  )
  assert.deepEqual(
    sessions.map(({ ip }) => ip),
    ['192.0.2.77', '192.0.2.77', '192.0.2.78'],
  )
  await limited.auth.close()
})
