// Attacks on hosted sign-in: forms of other sites, fixed sessions, open redirects, HTML in what others write, framing (WEB-03).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'
import { headingOf, newVisitor, testOrigin } from '../support/visitor.ts'

const password = 'correct horse battery staple'
let server: TestServer
before(async () => {
  server = await startTestServer({
    env: {
      POSTERN_PAGES: 'true',
      GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true',
      GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'client',
      GOTRUE_EXTERNAL_GITHUB_SECRET: 'secret',
    },
  })
})
after(() => server.close())

const signInAs = async (email: string) => {
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  await visitor.send('/pages/sign-in', { identifier: email, password })
  assert.ok(visitor.cookies.has('postern'))
  return visitor
}

const countSessions = async (email: string) => {
  const [row] = await server.sql<{ count: number }>(
    'select count(*)::int as count from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1',
    [email],
  )
  return row?.count
}

test('a form counts only with the Origin of the pages, whatever token it has', async () => {
  const { user } = await server.user()
  const visitor = await signInAs(user.email)
  const page = await visitor.open('/pages/sign-out')
  const [form] = page.forms
  assert.ok(form)
  const before = await countSessions(user.email)
  for (const origin of [
    'https://evil.example',
    'null',
    'http://auth.example.test.evil.example',
    'https://auth.example.test',
    '',
  ]) {
    const sent = await visitor.open(form.action, { method: 'POST', form: form.fields, headers: { origin } })
    assert.equal(sent.status, 403, origin)
    assert.equal(headingOf(sent), 'This form came from another site')
  }
  assert.equal(await countSessions(user.email), before)
})

test('without an Origin a form counts only where the browser says that it is from the same one', async () => {
  const { user } = await server.user()
  const visitor = await signInAs(user.email)
  const [form] = (await visitor.open('/pages/sign-out')).forms
  assert.ok(form)
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const post = (headers: Record<string, string>) =>
    server.request('POST', form.action, { form: form.fields, headers: { cookie, ...headers } })
  for (const site of ['cross-site', 'same-site', 'none'])
    assert.equal((await post({ 'sec-fetch-site': site })).status, 403, site)
  assert.equal((await post({})).status, 403)
  assert.equal((await post({ 'sec-fetch-site': 'same-origin' })).status, 303)
})

test('a form needs the token of its own browser: none, another one, and one of another browser count for nothing', async () => {
  const { user } = await server.user()
  const visitor = await signInAs(user.email)
  const other = newVisitor(server)
  const [foreign] = (await other.open('/pages/sign-in')).forms
  const [form] = (await visitor.open('/pages/sign-out')).forms
  assert.ok(form && foreign)
  const before = await countSessions(user.email)
  for (const token of ['', 'x', foreign.fields._token ?? '', `${form.fields._token}x`]) {
    const sent = await visitor.open(form.action, { method: 'POST', form: { _token: token } })
    assert.equal(sent.status, 403)
    assert.equal(headingOf(sent), 'Try again')
  }
  assert.equal(await countSessions(user.email), before)
})

test('nobody is signed in by a form that another site prepared (login CSRF)', async () => {
  const { user } = await server.user()
  const victim = newVisitor(server)
  const attacker = newVisitor(server)
  await victim.open('/pages/sign-in')
  const [form] = (await attacker.open('/pages/sign-in')).forms
  const prepared = { ...form?.fields, identifier: user.email, password }
  const sent = await victim.open('/pages/sign-in', { method: 'POST', form: prepared })
  assert.equal(sent.status, 403)
  assert.ok(!victim.cookies.has('postern'))
})

test('a session is never one that somebody knew before: a planted handle is replaced, and planted tokens end', async () => {
  const { user } = await server.user()
  const victim = newVisitor(server)
  const page = await victim.open('/pages/sign-in')
  victim.cookies.set('postern', 'planted-by-somebody-else-planted-by-somebody-else')
  // The form was made for another handle: it does not count even from this very browser.
  const stale = await victim.send('/pages/sign-in', { identifier: user.email, password })
  assert.equal(stale.status, 403)
  await victim.open('/pages/sign-in')
  await victim.send('/pages/sign-in', { identifier: user.email, password })
  assert.ok(victim.cookies.has('postern'))
  assert.notEqual(victim.cookies.get('postern'), 'planted-by-somebody-else-planted-by-somebody-else')
  const [known] = page.forms
  const after = await victim.open('/pages/sign-out', { method: 'POST', form: { _token: known?.fields._token ?? '' } })
  assert.equal(after.status, 403)
  assert.ok(victim.cookies.has('postern'))
})

test('every sign-in and every sign-out has a handle of its own, and an old one opens nothing', async () => {
  const { user } = await server.user()
  const visitor = await signInAs(user.email)
  const first = visitor.cookies.get('postern') ?? ''
  await visitor.open('/pages/sign-in?prompt=login')
  await visitor.send('/pages/sign-in', { identifier: user.email, password })
  assert.notEqual(visitor.cookies.get('postern'), first)
  const thief = newVisitor(server)
  thief.cookies.set('postern', first)
  assert.match((await thief.open('/pages/new-password')).path, /^\/pages\/sign-in/)
})

test('the way after a sign-in leads to no address that is not allowed', async () => {
  const { user } = await server.user()
  for (const redirect_to of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/pages/../../evil',
    '/pages\\@evil.example',
    '/pagesevil',
    'javascript:alert(1)',
    'https://app.example@evil.example/',
    `${testOrigin}@evil.example/pages/`,
    'http://auth.example.test.evil.example/pages/x',
    `/pages/${'a'.repeat(3000)}`,
  ]) {
    const visitor = newVisitor(server)
    const page = await visitor.open(`/pages/sign-in?${new URLSearchParams({ redirect_to })}`)
    if (page.status === 400) continue
    assert.doesNotMatch(page.headers.get('content-security-policy') ?? '', /evil/)
    const signed = await visitor.send('/pages/sign-in', { identifier: user.email, password })
    assert.equal(signed.left_for, '', redirect_to)
    assert.match(signed.path, /^\/(pages\/account|evil)/, redirect_to)
  }
})

test('a link of a mail leads to no address that is not allowed, not even when its form is written anew', async () => {
  const { user } = await server.user()
  const visitor = newVisitor(server)
  const link = { type: 'magiclink', email: user.email }
  const { body } = await server.request('POST', '/admin/generate_link', { as: 'service_role', body: link })
  await visitor.open(`/pages/confirm?type=magiclink&token=${body.hashed_token}&redirect_to=https://evil.example/`)
  const sent = await visitor.send('/pages/confirm', { redirect_to: 'https://evil.example/' })
  assert.match(sent.left_for, /^http:\/\/site\.example/)
})

test('HTML in parameters is text, and what a provider says in an error is not repeated at all', async () => {
  const hostile = `"><script>alert('x')</script><img src=x onerror=alert(1)>`
  const pages = [
    '/pages/sign-in',
    '/pages/sign-up',
    '/pages/forgot-password',
    '/pages/enter-code',
    '/pages/confirm',
    '/pages/second-factor',
    '/pages/callback',
    '/pages/signed-in',
    '/pages/nowhere',
    `/pages/${encodeURIComponent(hostile)}`,
  ]
  const names = [
    'attempt',
    'redirect_to',
    'type',
    'token',
    'factor',
    'error',
    'error_description',
    'error_code',
    'ui_locales',
  ]
  const query = new URLSearchParams(names.map((name): [string, string] => [name, hostile]))
  for (const path of pages) {
    const { text } = await newVisitor(server).open(`${path}?${query}`)
    assert.doesNotMatch(text, /<script>|<img src=x|onerror=alert\(1\)>/, path)
  }
  const visitor = newVisitor(server)
  const away = await visitor.open('/pages/with/github')
  assert.match(away.left_for, /^https:\/\/github\.com\//)
  const back = { error: 'access_denied', error_description: 'Call 555-0100 to unlock your account' }
  const page = await visitor.open(`/pages/callback?${new URLSearchParams(back)}`)
  assert.equal(headingOf(page), 'Sign in')
  assert.match(page.text, /You did not sign in with GitHub/)
  assert.doesNotMatch(page.text, /555-0100/)
})

test('what a person typed comes back as text', async () => {
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  const page = await visitor.send('/pages/sign-in', {
    identifier: '"><script>alert(1)</script>@example.com',
    password,
  })
  assert.doesNotMatch(page.text, /<script>/)
  assert.match(page.text, /value="&quot;&gt;&lt;script&gt;/)
})

test('no page can be framed, kept, or asked for by another site; none runs what is written into it', async () => {
  for (const path of ['/pages/sign-in', '/pages/sign-up', '/pages/confirm?type=signup&token=x', '/pages/nowhere']) {
    const { headers, text } = await newVisitor(server).open(path, { headers: { origin: 'https://evil.example' } })
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.equal(headers.get('x-frame-options'), 'DENY')
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(headers.get('access-control-allow-origin'), null)
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe|\*|evil|https:/)
    assert.doesNotMatch(text, /\sstyle=|\son\w+=|<style|javascript:/)
  }
})

test('a code of a provider counts only in the browser that went there', async () => {
  const elsewhere = await newVisitor(server).open('/pages/callback?code=00000000-0000-4000-8000-000000000000')
  assert.match(elsewhere.text, /could not be finished in this browser/)
})

test('over https cookies are bound to this host, out of reach of scripts, and not sent along by other sites', async () => {
  const secure = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: { POSTERN_PAGES: 'true', POSTERN_PAGES_URL: 'https://me.example.test' },
  })
  try {
    const { headers } = await secure.request('GET', '/pages/sign-in')
    const lines = headers.getSetCookie()
    assert.equal(lines.length, 1)
    for (const line of lines) {
      assert.match(line, /^__Host-postern-form=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/)
    }
  } finally {
    await secure.close()
  }
})

test('a form of more than 64 KB is refused before it is read', async () => {
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  const page = await visitor.send('/pages/sign-in', { identifier: 'a'.repeat(70_000) })
  assert.equal(page.status, 413)
})

test('a form that cannot be read counts as one without its token, and is no failure of the server', async () => {
  for (const [type, body] of [
    ['multipart/form-data; boundary=x', '--y\r\nno part'],
    ['multipart/form-data', 'no boundary'],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nno end'],
  ]) {
    const request = new Request(`${testOrigin}/pages/sign-in`, {
      method: 'POST',
      headers: { 'content-type': String(type), origin: testOrigin },
      body: String(body),
    })
    const { status } = await server.auth.fetch(request)
    assert.equal(status, 403, `${type} ${body}`)
  }
})
