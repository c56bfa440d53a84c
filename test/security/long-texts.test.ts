// Texts of any length in any place: each has its limit, over it 400 with its name, before anything is stored (security REV-18).
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { AuthError, unavailable } from '../../src/errors.ts'
import { createLog } from '../../src/log.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer
let person: SignedIn

before(async () => {
  server = await startTestServer({ env: { GOTRUE_EXTERNAL_PHONE_ENABLED: 'true', GOTRUE_SMS_AUTOCONFIRM: 'true' } })
  person = await server.user({ email: 'texts@example.com', password })
})
after(() => server.close())

const rows = async () =>
  (
    await server.sql<{ n: number }>(
      `select ((select count(*) from auth.users) + (select count(*) from auth.mfa_factors) + (select count(*) from auth.one_time_tokens)
        + (select count(*) from auth.flow_state) + (select count(*) from auth.custom_oauth_providers))::int as n`,
    )
  )[0]?.n

const bodies: [method: string, path: string, body: Record<string, string>][] = [
  [
    'POST',
    '/signup',
    { email: 'new@example.com', password, channel: '', code_challenge: '', code_challenge_method: '' },
  ],
  ['POST', '/otp', { email: 'new@example.com', channel: '', code_challenge: '', code_challenge_method: '' }],
  ['POST', '/recover', { email: 'texts@example.com', code_challenge: '', code_challenge_method: '' }],
  ['POST', '/resend', { type: 'signup', email: 'texts@example.com', phone: '' }],
  ['POST', '/verify', { type: 'email', email: 'texts@example.com', token: '1', token_hash: '', redirect_to: '' }],
  ['POST', '/token?grant_type=password', { email: 'texts@example.com', phone: '' }],
  ['POST', '/token?grant_type=refresh_token', { refresh_token: '' }],
  ['POST', '/token?grant_type=pkce', { auth_code: '', code_verifier: '' }],
  ['POST', '/token?grant_type=id_token', { provider: '', id_token: '', nonce: '', access_token: '', issuer: '' }],
  ['PUT', '/user', { email: '', phone: '', nonce: '', channel: '' }],
  ['POST', '/factors', { factor_type: 'totp', friendly_name: '', issuer: '', phone: '' }],
  ['POST', '/admin/users', { email: '', phone: '', role: '', aud: '', id: '', ban_duration: '', password_hash: '' }],
  ['POST', '/admin/generate_link', { type: '', email: '', new_email: '', redirect_to: '' }],
  ['POST', '/invite', { email: '' }],
  [
    'POST',
    '/admin/custom-providers',
    { provider_type: 'oauth2', identifier: '', name: '', client_id: '', client_secret: '', authorization_url: '' },
  ],
]
describe('REV-18 a field that is too long is 400 with its name, at once, and nothing is stored', () => {
  for (const [method, path, body] of bodies)
    test(`${method} ${path}`, async () => {
      const isAdmin = path.startsWith('/admin') || path === '/invite'
      const isOwn = path === '/user' || path === '/factors'
      for (const name of Object.keys(body)) {
        const before = await rows()
        const { thread_ms } = await cpuTime(async () => {
          const answer = await server.request(method, path, {
            body: { ...body, [name]: 'x'.repeat(100_000) },
            ...(isAdmin && { as: 'service_role' }),
            ...(isOwn && { token: person.access_token }),
          })
          assert.equal(answer.status, 400, `${name}: ${answer.text}`)
          const says =
            name === 'password' ? /^Password cannot be longer/ : new RegExp(`^${name} must be at most \\d+ characters`)
          assert.match(String(answer.body.msg), says)
        })
        assert.ok(thread_ms < 200, `${name} ${thread_ms} ms`)
        assert.equal(await rows(), before, name)
      }
    })
})

test('REV-18 six hundred characters are too many for names and roles', async () => {
  const long = 'x'.repeat(600)
  for (const [path, body, as] of [
    ['/factors', { factor_type: 'totp', friendly_name: long }, undefined],
    ['/admin/users', { email: 'r@example.com', role: long }, 'service_role'],
    ['/admin/users', { email: 'r@example.com', aud: long }, 'service_role'],
  ] as const) {
    const answer = await server.request('POST', path, { body, ...(as ? { as } : { token: person.access_token }) })
    assert.equal(answer.status, 400, answer.text)
  }
})

test('REV-18 a parameter or header that is too long is 400 with its name', async () => {
  for (const [path, name] of [
    ['/authorize?provider=', 'provider'],
    ['/authorize?provider=github&scopes=', 'scopes'],
    ['/authorize?provider=github&redirect_to=', 'redirect_to'],
    ['/verify?type=signup&token=', 'token'],
    ['/callback?state=', 'state'],
    ['/token?grant_type=', 'grant_type'],
    ['/admin/users?filter=', 'filter'],
  ]) {
    const answer = await server.request(path?.startsWith('/token') ? 'POST' : 'GET', `${path}${'x'.repeat(60_000)}`, {
      as: 'service_role',
    })
    assert.equal(answer.status, 400, answer.text)
    assert.match(String(answer.body.msg), new RegExp(`^${name} must be at most`))
  }
  const headers = { redirect_to: `http://localhost:3000/${'x'.repeat(5000)}` }
  const answer = await server.request('POST', '/recover', { body: { email: 'texts@example.com' }, headers })
  assert.match(String(answer.body.msg), /^redirect_to must be at most/)
})

test('REV-18 the user agent is cut', async () => {
  const headers = { 'user-agent': 'x'.repeat(60_000) }
  await server.request('POST', '/token?grant_type=password', { body: { email: person.user.email, password }, headers })
  const [session] = await server.sql<{ length: number }>(
    'select length(user_agent) as length from auth.sessions where user_id = $1 order by created_at desc limit 1',
    [person.user.id],
  )
  assert.equal(session?.length, 512)
})

test('REV-18 lines of the log stay under 4 KB, whatever a request or an error holds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-lines-'))
  try {
    const log_file = join(folder, 'log')
    const log = createLog({ log_level: 'info', log_file, log_fields: {} })
    let error: Error = new Error('x'.repeat(100_000))
    for (let depth = 0; depth < 20; depth++) error = new Error('y'.repeat(100_000), { cause: error })
    log.error({ err: unavailable(error) }, 'failed')
    log.error({ err: 'z'.repeat(100_000) }, 'failed')
    const lines = (await readFile(log_file, 'utf8')).trim().split('\n')
    assert.equal(lines.length, 2)
    for (const line of lines) assert.ok(line.length < 4096, `${line.length}`)
    server.log.length = 0
    await server.request('GET', `/${'p'.repeat(100_000)}`)
    await server.request('GET', `/admin/users/${'p'.repeat(100_000)}`, { as: 'service_role' })
    for (const line of server.log) assert.ok(JSON.stringify(line).length < 4096)
    assert.ok(unavailable(error) instanceof AuthError)
  } finally {
    await rm(folder, { recursive: true })
  }
})
