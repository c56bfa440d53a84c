// Each sender of messages gets the request that it documents, and what it says of a failure reaches the caller.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { createSmsSender } from '../../src/delivery/sms.ts'
import { load } from '../support/config.ts'
import { startTestServer } from '../support/server.ts'

interface Call {
  method: string
  path: string
  authorization: string
  type: string
  body: string
}

let calls: Call[] = []
let reply: { status: number; body: unknown } = { status: 200, body: {} }
const gateway = createServer(async (request: IncomingMessage, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  calls.push({
    method: request.method ?? '',
    path: request.url ?? '',
    authorization: request.headers.authorization ?? '',
    type: request.headers['content-type'] ?? '',
    body,
  })
  response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body))
})
let base = ''

before(async () => {
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  const address = gateway.address()
  base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
})
after(() => gateway.close())

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

interface Sender {
  name: string
  env: Record<string, string>
  path: string
  authorization: string
  fields: Record<string, string>
  fine: unknown
  failure: { status: number; body: unknown; says: string }
}

const senders: Sender[] = [
  {
    name: 'twilio',
    env: {
      GOTRUE_SMS_TWILIO_ACCOUNT_SID: 'AC1',
      GOTRUE_SMS_TWILIO_AUTH_TOKEN: 'secret',
      GOTRUE_SMS_TWILIO_MESSAGE_SERVICE_SID: 'MG1',
    },
    path: '/2010-04-01/Accounts/AC1/Messages.json',
    authorization: basic('AC1:secret'),
    fields: { To: '+15550001111', Channel: 'sms', From: 'MG1', Body: 'Code <otp>' },
    fine: { status: 'queued', sid: 'SM1' },
    failure: {
      status: 400,
      body: { message: 'no such number', more_info: 'http://more' },
      says: 'no such number More information: http://more',
    },
  },
  {
    name: 'messagebird',
    env: { GOTRUE_SMS_MESSAGEBIRD_ACCESS_KEY: 'key', GOTRUE_SMS_MESSAGEBIRD_ORIGINATOR: 'Example' },
    path: '/messages',
    authorization: 'AccessKey key',
    fields: {
      originator: 'Example',
      body: 'Code <otp>',
      recipients: '15550001111',
      type: 'sms',
      datacoding: 'unicode',
    },
    fine: { recipients: { totalSentCount: 1 } },
    failure: {
      status: 200,
      body: { recipients: { totalSentCount: 0 } },
      says: 'messagebird error: total sent count is 0',
    },
  },
  {
    name: 'textlocal',
    env: { GOTRUE_SMS_TEXTLOCAL_API_KEY: 'key', GOTRUE_SMS_TEXTLOCAL_SENDER: 'Example' },
    path: '/send',
    authorization: '',
    fields: { sender: 'Example', apikey: 'key', message: 'Code <otp>', numbers: '15550001111' },
    fine: { status: 'success' },
    failure: {
      status: 200,
      body: { status: 'failure', errors: [{ code: 7, message: 'no credit' }], messages: [{ id: 'm1' }] },
      says: 'textlocal error: no credit (code: 7) message m1',
    },
  },
  {
    name: 'vonage',
    env: {
      GOTRUE_SMS_VONAGE_API_KEY: 'key',
      GOTRUE_SMS_VONAGE_API_SECRET: 'secret',
      GOTRUE_SMS_VONAGE_FROM: 'Example',
    },
    path: '/sms/json',
    authorization: '',
    fields: { from: 'Example', to: '15550001111', text: 'Code <otp>', api_key: 'key', api_secret: 'secret' },
    fine: { messages: [{ status: '0' }] },
    failure: {
      status: 200,
      body: { messages: [{ status: '4', 'error-text': 'bad credentials', 'message-id': 'm1' }] },
      says: 'vonage error: bad credentials (status: 4) for message m1',
    },
  },
]

const phone = '15550001111'
const password = 'correct horse battery staple'
const environment = (sender: Pick<Sender, 'name' | 'env'>) => ({
  GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
  GOTRUE_SMS_PROVIDER: sender.name,
  GOTRUE_SMS_TEMPLATE: 'Code {{ .Code }}',
  POSTERN_SMS_BASE_URL: base,
  ...sender.env,
})

for (const key of ['sms_template', 'mfa_phone_template'] as const)
  test(`a text of ${key} that is no template stops the start with the name of its variable`, () => {
    const variable = `GOTRUE_${key.toUpperCase()}`
    const config = load({ ...senders[0]?.env, GOTRUE_SMS_PROVIDER: senders[0]?.name, [variable]: 'Code {{ .Code' })
    assert.throws(() => createSmsSender({ config, template_key: key, fetch }), {
      message: new RegExp(`^${variable} is no template: `),
    })
  })

for (const sender of senders)
  test(`${sender.name} sends a code that signs in, and its failure leaves nothing behind`, async () => {
    const server = await startTestServer({ env: environment(sender) })
    try {
      calls = []
      reply = { status: sender.failure.status, body: sender.failure.body }
      const failed = await server.request('POST', '/signup', { body: { phone, password } })
      assert.equal(failed.status, 422)
      assert.equal(failed.body.error_code, 'sms_send_failed')
      assert.equal(failed.body.msg, `Error sending confirmation OTP to provider: ${sender.failure.says}`)
      assert.deepEqual(await server.sql('select id from auth.users'), [])

      calls = []
      reply = { status: 200, body: sender.fine }
      const made = await server.request('POST', '/signup', { body: { phone, password } })
      assert.equal(made.status, 200, made.text)
      assert.equal(calls.length, 1)
      const [call] = calls
      assert.equal(call?.path, sender.path)
      assert.equal(call?.authorization, sender.authorization)
      assert.match(call?.type ?? '', /^application\/x-www-form-urlencoded/)
      const fields = Object.fromEntries(new URLSearchParams(call?.body))
      const otp = /\d{6}/.exec(fields.Body ?? fields.body ?? fields.message ?? fields.text ?? '')?.[0] ?? ''
      // Filled in, not taken out: a code may be a part of the number too.
      const expected = Object.entries(sender.fields).map(([name, value]) => [name, value.replace('<otp>', otp)])
      assert.deepEqual(fields, Object.fromEntries(expected))
      const session = await server.request('POST', '/verify', { body: { type: 'sms', phone, token: otp } })
      assert.equal(session.status, 200, session.text)
    } finally {
      await server.close()
    }
  })

test('twilio sends to WhatsApp, with a content template where one is set', async () => {
  const [twilio] = senders
  if (!twilio) throw new Error('the table is empty')
  const server = await startTestServer({ env: { ...environment(twilio), GOTRUE_SMS_TWILIO_CONTENT_SID: 'HX1' } })
  try {
    calls = []
    reply = { status: 201, body: { status: 'accepted' } }
    const made = await server.request('POST', '/otp', { body: { phone, channel: 'whatsapp' } })
    assert.equal(made.status, 200, made.text)
    const fields = Object.fromEntries(new URLSearchParams(calls[0]?.body))
    assert.equal(fields.To, `whatsapp:+${phone}`)
    assert.equal(fields.ContentSid, 'HX1')
    assert.match(fields.ContentVariables ?? '', /^\{"1": "\d{6}"\}$/)
    assert.equal(fields.Body, undefined)
  } finally {
    await server.close()
  }
})

test('twilio_verify makes the codes itself and is asked whether one is right', async () => {
  const env = {
    GOTRUE_SMS_TWILIO_VERIFY_ACCOUNT_SID: 'AC2',
    GOTRUE_SMS_TWILIO_VERIFY_AUTH_TOKEN: 'secret',
    GOTRUE_SMS_TWILIO_VERIFY_MESSAGE_SERVICE_SID: 'VA1',
  }
  const server = await startTestServer({ env: environment({ name: 'twilio_verify', env }) })
  try {
    calls = []
    reply = { status: 201, body: { status: 'pending' } }
    assert.equal((await server.request('POST', '/signup', { body: { phone, password } })).status, 200)
    assert.equal(calls[0]?.path, '/v2/Services/VA1/Verifications')
    reply = { status: 200, body: { status: 'pending', valid: false } }
    const wrong = await server.request('POST', '/verify', { body: { type: 'sms', phone, token: '111111' } })
    assert.equal(wrong.body.error_code, 'otp_expired')
    reply = { status: 200, body: { status: 'approved', valid: true } }
    const right = await server.request('POST', '/verify', { body: { type: 'sms', phone, token: '222222' } })
    assert.equal(right.status, 200, right.text)
    const last = calls.at(-1)
    assert.equal(last?.path, '/v2/Services/VA1/VerificationCheck')
    assert.deepEqual(Object.fromEntries(new URLSearchParams(last?.body)), { To: `+${phone}`, Code: '222222' })
  } finally {
    await server.close()
  }
})

test('twilio_verify checks the codes of second factors too', async () => {
  const env = {
    GOTRUE_SMS_TWILIO_VERIFY_ACCOUNT_SID: 'AC2',
    GOTRUE_SMS_TWILIO_VERIFY_AUTH_TOKEN: 'secret',
    GOTRUE_SMS_TWILIO_VERIFY_MESSAGE_SERVICE_SID: 'VA1',
    GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true',
    GOTRUE_MFA_PHONE_VERIFY_ENABLED: 'true',
  }
  const server = await startTestServer({ env: environment({ name: 'twilio_verify', env }) })
  try {
    const { access_token: token } = await server.user()
    const address = '192.0.2.1'
    const body = { factor_type: 'phone', phone: `+${phone}` }
    const { body: factor } = await server.request('POST', '/factors', { token, body })
    reply = { status: 201, body: { status: 'pending' } }
    const asked = await server.request('POST', `/factors/${factor.id}/challenge`, { token, address, body: {} })
    assert.equal(asked.status, 200, asked.text)
    const verify = (code: string) =>
      server.request('POST', `/factors/${factor.id}/verify`, {
        token,
        address,
        body: { challenge_id: asked.body.id, code },
      })
    reply = { status: 200, body: { status: 'pending', valid: false } }
    const wrong = await verify('111111')
    assert.deepEqual([wrong.status, wrong.body.error_code], [403, 'otp_expired'])
    reply = { status: 200, body: { status: 'approved', valid: true } }
    assert.equal((await verify('222222')).status, 200)
  } finally {
    await server.close()
  }
})

test('any HTTP service can send, with headers of its own', async () => {
  const server = await startTestServer({
    env: {
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_PROVIDER: 'http',
      POSTERN_SMS_HTTP_URL: `${base}/send?to=them`,
      POSTERN_SMS_HTTP_HEADERS: '{"authorization":"Bearer abc"}',
    },
  })
  try {
    calls = []
    reply = { status: 202, body: {} }
    assert.equal((await server.request('POST', '/signup', { body: { phone, password } })).status, 200)
    assert.equal(calls[0]?.path, '/send?to=them')
    assert.equal(calls[0]?.authorization, 'Bearer abc')
    const sent = JSON.parse(calls[0]?.body ?? '{}')
    assert.deepEqual({ ...sent, otp: '', text: '' }, { phone: `+${phone}`, otp: '', text: '', channel: 'sms' })
    assert.equal(sent.text, `Your code is ${sent.otp}`)
  } finally {
    await server.close()
  }
})

test('twenty requests at once for one number send one message', async () => {
  const [twilio] = senders
  if (!twilio) throw new Error('the table is empty')
  const server = await startTestServer({
    env: { ...environment(twilio), GOTRUE_SMS_MAX_FREQUENCY: '60s', GOTRUE_RATE_LIMIT_SMS_SENT: '1000' },
  })
  try {
    await server.request('POST', '/admin/users', { as: 'service_role', body: { phone, password, phone_confirm: true } })
    calls = []
    reply = { status: 201, body: { status: 'accepted' } }
    const all = await Promise.all(Array.from({ length: 20 }, () => server.request('POST', '/otp', { body: { phone } })))
    assert.deepEqual([...new Set(all.map(({ status }) => status))].sort(), [200, 429])
    assert.equal(calls.length, 1)
    assert.equal(all.filter(({ status }) => status === 200).length, 1)
  } finally {
    await server.close()
  }
})
