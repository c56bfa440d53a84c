// What a stranger's request costs before anything is known of who sends it (security rule 12).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clientAddress, clientOf } from '../../src/limits/client-address.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { enabled } from '../support/mock-providers.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ env: { ...enabled(['github']), POSTERN_PAGES: 'true' } })
})
after(() => server.close())

const form = { 'content-type': 'application/x-www-form-urlencoded' }

for (const path of ['/token', '/token?grant_type=password', '/callback', '/callback/link', '/verify/confirm'])
  test(`POST ${path} does not take a form of many fields apart`, async () => {
    // Of what fills the body, a second and more would be spent on fields that nobody reads.
    for (const raw of ['a&'.repeat(500_000), '&'.repeat(1_000_000)]) {
      const { status, body } = await server.request('POST', path, { raw, headers: { ...form } })
      assert.deepEqual(
        [status, body.error_code, body.msg],
        [400, 'validation_failed', 'a form has at most 200 parameters'],
      )
    }
  })

test('a form of as many fields as anybody has use for is read', async () => {
  const raw = `${'a&'.repeat(150)}state=unknown&code=x`
  const { status, location } = await server.request('POST', '/callback', { raw, headers: { ...form } })
  assert.equal(status, 303)
  assert.match(String(location), /error_code=bad_oauth_state/)
})

test('a body of more names than anybody has use for is refused before its object is made', async () => {
  const raw = (names: number) => `{${Array.from({ length: names }, (_, i) => `"${i.toString(36)}":1`).join(',')}}`
  const send = (names: number) => server.request('POST', '/recover', { raw: raw(names) })
  const { status, body } = await send(90_000)
  assert.deepEqual([status, body.error_code], [400, 'bad_json'])
  assert.match(String(body.msg), /at most 50000 names are read/)
  assert.match(String((await send(40_000)).body.msg), /requires an email/)
})

test('an address of many parameters is refused before any of them is looked at', async () => {
  const names = Array.from({ length: 20_000 }, (_, i) => i.toString(36)).join('&')
  for (const path of ['/authorize?provider=github&', '/verify?', '/health/ready?', '/nowhere?']) {
    const { status, body } = await server.request('GET', path + names)
    assert.deepEqual([status, body.msg], [400, 'a query has at most 200 parameters'], path)
  }
  const few = Array.from({ length: 150 }, (_, i) => `p${i}=1`).join('&')
  const { location } = await server.request('GET', `/authorize?provider=github&${few}`)
  assert.equal(new URL(String(location)).searchParams.get('p149'), '1')
})

test('a page repeats no endless address in its links', async () => {
  const plain = await server.request('GET', '/pages/sign-in')
  assert.equal(plain.status, 200)
  for (const query of ['a&'.repeat(30_000), `a=${'b'.repeat(60_000)}`]) {
    const { status, text } = await server.request('GET', `/pages/sign-in?${query}`)
    assert.equal(status, 200)
    assert.ok(text.length < plain.text.length + 1000, `${text.length} letters`)
  }
})

/** The header that proxies write, filled up by whoever sends it. */
const filled = (with_what: string, end = '') => with_what.repeat(Math.floor(130_000 / with_what.length)) + end
const settings = { rate_limit_header: '', security_sb_forwarded_for_enabled: false, trusted_proxies: [] as string[] }
const sends = (value: string) => (name: string) => (name.toLowerCase() === 'x-forwarded-for' ? value : undefined)

for (const trusted_proxies of [[], ['127.0.0.1', '10.0.0.0/8', '::1'], ['none']])
  test(`what fills X-Forwarded-For costs no more than some addresses, where ${trusted_proxies.join() || 'no'} proxies are named`, async () => {
    const config = { ...settings, trusted_proxies }
    for (const what of ['::1,', '10.0.0.1,', 'fd00::1,', 'x,', ',']) {
      const cost = async (value: string) => {
        const work = () => {
          for (let i = 0; i < 10; i++)
            [clientOf(sends(value), '127.0.0.1', config), clientAddress(sends(value), '127.0.0.1', config)]
        }
        work()
        return (await cpuTime(work)).thread_ms
      }
      const [some, full] = [await cost(what.repeat(Math.ceil(2048 / what.length))), await cost(filled(what))]
      assert.ok(full < some * 10 + 5, `${what} ${some} ms, ${full} ms`)
    }
  })

test('what the proxy wrote on the right counts, whatever stands on the left', () => {
  for (const what of ['::1,', '10.0.0.1, ', 'x,', '203.0.113.9,', ' ', 'y'])
    assert.equal(clientOf(sends(filled(what, ',198.51.100.7')), '127.0.0.1', settings).key, '198.51.100.7', what)
})
