// Hooks over HTTP, against servers on the loopback: the call, its signature, and how long it may take.
import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { createHooks } from '../../src/hooks/hooks.ts'
import { before, failure, hooksAt, json, listen, log, outcome, secret, user, where } from '../support/hook-receiver.ts'
import { inTime } from '../support/in-time.ts'

const other = `v1,whsec_${Buffer.from('another one of thirty-two bytes!').toString('base64')}`

describe('hooks over HTTP', { concurrency: true }, () => {
  test('a hook that is off or not configured is not called', async () => {
    const { uri, calls } = await listen(json({}))
    const hooks = createHooks({
      config: { hooks: { send_sms: { enabled: false, uri, secrets: [] } } },
      fetch,
      log,
      now: Date.now,
      callFunction: () => assert.fail(),
    })
    assert.equal(hooks.enabled('send_sms'), false)
    assert.equal(hooks.enabled('send_email'), false)
    assert.equal(await hooks.run('send_sms', { user, sms: { otp: '1', phone: '1' } }, where), null)
    assert.equal(calls.length, 0)
  })

  test('EGR-07: the call is signed once for each secret and begins with its metadata', async () => {
    const { uri, calls } = await listen(json({}))
    const hooks = hooksAt('before_user_created', uri, [secret, other])
    assert.equal(hooks.enabled('before_user_created'), 'http')
    await hooks.run('before_user_created', { user }, where)
    await hooks.run('before_user_created', { user }, { client_address: '' })
    const [first, second] = calls
    assert(first && second)
    const { headers, body } = first
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['accept-encoding'], 'identity')
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const signatures = [secret, other].map((one) => {
      const key = Buffer.from(one.replace('v1,whsec_', ''), 'base64')
      return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
    })
    assert.equal(headers['webhook-signature'], signatures.join(', '))
    assert(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 30)
    const payload = JSON.parse(body)
    assert.deepEqual(Object.keys(payload), ['metadata', 'user'])
    assert.equal(payload.metadata.name, 'before-user-created')
    assert.equal(payload.metadata.ip_address, '192.0.2.7')
    assert.match(payload.metadata.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    assert(Math.abs(Date.parse(payload.metadata.time) - Date.now()) < 30_000)
    assert.equal('ip_address' in JSON.parse(second.body).metadata, false)
    assert.notEqual(headers['webhook-id'], second.headers['webhook-id'])
  })

  test('without secrets the signature is empty, and a name in the address becomes an Authorization header', async () => {
    const { uri, calls } = await listen(json({}))
    const named = uri.replace('http://', 'http://ada:p%40ss@')
    await hooksAt('before_user_created', named, []).run('before_user_created', { user }, where)
    assert.equal(calls[0]?.headers['webhook-signature'], '')
    assert.equal(calls[0]?.headers.authorization, `Basic ${Buffer.from('ada:p@ss').toString('base64')}`)
  })

  test('asymmetric secrets sign with Ed25519, from a seed or from seed and public key', async () => {
    const { uri, calls } = await listen(json({}))
    const pair = generateKeyPairSync('ed25519')
    const { d = '', x = '' } = pair.privateKey.export({ format: 'jwk' })
    const [seed, open] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]
    for (const private_key of [seed, Buffer.concat([seed, open])]) {
      const pairOfKeys = `v1a,whpk_${open.toString('base64')}:whsk_${private_key.toString('base64')}`
      await hooksAt('before_user_created', uri, [pairOfKeys]).run('before_user_created', { user }, where)
      const call = calls.at(-1)
      assert(call)
      const [version, signature = ''] = String(call.headers['webhook-signature']).split(',')
      const signed = Buffer.from(`${call.headers['webhook-id']}.${call.headers['webhook-timestamp']}.${call.body}`)
      assert.equal(version, 'v1a')
      assert(
        verify(
          null,
          signed,
          createPublicKey(pair.publicKey.export({ format: 'pem', type: 'spki' })),
          Buffer.from(signature, 'base64'),
        ),
      )
    }
  })

  test('addresses and secrets that cannot work stop the start and name their variable, never the secret', () => {
    const start =
      (uri: string, secrets: string[] = []) =>
      () =>
        hooksAt('send_sms', uri, secrets)
    assert.throws(start('ftp://localhost/x'), /GOTRUE_HOOK_SEND_SMS_URI/)
    assert.throws(start(''), /GOTRUE_HOOK_SEND_SMS_URI/)
    assert.throws(start('pg-functions://postgres/public/a"b'), /GOTRUE_HOOK_SEND_SMS_URI/)
    assert.throws(start('http://hooks.example.test/'), /only localhost, 127\.0\.0\.1, and ::1 are supported with http/)
    const broken = (error: unknown) =>
      error instanceof Error && /GOTRUE_HOOK_SEND_SMS_SECRETS/.test(error.message) && !error.message.includes('c2Vj')
    assert.throws(start('https://hooks.example.test/', ['v1,whsec_c2Vj']), broken)
    const foreign = Buffer.alloc(32, 1).toString('base64')
    assert.throws(start('https://hooks.example.test/', [`v1a,whpk_${foreign}:whsk_${foreign}`]), broken)
  })

  test('EGR-04: 429 and 503 with Retry-After are tried three times, with a new id each', async () => {
    for (const status of [429, 503]) {
      const later = (response: ServerResponse) => response.writeHead(status, { 'retry-after': '1' }).end()
      const { calls, ...result } = await before(later)
      assert.deepEqual(result, failure('Service currently unavailable due to hook'))
      assert.equal(new Set(calls.map(({ headers }) => headers['webhook-id'])).size, 3)
      const recovered = await before((response, call) => (call < 3 ? later(response) : json({})(response)))
      assert.deepEqual(recovered.output, {})
    }
  })

  test('EGR-03: a redirect is not followed', async () => {
    const target = await listen(json({}))
    for (const status of [302, 307, 308]) {
      const { calls: _, ...result } = await before((response) =>
        response.writeHead(status, { location: target.uri }).end(),
      )
      assert.deepEqual(result, failure(`Unexpected status code returned from hook: ${status}`))
    }
    assert.equal(target.calls.length, 0)
  })

  test('EGR-05: a hook that stays silent, or stops in the middle of its answer, fails within 5.6 seconds', async () => {
    const expected = failure('Failed to reach hook within maximum time of 5.000000 seconds', 422, 'hook_timeout')
    const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const results = Promise.all([
      before(() => one.resolve()),
      before((response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{')
        other.resolve()
      }),
    ])
    // Both clocks run once both hooks were reached: from then on a stall delays them alike.
    await Promise.all([one.promise, other.promise])
    for (const { calls, ...result } of await inTime(5600, results)) {
      assert.deepEqual(result, expected)
      assert.equal(calls.length, 1)
    }
  })

  test('a hook that nobody serves is tried again, then given up', async () => {
    // A port that was free a moment ago may be another test's by now; this one nobody listens on.
    const hooks = hooksAt('before_user_created', 'http://127.0.0.1:2/')
    const run = async () => {
      const started = performance.now()
      const result = await outcome(hooks.run('before_user_created', { user }, where))
      return { result, passed: performance.now() - started }
    }
    let { result, passed } = await run()
    // Its two pauses leave one second of five for all else: where the machine stood still for longer, it is asked again.
    for (let more = 4; more > 0 && passed >= 5000; more--) ({ result, passed } = await run())
    assert.deepEqual(result, failure('Failed to reach hook after maximum retries', 422, 'hook_timeout_after_retry'))
    assert(passed > 3900 && passed < 5000, `${passed} ms`)
  })
})
