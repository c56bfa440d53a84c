// Who a client is behind proxies that nobody configured, and behind a header that its sender writes (security rule 3).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clientOf } from '../../src/limits/client-address.ts'
import { type Answer, startTestServer, type TestServer, untilFree } from '../support/server.ts'

const password = 'correct horse battery staple'
const gateway = '172.18.0.5'
/** Thirty uses of a link or code at first, and then one in five minutes: more than a test takes. */
const verifiesRarely = { GOTRUE_RATE_LIMIT_VERIFY: '1' }
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({ env: { GOTRUE_RATE_LIMIT_EMAIL_SENT: '1000', ...verifiesRarely } })
})
after(() => server.close())

const publicAddress = (n: number) => `203.0.${(n >> 8) + 1}.${n & 255}`
const signUp = (forwarded: string, address = gateway, at = server) =>
  at.request('POST', '/signup', {
    body: { email: `proxied${++people}@example.com`, password },
    address,
    headers: { 'x-forwarded-for': forwarded },
  })
const verify = (forwarded: string | null, address = gateway, at = server) =>
  at.request('POST', '/verify', {
    body: { type: 'email', email: `nobody${++people}@example.com`, token: '123456' },
    address,
    ...(forwarded !== null && { headers: { 'x-forwarded-for': forwarded } }),
  })
const refused = (answers: Answer[]) => answers.filter(({ status }) => status === 429).length
const times = async (count: number, ask: (n: number) => Promise<Answer>) => {
  const answers: Answer[] = []
  for (let n = 0; n < count; n++) answers.push(await ask(n))
  return answers
}

test('REV-21 forty people behind a gateway that nobody configured sign up at once, and none is refused', async () => {
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => untilFree(() => signUp(`${publicAddress(n)}, 10.0.0.7`))),
  )
  for (const { status, text } of answers) assert.equal(status, 200, text)
})

test('REV-21 each of them has a limit of their own, also where all stand in private networks', async () => {
  for (const one of ['198.51.100.77', '192.168.7.7']) {
    assert.equal(refused(await times(31, () => verify(one))), 1, one)
    assert.equal(refused(await times(1, () => verify(`9.9.9.9, ${one}, 10.1.1.1`))), one.startsWith('192') ? 0 : 1)
  }
})

test('REV-21 who makes up addresses gets fifty times a limit, and others of that gateway have none left then', async () => {
  const env = { GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true', GOTRUE_RATE_LIMIT_ANONYMOUS_USERS: '2' }
  const few = await startTestServer({ env })
  const enter = (forwarded: string, address: string) =>
    few.request('POST', '/signup', { body: {}, address, headers: { 'x-forwarded-for': forwarded } })
  try {
    const answers = await times(110, (n) => enter(publicAddress(n), '10.200.0.1'))
    assert.equal(refused(answers.slice(0, 100)), 0)
    // One comes back every 36 seconds.
    assert.ok(refused(answers) >= 8, `${refused(answers)}`)
    assert.ok(Number(answers.at(-1)?.headers.get('retry-after')) > 0)
    assert.equal((await enter(publicAddress(200), '10.200.0.2')).status, 200)
    const told = few.log.filter(({ message }) => /POSTERN_TRUSTED_PROXIES/.test(String(message)))
    assert.deepEqual(
      told.map(({ proxy }) => proxy),
      ['10.200.0.1'],
      'it is told once',
    )
    // Whoever is over their own limit takes nothing from the others.
    await times(200, () => enter('203.0.113.1', '10.200.0.3'))
    assert.equal((await enter('203.0.113.2', '10.200.0.3')).status, 200)
  } finally {
    await few.close()
  }
})

test('REV-21 the header of a public peer, of a peer without one, and any with POSTERN_TRUSTED_PROXIES=none count for nothing', async () => {
  assert.equal(refused(await times(31, (n) => verify(publicAddress(n), '198.51.100.9'))), 1)
  assert.equal(refused(await times(31, () => verify(null, '10.50.0.1'))), 1)
  const off = await startTestServer({
    database: server.database,
    env: { POSTERN_TRUSTED_PROXIES: 'none', ...verifiesRarely },
  })
  try {
    assert.equal(refused(await times(31, (n) => verify(publicAddress(n), gateway, off))), 1)
  } finally {
    await off.close()
  }
})

test('REV-21 sessions and the audit log record what they recorded', async () => {
  const { user } = await server.user({ email: 'recorded@example.com', password })
  await server.request('POST', '/token?grant_type=password', {
    body: { email: user.email, password },
    address: gateway,
    headers: { 'x-forwarded-for': '192.0.2.50, 203.0.113.9' },
  })
  const rows = await server.sql<{ ip: string }>(
    'select host(ip) as ip from auth.sessions where user_id = $1 order by created_at desc limit 1',
    [user.id],
  )
  assert.deepEqual(rows, [{ ip: '192.0.2.50' }])
})

test('REV-22 of X-Forwarded-For as configured header the right-most address that is no proxy counts', async () => {
  const env = { GOTRUE_RATE_LIMIT_HEADER: 'X-Forwarded-For', ...verifiesRarely }
  const headed = await startTestServer({ database: server.database, env })
  try {
    const rotating = await times(31, (n) => verify(`${publicAddress(n)}, 192.0.2.88, 10.0.0.1`, '198.51.100.1', headed))
    assert.equal(refused(rotating), 1)
    assert.equal((await verify('192.0.2.89', '198.51.100.1', headed)).status, 403)
  } finally {
    await headed.close()
  }
  const config = { rate_limit_header: 'x-forwarded-for', security_sb_forwarded_for_enabled: false }
  const keyOf = (value: string, trusted_proxies: string[], socket = '192.0.2.1') =>
    clientOf((name) => (name === 'x-forwarded-for' ? value : undefined), socket, { ...config, trusted_proxies })
  assert.deepEqual(keyOf('6.6.6.6, 203.0.113.7', []), { key: '203.0.113.7', proxy: null })
  assert.deepEqual(keyOf('6.6.6.6, 203.0.113.7, 198.51.100.2', ['192.0.2.0/24', '198.51.100.0/24']).key, '203.0.113.7')
  assert.deepEqual(keyOf('6.6.6.6, 203.0.113.7, 198.51.100.2', ['2']).key, '203.0.113.7')
  assert.deepEqual(keyOf('6.6.6.6, 10.0.0.1', ['none']).key, '10.0.0.1')
  assert.deepEqual(keyOf('6.6.6.6, nonsense', []).key, '192.0.2.1')
  assert.deepEqual(keyOf('', []).key, '192.0.2.1')
})

test('peers are told apart as public or private in every spelling', () => {
  const of = (socket: string) =>
    clientOf((name) => (name === 'x-forwarded-for' ? '203.0.113.7' : undefined), socket, {
      rate_limit_header: '',
      security_sb_forwarded_for_enabled: false,
      trusted_proxies: [],
    })
  for (const socket of [
    '127.0.0.1',
    '::1',
    '::ffff:10.1.2.3',
    'fd00::5',
    'fe80::1%eth0',
    '169.254.1.1',
    '172.31.0.1',
    '100.64.0.1',
  ])
    assert.equal(of(socket).key, '203.0.113.7', socket)
  for (const socket of ['', '172.32.0.1', '11.0.0.1', '2001:db8::1', '::ffff:198.51.100.4', '100.128.0.1'])
    assert.notEqual(of(socket).key, '203.0.113.7', socket)
})
