// REV-12 and REV-15: whatever a mail or message meets, known and unknown addresses are answered alike, and it counts once.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { refusal } from '../support/cases.ts'
import { inTime } from '../support/in-time.ts'
import { until } from '../support/process.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let people = 0
const address = (host = 'example.com') => `rev12-${++people}@${host}`

/** A hook that is down while it is told to be. */
let hook: Server
let isDown = false
/** What it was asked: calls of one test may come while another runs. */
const calls: { path: string; body: string }[] = []
const callsAbout = (email: string) => calls.filter(({ body }) => body.includes(email)).length
before(async () => {
  hook = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    calls.push({ path: request.url ?? '', body })
    response.writeHead(isDown ? 500 : 200, { 'content-type': 'application/json' }).end('{}')
  })
  hook.listen(0, '127.0.0.1')
  await once(hook, 'listening')
})
after(() => {
  hook.closeAllConnections()
  hook.close()
})

const hooked = () => ({
  GOTRUE_HOOK_SEND_EMAIL_ENABLED: 'true',
  GOTRUE_HOOK_SEND_EMAIL_URI: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
  GOTRUE_HOOK_SEND_EMAIL_SECRETS: `v1,whsec_${Buffer.alloc(32, 7).toString('base64')}`,
})

type Path = 'recover' | 'resend' | 'magiclink' | 'otp'
const paths: Path[] = ['recover', 'resend', 'magiclink', 'otp']

function ask(server: TestServer, path: Path, email: string) {
  const body = path === 'resend' ? { type: 'signup', email } : { email }
  return server.request('POST', `/${path}`, { body })
}

/** An account that a mail of the path would go to. */
async function known(server: TestServer, path: Path, email = address()): Promise<string> {
  await server.request('POST', '/admin/users', {
    as: 'service_role',
    body: { email, email_confirm: path !== 'resend', password: 'correct horse battery staple' },
  })
  return email
}

type Mood = 'down' | 'silent' | 'fine'
const situations: Record<string, { env(): Record<string, string>; host?: string; expected?: string; mood?: Mood }> = {
  'a mail quota that is spent': { env: () => ({ GOTRUE_RATE_LIMIT_EMAIL_SENT: '0' }), expected: '429' },
  'a frequency': { env: () => ({ GOTRUE_SMTP_MAX_FREQUENCY: '60s' }) },
  'authorised addresses': {
    env: () => ({ GOTRUE_EXTERNAL_EMAIL_AUTHORIZED_ADDRESSES: 'somebody@example.com' }),
    expected: '400',
  },
  'validation of addresses': {
    env: () => ({ GOTRUE_MAILER_EMAIL_VALIDATION_EXTENDED: 'true' }),
    host: 'example.test',
    expected: '400',
  },
  'a hook that is down': { env: hooked, mood: 'down' },
  'a hook that is slow': { env: hooked, mood: 'silent' },
}

for (const [situation, { env, host, expected, mood = 'fine' }] of Object.entries(situations))
  test(`REV-12 with ${situation} known and unknown addresses are answered alike`, async () => {
    const released = Promise.withResolvers<void>()
    let held = 0
    const hold = async () => {
      held++
      await released.promise
      return new Response(null, { status: 204 })
    }
    const server = await startTestServer({ env: env(), ...(mood === 'silent' && { fetch: hold }) })
    try {
      isDown = mood === 'down'
      for (const path of mood === 'silent' ? (['recover', 'resend'] as const) : paths) {
        const email = await known(server, path, address(host))
        const stranger = address(host)
        for (const time of ['first', 'second']) {
          // Whoever waited for a hook that holds its answer would never be answered.
          const one = await inTime(30_000, ask(server, path, email))
          const other = await inTime(30_000, ask(server, path, stranger))
          assert.equal(one.status, other.status, `${path}, ${time} time: ${one.text} ${other.text}`)
          assert.deepEqual(without(one.body), without(other.body), `${path}, ${time} time`)
          if (expected) assert.equal(String(one.status), expected, path)
        }
      }
      if (mood === 'silent') assert.equal(held, 4, 'the hook was asked for each known address')
    } finally {
      isDown = false
      released.resolve()
      await server.close()
    }
  })

/** What names the request or the address. */
function without({ error_id: _, msg, ...body }: Record<string, unknown>) {
  return {
    ...body,
    msg: String(msg)
      .replace(/rev12-\d+/, 'somebody')
      .replace(/\d+ seconds/, 'n seconds'),
  }
}

test('REV-12 a server that stops first hears what hooks say to mails that it has promised', async () => {
  const released = Promise.withResolvers<void>()
  const told = Promise.withResolvers<void>()
  const hold = async () => {
    told.resolve()
    await released.promise
    return new Response(null, { status: 204 })
  }
  const server = await startTestServer({ env: hooked(), fetch: hold })
  const email = await known(server, 'recover')
  assert.equal((await ask(server, 'recover', email)).status, 200)
  await told.promise
  const closed = server.close().then(() => 'closed')
  const first = await Promise.race([closed, new Promise((wake) => setTimeout(wake, 300, 'waits'))])
  assert.equal(first, 'waits')
  released.resolve()
  assert.equal(await closed, 'closed')
})

test('REV-12 a hook that works still sends what recover and resend ask for', async () => {
  const server = await startTestServer({ env: hooked() })
  try {
    for (const path of ['recover', 'resend'] as const) {
      const email = await known(server, path)
      assert.equal((await ask(server, path, email)).status, 200)
      await until(`the hook is asked about ${path}`, () => callsAbout(email) > 0)
      assert.equal(callsAbout(email), 1, path)
    }
  } finally {
    await server.close()
  }
})

test('REV-15 each message and each mail counts once, a change of address too', async () => {
  const server = await startTestServer({
    env: {
      GOTRUE_RATE_LIMIT_EMAIL_SENT: '2/1h',
      GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED: 'true',
    },
  })
  try {
    const { access_token: token } = await server.user()
    const change = () => server.request('PUT', '/user', { token, body: { email: address() } })
    assert.equal((await change()).status, 200)
    assert.equal((await change()).status, 200)
    assert.equal(refusal(await change()), '429 over_email_send_rate_limit')
  } finally {
    await server.close()
  }
})

test('REV-15 with one mail left this hour a change of address sends both of its mails', async () => {
  const server = await startTestServer({ env: { GOTRUE_RATE_LIMIT_EMAIL_SENT: '1/1h' } })
  try {
    const { access_token: token, user } = await server.user()
    const email = address()
    assert.equal((await server.request('PUT', '/user', { token, body: { email } })).status, 200)
    await server.nextMail(email)
    await server.nextMail(user.email)
  } finally {
    await server.close()
  }
})

test('REV-15 messages of every kind count against one limit, those of second factors too', async () => {
  const sms = {
    GOTRUE_HOOK_SEND_SMS_ENABLED: 'true',
    GOTRUE_HOOK_SEND_SMS_URI: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/sms`,
    GOTRUE_HOOK_SEND_SMS_SECRETS: `v1,whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  }
  const server = await startTestServer({
    env: {
      ...sms,
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true',
      GOTRUE_MFA_PHONE_VERIFY_ENABLED: 'true',
      GOTRUE_SMS_MAX_FREQUENCY: '1ns',
      GOTRUE_MFA_PHONE_MAX_FREQUENCY: '1ns',
      GOTRUE_RATE_LIMIT_SMS_SENT: '3/1h',
    },
  })
  try {
    const { access_token: token } = await server.user()
    assert.equal((await server.request('POST', '/otp', { body: { phone: '15550003333' } })).status, 200)
    assert.equal((await server.request('PUT', '/user', { token, body: { phone: '15550004444' } })).status, 200)
    const factor = await server.request('POST', '/factors', {
      token,
      body: { factor_type: 'phone', phone: '15550005555' },
    })
    const challenge = () => server.request('POST', `/factors/${factor.body.id}/challenge`, { token, body: {} })
    assert.equal((await challenge()).status, 200)
    assert.equal(refusal(await challenge()), '429 over_sms_send_rate_limit')
    assert.equal(
      refusal(await server.request('POST', '/otp', { body: { phone: '15550006666' } })),
      '429 over_sms_send_rate_limit',
    )
    assert.equal(calls.filter(({ path }) => path === '/sms').length, 3)
  } finally {
    await server.close()
  }
})

test('rule 6 a wrong password is answered as an unknown address is while the hook that judges passwords is away', async () => {
  const port = (hook.address() as AddressInfo).port
  const env = {
    GOTRUE_HOOK_PASSWORD_VERIFICATION_ATTEMPT_ENABLED: 'true',
    GOTRUE_HOOK_PASSWORD_VERIFICATION_ATTEMPT_URI: `http://127.0.0.1:${port}/password`,
    GOTRUE_HOOK_PASSWORD_VERIFICATION_ATTEMPT_SECRETS: `v1,whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  }
  const server = await startTestServer({ env })
  try {
    const { user } = await server.user({ password: 'correct horse battery staple' })
    const signIn = (email: string, password: string) =>
      server.request('POST', '/token?grant_type=password', { body: { email, password } }).then(refusal)
    const asked = () => calls.filter(({ path }) => path === '/password').length
    const before = asked()
    isDown = true
    assert.equal(await signIn(user.email, 'wrong'), '400 invalid_credentials')
    assert.equal(await signIn(address(), 'wrong'), '400 invalid_credentials')
    assert.equal(await signIn(user.email, 'correct horse battery staple'), '500 unexpected_failure')
    assert.equal(asked() - before, 2)
  } finally {
    isDown = false
    await server.close()
  }
})
