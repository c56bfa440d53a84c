// Cases of the security rules about redirects, headers of mails, limits and input.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { compileGlob } from '../../src/flows/steps/answers/compile-glob.ts'
import { refusal } from '../support/cases.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const address = (name: string) => `${name}${++people}@example.com`

test('RED-02 and RED-04 an address with a name, a foreign Referer and a second parameter lead to the site', async () => {
  const follow = async (query: string, headers: Record<string, string> = {}) =>
    (await server.request('GET', `/verify?type=signup&token=x${query}`, { headers })).location?.split('#')[0]
  const site = 'http://site.example'
  assert.equal(await follow(`&redirect_to=${encodeURIComponent('http://user:pw@site.example/')}`), site)
  assert.equal(await follow('', { referer: 'https://evil.example/' }), site)
  assert.equal(await follow('', { redirect_to: 'https://evil.example/' }), site)
  assert.equal(await follow('&redirect_to=https%3A%2F%2Fevil.example&redirect_to=https%3A%2F%2Fapp.example%2Fa'), site)
  for (const trick of [
    'https://app.example\\@evil.example/',
    'https://app.example%2f@evil.example',
    '//evil.example',
    'javascript:alert(1)',
    'http://2130706433/',
    'https://app.example.evil.example/x',
    'https://evil.example/?https://app.example/',
  ])
    assert.equal(await follow(`&redirect_to=${encodeURIComponent(trick)}`), site, trick)
  assert.equal(await follow('&redirect_to=https%3A%2F%2Fapp.example%2Fa%2Fb'), 'https://app.example/a/b')
})

test('RED-03 a glob that invites backtracking is matched in time', async () => {
  const { thread_ms } = await cpuTime(() =>
    assert.equal(compileGlob('https://*a*a*a*a*a*b')(`https://${'a'.repeat(8000)}`), false),
  )
  assert.ok(thread_ms < 50, `${thread_ms} ms`)
})

test('MAIL-04 a subject with text of a person is one header', async () => {
  const mailing = await startTestServer({ env: { GOTRUE_MAILER_SUBJECTS_CONFIRMATION: 'Hello {{ .Data.x }}' } })
  try {
    const nasty = ['a\r\nBcc: evil@example.com', 'x'.repeat(2000), '🎉 ü']
    for (const [i, x] of nasty.entries()) {
      const email = `mail04-${i}@example.com`
      await mailing.request('POST', '/signup', { body: { email, password, data: { x } } })
      const mail = await mailing.nextMail(email)
      assert.deepEqual(mail.to, [email])
      assert.equal(mail.raw.split(/\r?\n\r?\n/)[0]?.match(/^(subject|bcc):/gim)?.length, 1)
      assert.match(mail.subject, /^Hello /)
    }
  } finally {
    await mailing.close()
  }
})

test('INP-06 JSON that is called a form is refused', async () => {
  const raw = JSON.stringify({ email: 'inp06@example.com', password })
  const response = await server.request('POST', '/signup', {
    raw,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  assert.equal(refusal(response), '400 bad_json')
})

test('INP-13 numbers and addresses a megabyte long are refused at once', async () => {
  for (const body of [
    { phone: '1'.repeat(900_000), password },
    { email: `${'a'.repeat(900_000)}@example.com`, password },
  ]) {
    const { thread_ms } = await cpuTime(async () =>
      assert.equal((await server.request('POST', '/signup', { body })).status, 400),
    )
    assert.ok(thread_ms < 250, `${thread_ms} ms`)
  }
})

test('INP-14 metadata that no token can hold is refused where it is set, and later requests work', async () => {
  const session = await server.user({ email: 'inp14@example.com' })
  const data = { filler: 'x'.repeat(900_000) }
  const response = await server.request('PUT', '/user', { token: session.access_token, body: { data } })
  assert.equal(refusal(response), '400 validation_failed')
  assert.match(String(response.body.msg), /data/)
  const refused = await server.request('POST', '/signup', { body: { email: 'inp14b@example.com', password, data } })
  assert.equal(refusal(refused), '400 validation_failed')
  assert.equal((await server.request('GET', '/user', { token: session.access_token })).status, 200)
})

test('RTL-03 and RTL-05 without configuration one address has one bucket, IPv6 by /64, and 429 says when to come back', async () => {
  const limited = await startTestServer()
  try {
    const ask = (address: string) =>
      limited.request('POST', '/recover', { body: { email: 'rtl@example.com' }, address })
    for (const spelling of [
      () => '198.51.100.7',
      (i: number) => `2001:db8:0:1::${(i + 1).toString(16)}`,
      (i: number) => ['::ffff:192.0.2.9', '192.0.2.9', '::FFFF:c000:209'][i % 3] ?? '',
    ]) {
      const answers = []
      for (let i = 0; i < 40; i++) answers.push(await ask(spelling(i)))
      const refused = answers.filter((answer) => refusal(answer) === '429 over_request_rate_limit')
      assert.ok(refused.length >= 5, `${spelling(0)}: ${refused.length}`)
      for (const { headers } of refused) assert.ok(Number(headers.get('retry-after')) >= 1)
    }
  } finally {
    await limited.close()
  }
})

test('INP-04 deep nesting is refused before it is parsed, and what is less deep is read', async () => {
  const nested = (depth: number) =>
    `{"email":"${address('inp04')}","password":"${password}","data":${'['.repeat(depth)}${']'.repeat(depth)}}`
  for (const depth of [9000, 11_000, 400_000])
    assert.equal(refusal(await server.request('POST', '/signup', { raw: nested(depth) })), '400 bad_json')
  const inside = `{"email":"${address('inp04')}","password":"${password}","data":{"a":${'['.repeat(400)}${']'.repeat(400)}}}`
  assert.equal((await server.request('POST', '/signup', { raw: inside })).status, 200)
})

test('INP-05 the last of equal names wins, in any case, and what is no object is refused', async () => {
  const email = address('inp05')
  const raw = `{"email":"${address('other')}","EMAIL":"${email}","password":"${password}"}`
  const made = await server.request('POST', '/signup', { raw })
  assert.deepEqual([made.status, made.body.email], [200, email])
  assert.equal(
    refusal(await server.request('POST', '/recover', { raw: 'null' })),
    '400 validation_failed',
    'null is {}',
  )
  for (const bad of ['[]', '{"email":1}', '{"email":"a@example.com"} x', '"text"', '7', ''])
    assert.equal(refusal(await server.request('POST', '/recover', { raw: bad })), '400 bad_json', bad)
})
