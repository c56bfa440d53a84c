// GOTRUE_API_MAX_REQUEST_DURATION: a request that takes longer is answered with 504, and what it has begun goes on to its end.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ctx } from '../../src/context.ts'
import { route } from '../../src/http/route.ts'
import { json } from '../../src/reply.ts'
import { until } from '../support/process.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const limit_ms = 50
const held = Promise.withResolvers<void>()
const ended: string[] = []
/** A flow that ends when it is told to, and one that takes longer than the limit. */
const more_routes = [
  route('GET', '/held', {
    guard: 'public',
    async flow(ctx: Ctx) {
      await held.promise
      await ctx.db.query('select 1')
      ended.push('held')
      return json({})
    },
  }),
  route('GET', '/slow', {
    guard: 'public',
    async flow() {
      await sleep(limit_ms * 3)
      return json({ slow: true })
    },
  }),
]

let server: TestServer
before(async () => {
  server = await startTestServer({ more_routes, env: { GOTRUE_API_MAX_REQUEST_DURATION: `${limit_ms}ms` } })
})
after(() => server.close())

test('a request that takes too long is 504 request_timeout, in the form of its API version, and goes on to its end', async () => {
  const message = 'Processing this request timed out, please retry after a moment.'
  const answer = await server.request('GET', '/held')
  const { error_id, ...body } = answer.body
  assert.deepEqual([answer.status, body], [504, { code: 504, error_code: 'request_timeout', msg: message }])
  assert.match(String(error_id), /\S/)
  const headers = { 'x-supabase-api-version': '2024-01-01' }
  const versioned = await server.request('GET', '/held', { headers })
  assert.deepEqual([versioned.status, versioned.body.code, versioned.body.message], [504, 'request_timeout', message])
  assert.equal(server.log.filter(({ path, status }) => path === '/held' && status === 504).length, 2)
  assert.deepEqual(ended, [])
  held.resolve()
  await until('both have ended', () => ended.length === 2)
})

test('with a limit of 0 a request takes as long as it takes', async () => {
  assert.equal((await server.request('GET', '/slow')).status, 504)
  const { database, mail } = server
  const patient = await startTestServer({ more_routes, database, mail, env: { GOTRUE_API_MAX_REQUEST_DURATION: '0' } })
  try {
    const answer = await patient.request('GET', '/slow')
    assert.deepEqual([answer.status, answer.body], [200, { slow: true }])
  } finally {
    await patient.close()
  }
})
