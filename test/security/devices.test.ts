// The grant of devices (RFC 8628): codes that are short, and so must be guarded, and that count once.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { applicationServer, askTokens, registerApplication } from '../support/applications.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
const env = { ...applicationServer, POSTERN_OAUTH_FEATURES: 'device', POSTERN_OAUTH_DEVICE_PATH: '/device' }

let server: TestServer
before(async () => {
  server = await startTestServer({ env })
})
after(() => server.close())

interface Device {
  client_id: string
  device_code: string
  user_code: string
}

async function newDevice(scope = 'email'): Promise<Device> {
  const { client_id } = await registerApplication(server, { grant_types: [grant_type, 'refresh_token'] })
  const { body, text, status } = await server.request('POST', '/oauth/device_authorization', {
    form: { client_id, scope },
  })
  assert.equal(status, 200, text)
  return { client_id, device_code: String(body.device_code), user_code: String(body.user_code) }
}

const poll = ({ client_id, device_code }: Device) => askTokens(server, { grant_type, client_id, device_code })

const decide = ({ user_code }: Device, { access_token: token }: SignedIn, action = 'approve') =>
  server.request('POST', '/oauth/device/consent', { token, body: { user_code, action } })

const look = (user_code: string, { access_token: token }: SignedIn) =>
  server.request('POST', '/oauth/device', { token, body: { user_code } })

/** Guesses that count against somebody. */
const counted = async () =>
  (
    await server.sql<{ n: number }>(
      `select coalesce(sum(count), 0)::int as n from postern.attempts where scope = 'device_code'`,
    )
  )[0]?.n

/** Lets a device ask again without waiting. */
const rested = () => server.sql('update postern.device_codes set polled_at = null')

test('RFC 8628 §3.5: a device waits, slows down when it asks too often, and hears how it ended', async () => {
  const device = await newDevice()
  // Longer than any pause between two questions of this test.
  await server.sql('update postern.device_codes set interval_s = interval_s + 100 where client_id = $1', [
    device.client_id,
  ])
  assert.deepEqual(
    [(await poll(device)).body.error, (await poll(device)).body.error],
    ['authorization_pending', 'slow_down'],
  )
  const [{ interval_s } = { interval_s: 0 }] = await server.sql<{ interval_s: number }>(
    'select interval_s from postern.device_codes where client_id = $1',
    [device.client_id],
  )
  assert.equal(interval_s, 5 + 100 + 5)
  await rested()
  assert.equal((await poll(device)).body.error, 'authorization_pending')
  const person = await server.user()
  assert.equal((await decide(device, person)).status, 200)
  const { status, body } = await poll(device)
  assert.equal(status, 200)
  const info = await server.request('GET', '/oauth/userinfo', { token: String(body.access_token) })
  assert.deepEqual([info.body.sub, info.body.email], [person.user.id, person.user.email])
  assert.equal((await poll(device)).body.error, 'invalid_grant', 'a code counts once')
})

test('a device that was refused, or waited too long, is told so', async () => {
  const [refused, late] = [await newDevice(), await newDevice()]
  await decide(refused, await server.user(), 'deny')
  assert.equal((await poll(refused)).body.error, 'access_denied')
  await server.sql('update postern.device_codes set expires_at = now() where client_id = $1', [late.client_id])
  assert.equal((await poll(late)).body.error, 'expired_token')
  assert.equal((await decide(late, await server.user())).status, 404)
})

test('a device code that is shown twenty times at once opens one session', async () => {
  const device = await newDevice()
  await decide(device, await server.user())
  const answers = await Promise.all(Array.from({ length: 20 }, () => poll(device)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  const rows = await server.sql('select from auth.sessions where oauth_client_id = $1', [device.client_id])
  assert.equal(rows.length, 1)
})

test('twenty people who decide at once about one device decide once', async () => {
  const device = await newDevice()
  const people = await Promise.all(Array.from({ length: 20 }, () => server.user()))
  const answers = await Promise.all(people.map((person, i) => decide(device, person, i % 2 ? 'approve' : 'deny')))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  const consents = await server.sql('select from auth.oauth_consents where client_id = $1', [device.client_id])
  assert.ok(consents.length <= 1)
})

test('another application cannot use the code of a device', async () => {
  const [device, thief] = [await newDevice(), await newDevice()]
  await decide(device, await server.user())
  const { body } = await poll({ ...device, client_id: thief.client_id })
  assert.equal(body.error, 'invalid_grant')
  assert.equal((await poll(device)).status, 200)
})

test('RFC 8628 §5.1: codes are guessed ten times an hour by an account, whoever is right is not counted', async () => {
  const person = await server.user()
  for (let turn = 0; turn < 12; turn++) assert.equal((await look((await newDevice()).user_code, person)).status, 200)
  for (let turn = 0; turn < 10; turn++) assert.equal((await look('BCDF-GHJK', person)).status, 404)
  const device = await newDevice()
  const spent = await look(device.user_code, person)
  assert.deepEqual([spent.status, spent.body.error_code], [429, 'over_request_rate_limit'])
  assert.ok(Number(spent.headers.get('retry-after')) > 0)
  assert.equal((await decide(device, person)).status, 429)
  assert.equal((await look(device.user_code, await server.user())).status, 200)
})

test('a code may be typed with small letters, blanks or no hyphen; what cannot be one costs no guess', async () => {
  const person = await server.user()
  const before = await counted()
  const { user_code } = await newDevice()
  for (const typed of [user_code.toLowerCase(), user_code.replace('-', ''), ` ${user_code.replace('-', ' ')} `])
    assert.equal((await look(typed, person)).body.user_code, user_code, typed)
  for (const typed of ['', 'AEIO-UAEI', '1234-5678', 'BCDF', 'x'.repeat(300)])
    assert.equal((await look(typed, person)).status, 404)
  assert.equal(await counted(), before)
})

test('neither code is kept as it is', async () => {
  const device = await newDevice()
  const rows = await server.sql<{ row: string }>('select to_json(d)::text as row from postern.device_codes d')
  for (const { row } of rows) for (const code of [device.device_code, device.user_code]) assert.ok(!row.includes(code))
})

test('an application that is let in lets no other in, and what is taken back before the device asks is nothing', async () => {
  const device = await newDevice()
  const person = await server.user()
  await decide(device, person)
  const { body } = await poll(device)
  const second = await newDevice()
  const token = String(body.access_token)
  const asked = await server.request('POST', '/oauth/device/consent', {
    token,
    body: { user_code: second.user_code, action: 'approve' },
  })
  assert.deepEqual([asked.status, asked.body.error_code], [403, 'no_authorization'])
  await decide(second, person)
  const path = `/user/oauth/grants?client_id=${second.client_id}`
  assert.equal((await server.request('DELETE', path, { token: person.access_token })).status, 204)
  assert.equal((await poll(second)).body.error, 'invalid_grant')
})

test('an application without the grant asks for no codes, and none are for scopes that there are not', async () => {
  const { client_id } = await registerApplication(server)
  const ask = (form: Record<string, string>) => server.request('POST', '/oauth/device_authorization', { form })
  assert.equal((await ask({ client_id })).body.error, 'unauthorized_client')
  const device = await newDevice()
  assert.equal((await ask({ client_id: device.client_id, scope: 'everything' })).body.error, 'invalid_scope')
  const unknown = await ask({ client_id: '11111111-1111-4111-8111-111111111111' })
  assert.deepEqual([unknown.status, unknown.body.error], [401, 'invalid_client'])
})
