// Replies of hooks over HTTP: what becomes of each, right or wrong.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { before, failure, hooksAt, json, listen, outcome, user, where } from '../support/hook-receiver.ts'

describe('replies of hooks', { concurrency: true }, () => {
  test('204 is no output; 200 and 202 must be objects of JSON', async () => {
    assert.deepEqual((await before((response) => response.writeHead(204).end())).output, null)
    assert.deepEqual((await before(json({ anything: [1] }, 202))).output, {})
    const typed = (type: string, body: string) => (response: ServerResponse) =>
      response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(body)
    const refused = (message: string) => failure(message, 400, 'hook_payload_invalid_content_type')
    const cases: [string, string, object][] = [
      ['application/json; charset=utf-8', '{}', { output: {} }],
      ['', '{}', refused('Invalid Content-Type: Missing Content-Type header')],
      [
        'text/html; charset=utf-8',
        '<p>',
        refused('Invalid JSON response. Received content-type: text/html; charset=utf-8'),
      ],
      ['application/json; charset', '{}', refused('Invalid Content-Type header: mime: invalid media parameter')],
      ['application/', '{}', refused('Invalid Content-Type header: mime: expected token after slash')],
      ['application/json', '{"error":', failure('Error unmarshaling JSON output.')],
      ['application/json', '', failure('Error unmarshaling JSON output.')],
      ['application/json', '[]', failure('Error unmarshaling JSON output.')],
      ['application/json', 'null', failure('Error unmarshaling JSON output.')],
      ['application/json', '{} {}', failure('Error unmarshaling JSON output.')],
    ]
    for (const [type, body, expected] of cases) {
      const { calls: _, ...result } = await before(typed(type, body))
      assert.deepEqual(result, expected, `${type} ${body}`)
    }
  })

  test('bytes that are not UTF-8 are refused', async () => {
    const { calls: _, ...result } = await before((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from('7b2261223a22ff227d', 'hex')),
    )
    assert.deepEqual(result, failure('Error unmarshaling JSON output.'))
  })

  test('EGR-04: a reply may have 204800 bytes, and is not read any further', async () => {
    const exact = JSON.stringify({ padding: 'x'.repeat(204_800 - '{"padding":""}'.length) })
    const sized = (body: string) => (response: ServerResponse) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    assert.deepEqual((await before(sized(exact))).output, {})
    const tooLong = failure('Payload size exceeded size limit of 204800 bytes', 422, 'hook_payload_over_size_limit')
    const { calls: _, ...result } = await before(sized(`${exact} `))
    assert.deepEqual(result, tooLong)
    let closed = false
    const endless = await before((response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      }
      response.on('drain', write).on('close', () => {
        closed = true
      })
      write()
    })
    assert.equal(endless.message, tooLong.message)
    while (!closed) await new Promise((next) => setImmediate(next))
  })

  test('an error object fails the request with its status and message and no code', async () => {
    const cases: [unknown, object][] = [
      [{ http_code: 403, message: 'Not you' }, failure('Not you', 403, '')],
      [{ message: 'No code' }, failure('No code', 500, '')],
      [{ http_code: 200, message: 'A failure is no success' }, failure('A failure is no success', 500, '')],
      [{ http_code: 403 }, failure('Forbidden', 403, '')],
      [{ http_code: '403', message: 'Text' }, failure('Error unmarshaling JSON output.')],
      ['text', failure('Error unmarshaling JSON output.')],
      [null, { output: {} }],
      [{ http_code: 0, message: '' }, { output: {} }],
    ]
    for (const [error, expected] of cases) {
      const { calls: _, ...result } = await before(json({ error }))
      assert.deepEqual(result, expected, JSON.stringify(error))
    }
    assert.equal((await before(json({ Error: { Message: 'Case does not matter' } }))).message, 'Case does not matter')
  })

  test('other statuses fail the request at once', async () => {
    const cases: [number, string][] = [
      [201, 'Unexpected status code returned from hook: 201'],
      [400, 'Invalid payload sent to hook'],
      [401, 'Hook requires authorization token'],
      [403, 'Unexpected status code returned from hook: 403'],
      [429, 'Service currently unavailable due to hook'],
      [500, 'Unexpected status code returned from hook: 500'],
      [503, 'Service currently unavailable due to hook'],
    ]
    for (const [status, message] of cases) {
      const { calls, ...result } = await before(json({}, status))
      assert.deepEqual(result, failure(message))
      assert.equal(calls.length, 1)
    }
  })

  test('an answer that breaks off is refused', async () => {
    const { calls, ...result } = await before((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{}')
      setImmediate(() => response.destroy())
    })
    assert.deepEqual(result, failure('Error unmarshaling JSON output.'))
    assert.equal(calls.length, 1)
  })

  test('verification hooks continue, reject, or are refused when they decide anything else', async () => {
    const attempt = { user_id: user.id, valid: true }
    const wrong = failure('Error unmarshaling JSON output.')
    const verdict = (decision: string, message = '', should_logout_user = false) => ({
      output: { decision, message, should_logout_user },
    })
    const cases: [object, object][] = [
      [{ decision: 'continue' }, verdict('continue')],
      [{}, verdict('continue')],
      [{ decision: 'reject' }, verdict('reject')],
      [{ Decision: 'reject' }, verdict('reject')],
      [{ decision: 'reject', message: 'Wait', should_logout_user: true }, verdict('reject', 'Wait', true)],
      [{ decision: 'whatever', message: 'ignored' }, wrong],
      [{ decision: 'Reject' }, wrong],
      [{ decision: '' }, wrong],
      [{ decision: null }, wrong],
      [{ decision: true }, wrong],
      [{ decision: 'continue', message: 5 }, wrong],
      [{ decision: 'continue', should_logout_user: 'no' }, wrong],
    ]
    for (const [reply, expected] of cases) {
      const { uri } = await listen(json(reply))
      const hooks = hooksAt('password_verification_attempt', uri)
      const result = await outcome(hooks.run('password_verification_attempt', attempt, where))
      assert.deepEqual(result, expected, JSON.stringify(reply))
    }
  })

  test('claims of tokens must be there and of the right types', async () => {
    const claims = {
      aud: 'authenticated',
      exp: 2_000_000_000,
      iat: 1_900_000_000,
      sub: user.id,
      email: '',
      phone: '',
      role: 'authenticated',
      aal: 'aal1',
      session_id: user.id,
      is_anonymous: false,
    }
    const { aud: _, ...withoutAud } = claims
    const problem = (text: string) => failure(`output claims do not conform to the expected schema: \n${text}`, 500, '')
    const right = {
      ...claims,
      aud: ['a', 'b'],
      amr: ['pwd', { method: 'otp' }],
      jti: '1',
      nbf: 1,
      plan: { deep: [1, null] },
    }
    const cases: [unknown, object][] = [
      [{ claims: right }, { output: { claims: right } }],
      [{}, failure('output claims field is missing', 500, '')],
      [{ claims: null }, failure('output claims field is missing', 500, '')],
      [{ claims: [] }, failure('Error unmarshaling JSON output.')],
      [{ claims: withoutAud }, problem('- (root): aud is required\n')],
      [{ claims: { ...claims, exp: 'tomorrow' } }, problem('- exp: Invalid type. Expected: integer, given: string\n')],
      [{ claims: { ...claims, exp: 1.5 } }, problem('- exp: Invalid type. Expected: integer, given: number\n')],
      [{ claims: { ...claims, aud: 5 } }, problem('- aud: Invalid type. Expected: [string,array], given: integer\n')],
      [{ claims: { ...claims, email: null } }, problem('- email: Invalid type. Expected: string, given: null\n')],
      [
        { claims: { ...claims, app_metadata: [] } },
        problem('- app_metadata: Invalid type. Expected: object, given: array\n'),
      ],
      [
        { claims: { ...claims, amr: [5] } },
        problem('- amr.0: Invalid type. Expected: [string,object], given: integer\n'),
      ],
    ]
    for (const [reply, expected] of cases) {
      const { uri } = await listen(json(reply))
      const payload = { user_id: user.id, claims, authentication_method: 'password' }
      const result = await outcome(hooksAt('custom_access_token', uri).run('custom_access_token', payload, where))
      assert.deepEqual(result, expected, JSON.stringify(reply))
    }
  })
})
