// Answers that must be sendable, go to no cache, and lead where they were asked to (security REV-08, REV-14, REV-23).
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { isAllowedRedirect } from '../../src/flows/steps/answers/allowed-redirect.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { linkOf } from '../support/mail-sink.ts'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({
    env: { GOTRUE_SITE_URL: 'https://bücher.example/größe', GOTRUE_URI_ALLOW_LIST: 'http://localhost:5000/**' },
  })
})
after(() => server.close())

const targets: [name: string, given: string, before: string][] = [
  ['a path beyond ASCII', 'http://localhost:5000/日本', 'http://localhost:5000/%E6%97%A5%E6%9C%AC'],
  ['a path of Latin 1', 'http://localhost:5000/größe?a=ü', 'http://localhost:5000/gr%C3%B6%C3%9Fe?a=%C3%BC'],
  ['names that stand twice', 'http://localhost:5000/?b=2&a=1&b=1&a=0&c', 'http://localhost:5000/?b=2&a=1&b=1&a=0&c'],
  [
    'what is encoded already',
    'http://localhost:5000/a%2Fb%20c?q=%C3%BC+x',
    'http://localhost:5000/a%2Fb%20c?q=%C3%BC+x',
  ],
  ['emoji', 'http://localhost:5000/🎉', 'http://localhost:5000/%F0%9F%8E%89'],
  ['the site by its other name', 'https://xn--bcher-kva.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
  ['the site as it is configured', 'https://bücher.example/größe', 'https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe'],
  ['nothing, which is the site', '', 'https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe'],
]
const query = (redirect_to: string) => (redirect_to === '' ? '' : `redirect_to=${encodeURIComponent(redirect_to)}`)

describe('a redirect leads to the target as it was given, percent-encoded, every parameter in its place', () => {
  for (const [name, given, target] of targets) {
    test(`${name}: a link in a mail`, async () => {
      const email = `link${++people}@example.com`
      await server.request('POST', `/signup?${query(given)}`, { body: { email, password } })
      const { pathname, search } = new URL(linkOf(await server.nextMail(email)))
      const followed = await server.request('GET', pathname + search)
      assert.equal(followed.status, 303, followed.text)
      const [address, fragment = ''] = (followed.location ?? '').split('#')
      assert.equal(address, target)
      assert.match(fragment, /^access_token=/)
    })

    test(`${name}: with PKCE, and with an error`, async () => {
      const email = `pkce${++people}@example.com`
      const code_challenge = createHash('sha256').update('v'.repeat(64)).digest('base64url')
      const body = { email, password, code_challenge, code_challenge_method: 's256' }
      await server.request('POST', `/signup?${query(given)}`, { body })
      const { pathname, search } = new URL(linkOf(await server.nextMail(email)))
      const followed = await server.request('GET', pathname + search)
      assert.equal(followed.status, 303, followed.text)
      const join = target.includes('?') ? '&' : '?'
      assert.match(followed.location ?? '', /code=[0-9a-f-]{36}$/)
      assert.ok(followed.location?.startsWith(`${target}${join}code=`), followed.location ?? '')
      const again = await server.request('GET', pathname + search)
      assert.ok(again.location?.startsWith(`${target}${join}error=access_denied`), again.location ?? '')
    })
  }

  test('a parameter of ours that the target has already is set anew, and the others stay', async () => {
    const email = `code${++people}@example.com`
    const given = 'http://localhost:5000/?error=x&z=1&a=2'
    await server.request('POST', `/signup?${query(given)}`, { body: { email, password } })
    const { pathname, search } = new URL(linkOf(await server.nextMail(email)))
    const token = new URLSearchParams(search)
    token.set('token', 'pkce_unknown')
    const failed = await server.request('GET', `${pathname}?${token}`)
    const { searchParams } = new URL(failed.location ?? '')
    assert.deepEqual([...searchParams.keys()].slice(0, 2), ['z', 'a'], failed.location ?? '')
    assert.deepEqual(searchParams.getAll('error'), ['access_denied'])
  })
})

test('REV-14 an answer that cannot be sent is an error of its own form, and what an application raises is never success', async () => {
  await server.database.db.script(`
    create function auth.number() returns trigger language plpgsql as $$ begin
      raise exception 'raised' using errcode = upper(split_part(new.email, '@', 1)); end $$;
    create trigger number after insert on auth.users for each row when (new.email like 'pt%') execute function auth.number();`)
  for (const [code, status] of Object.entries({
    pt204: 500,
    pt304: 500,
    pt999: 500,
    pt101: 500,
    pt200: 500,
    pt418: 418,
  })) {
    const answer = await server.request('POST', '/admin/users', {
      as: 'service_role',
      body: { email: `${code}@example.com`, password },
    })
    assert.equal(answer.status, status, answer.text)
    assert.equal(answer.body.message, 'raised')
  }
})

describe('REV-23 what holds a token or personal data is for no cache, and for no other type than it says', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ env: { API_EXTERNAL_URL: 'https://auth.example.test' } })
  })
  after(() => server.close())
  const isPrivate = ({ headers, text }: Answer) => {
    assert.equal(headers.get('cache-control'), 'no-store', text)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', text)
  }

  test('sessions, accounts, lists, redirects, errors and empty answers', async () => {
    const { access_token, refresh_token, user } = await server.user({ email: 'private@example.com', password })
    const as = 'service_role'
    isPrivate(await server.request('POST', '/token?grant_type=password', { body: { email: user.email, password } }))
    isPrivate(await server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } }))
    isPrivate(await server.request('GET', '/user', { token: access_token }))
    isPrivate(await server.request('GET', '/admin/users', { as }))
    isPrivate(await server.request('GET', `/admin/users/${user.id}`, { as }))
    isPrivate(
      await server.request('POST', '/admin/generate_link', { as, body: { type: 'magiclink', email: user.email } }),
    )
    isPrivate(await server.request('GET', '/verify?type=magiclink&token=unknown'))
    isPrivate(
      await server.request('POST', '/token?grant_type=password', { body: { email: user.email, password: 'x' } }),
    )
    isPrivate(await server.request('POST', '/logout', { token: access_token }))
    isPrivate(await server.request('GET', '/nowhere'))
  })

  test('what everybody may know and keep says so itself', async () => {
    const { headers } = await server.request('GET', '/.well-known/jwks.json')
    assert.match(headers.get('cache-control') ?? '', /^public/)
  })
})

describe('REV-08 globs', () => {
  const globs = Array.from(
    { length: 40 },
    (_, n) => `https://{*,a${n}}{.,-}{a,b,c,d}{e,f,g,h}*.{x,y,z}${n}.example.com/{**,{p,q}/{r,s}/**}{t,u,v,w}`,
  )
  const near = (length: number) => `https://${'a.a-e.'.repeat(400)}`.slice(0, length)

  test('forty with braces are matched within five milliseconds of the event loop', async () => {
    isAllowedRedirect(near(100), 'https://site.example', globs)
    for (const address of [near(2048), near(8192), `https://a.aeb.x7.example.com/${'p/r/'.repeat(480)}`]) {
      const times: number[] = []
      for (let turn = 0; turn < 5; turn++)
        times.push((await cpuTime(() => isAllowedRedirect(address, 'https://site.example', globs))).thread_ms)
      assert.ok(Math.min(...times) < 5, `${times} ms`)
    }
  })

  test('they match what they matched', () => {
    const cases: [glob: string, address: string, matches: boolean][] = [
      ['https://*.example.com/**', 'https://a.example.com/b/c', true],
      ['https://*.example.com/**', 'https://a.b.example.com/', false],
      ['https://{a,b}.example.com/{x,y/*}', 'https://b.example.com/y/z', true],
      ['https://{a,b}.example.com/{x,y/*}', 'https://b.example.com/y/z/z', false],
      ['https://{a,{b,c}d}.example.com', 'https://cd.example.com', true],
      ['https://{a,}b.example.com', 'https://b.example.com', true],
      ['https://a?.example.com/[0-9]', 'https://ab.example.com/7', true],
      ['https://a?.example.com/[!0-9]', 'https://ab.example.com/7', false],
      ['https://a.example.com/\\*', 'https://a.example.com/*', true],
      ['https://a.example.com/\\*', 'https://a.example.com/b', false],
      ['https://a.example.com/{b', 'https://a.example.com/{b', true],
      ['myapp://**', 'myapp://callback/x', true],
      ['https://münchen.example/**', 'https://münchen.example/a', true],
      ['https://münchen.example/**', 'https://xn--mnchen-3ya.example/a', true],
      ['https://xn--mnchen-3ya.example/**', 'https://MÜNCHEN.example/a', true],
      ['https://*.{größe,日本}.example/cb', 'https://app.日本.example/cb', true],
      ['https://münchen.example/**', 'https://munchen.example/a', false],
      ['https://münchen.example/**', 'https://münchen.example.evil.example/', false],
    ]
    for (const [glob, address, matches] of cases)
      assert.equal(isAllowedRedirect(address, 'https://site.example', [glob]), matches, `${glob} ${address}`)
  })

  test('two thousand characters are the most, and a request asks once', async () => {
    assert.ok(
      isAllowedRedirect(`http://localhost:5000/${'a'.repeat(2026)}`, 'https://s.example', ['http://localhost:5000/**']),
    )
    assert.ok(
      !isAllowedRedirect(`http://localhost:5000/${'a'.repeat(2027)}`, 'https://s.example', [
        'http://localhost:5000/**',
      ]),
    )
    const email = `long${++people}@example.com`
    const headers = { referer: `http://localhost:5000/${'r'.repeat(8000)}` }
    const { thread_ms } = await cpuTime(() => server.request('POST', '/recover', { body: { email }, headers }))
    assert.ok(thread_ms < 100, `${thread_ms} ms`)
  })
})
