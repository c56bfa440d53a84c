// Limits, in memory, in PostgreSQL and in Redis: the same suite over every store, then what is particular to each.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { LimitStore } from '../../src/limits/limit-store.ts'
import { createMemoryStore } from '../../src/limits/memory-store.ts'
import { bucketOf, type Limit } from '../../src/limits/rate-limits.ts'
import { createRedisStore } from '../../src/limits/redis-store.ts'
import { createStore } from '../../src/limits/store.ts'
import { deleteOldLimits, takeFromLimit } from '../../src/storage/rate-limits.ts'
import { testDatabase } from '../support/database.ts'
import { inTime } from '../support/in-time.ts'
import { client, limitsOn, log, refusal, times } from '../support/limits.ts'
import { testRedis } from '../support/redis.ts'

/** Milliseconds until so many were let through; whoever is not is told to wait for no longer than `longest_ms`. */
async function timeOf(count: number, take: () => Promise<number>, longest_ms: number): Promise<number> {
  const started = performance.now()
  for (let passed = 0; passed < count; ) {
    const wait = await take()
    assert(wait <= longest_ms, `${wait} ms`)
    if (wait === 0) passed++
    else await pause(5)
  }
  return performance.now() - started
}

/** What holds for every store; keys begin with a name of the test's own, for the stores are shared. */
function suite(open: () => LimitStore) {
  test('a client has a burst of 30, then waits for the next token', async () => {
    const limits = limitsOn(open())
    await times(30, () => limits.take('verify', client('burst')))
    const error = await refusal(limits.take('verify', client('burst')))
    assert(error)
    assert.deepEqual(
      [error.status, error.code, error.message],
      [429, 'over_request_rate_limit', 'Request rate limit reached'],
    )
    assert(Number(error.details.retry_after) > 200 && Number(error.details.retry_after) <= 300)
  })

  test('clients and limiters count apart, also limiters of one variable', async () => {
    const limits = limitsOn(open())
    await times(30, () => limits.take('otp', client('apart')))
    assert(await refusal(limits.take('otp', client('apart'))))
    assert.equal(await refusal(limits.take('otp', client('another client'))), null)
    assert.equal(await refusal(limits.take('signup', client('apart'))), null)
  })

  test('anonymous sign-ins have a burst of what comes back in an hour', async () => {
    const limits = limitsOn(open())
    await times(2, () => limits.take('anonymous', client('nobody')))
    const error = await refusal(limits.take('anonymous', client('nobody')))
    assert(error && Number(error.details.retry_after) > 1700 && Number(error.details.retry_after) <= 1800)
  })

  test('a variable of 0 lets nobody through', async () => {
    const limits = limitsOn(open(), { rate_limit_sso: 0, rate_limit_anonymous_users: 0 })
    for (const limiter of ['sso', 'anonymous'] as const) {
      const error = await refusal(limits.take(limiter, client('zero')))
      assert(error?.status === 429 && Number(error.details.retry_after) >= 1)
    }
  })

  test('of 60 requests at once exactly the burst passes', async () => {
    const limits = limitsOn(open())
    const errors = await Promise.all(
      Array.from({ length: 60 }, () => refusal(limits.take('recover', client('at once')))),
    )
    assert.equal(errors.filter((error) => error === null).length, 30)
  })

  test('tokens come back one at a time', async () => {
    const store = open()
    const limit: Limit = { kind: 'bucket', burst: 2, interval_ms: 700 }
    const took = await timeOf(4, () => store.take('refill', limit), limit.interval_ms)
    assert(took > 1300, `two beyond the burst have waited for an interval each: ${took} ms`)
  })

  test('a fixed window lets its number through, and opens anew when it ends', async () => {
    const store = open()
    const long: Limit = { kind: 'window', limit: 3, window_ms: 3_600_000 }
    const taken = await Promise.all(Array.from({ length: 10 }, () => store.take('long window', long)))
    assert.equal(taken.filter((wait) => wait === 0).length, 3)
    assert(taken.every((wait) => wait <= long.window_ms))
    const limit: Limit = { kind: 'window', limit: 3, window_ms: 700 }
    const took = await timeOf(7, () => store.take('window', limit), limit.window_ms)
    assert(took > 1300, `the seventh is let through by the third window: ${took} ms`)
  })

  test('a key may be of any length and text', async () => {
    const limits = limitsOn(open())
    const long = 'x'.repeat(100_000)
    await times(30, () => limits.take('token', client(long)))
    assert(await refusal(limits.take('token', client(long))))
    assert.equal(await refusal(limits.take('token', client(`${long}y`))), null)
    assert.equal(await refusal(limits.take('token', client("';\0 drop \u{1f600}"))), null)
  })
}

describe('limits in memory', () => {
  suite(() =>
    createStore({
      config: { rate_limit_store: 'memory', redis_url: '' },
      log,
      now: Date.now,
      takeInDatabase: () => assert.fail(),
      forgetInDatabase: () => assert.fail(),
      announce: () => assert.fail(),
      leave: () => assert.fail(),
    }),
  )

  test('tokens come back by the clock, at the rate of the variable', async () => {
    let at = 1_800_000_000_000
    const limits = limitsOn(createMemoryStore({ now: () => at }))
    const spend = async () => {
      let passed = 0
      while ((await refusal(limits.take('factor_verify', client('c')))) === null) passed += 1
      return passed
    }
    assert.equal(await spend(), 30)
    at += 60_000
    assert.equal(await spend(), 15)
    at += 4_000
    assert.equal(await spend(), 1)
    at += 3_600_000
    assert.equal(await spend(), 30, 'never more than the burst')
  })

  test('RTL-06 a million clients take a bounded amount of memory, and those in use are kept', async () => {
    let at = 0
    const store = createMemoryStore({ now: () => at })
    const bucket = bucketOf('token', 1)
    for (let i = 0; i < 30; i++) await store.take('busy', bucket)
    for (let i = 0; i < 1_000_000; i++) {
      await store.take(`client ${i}`, bucket)
      if (i % 50_000 === 0) assert((await store.take('busy', bucket)) > 0)
      assert(store.size <= 200_000)
    }
    at = 3_600_000
    await store.take('later', bucket)
    at = 7_200_000
    await store.take('later', bucket)
    assert.equal(store.size, 2, 'only what was used within the last hours')
  })
})

describe('limits in PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>
  before(async () => {
    database = await testDatabase()
  })
  after(() => database.drop())
  const open = () =>
    createStore({
      config: { rate_limit_store: 'postgres', redis_url: '' },
      log,
      now: Date.now,
      takeInDatabase: (key, limit) => takeFromLimit(database.db, key, limit),
      forgetInDatabase: () => deleteOldLimits(database.db),
      announce: () => assert.fail(),
      leave: () => assert.fail(),
    })
  suite(open)

  test('full buckets are deleted in passing, others are kept', async () => {
    const store = open()
    await store.take('short', { kind: 'bucket', burst: 1, interval_ms: 1 })
    await store.take('long', { kind: 'bucket', burst: 1, interval_ms: 3_600_000 })
    const count = async (key: string) =>
      (await database.db.query('select from postern.rate_limits where key = $1', [key])).length
    while ((await count('short')) > 0)
      await Promise.all(
        Array.from({ length: 64 }, () => store.take('busy', { kind: 'window', limit: 1, window_ms: 1 })),
      )
    assert.equal(await count('long'), 1)
  })

  test('a database that cannot count is an outage, not a success', async () => {
    await database.db.query('alter table postern.rate_limits rename to rate_limits_gone')
    try {
      const error = await refusal(limitsOn(open()).take('token', client('outage')))
      assert.deepEqual([error?.status, error?.code], [503, 'service_unavailable'])
      assert(error?.details.retry_after)
    } finally {
      await database.db.query('alter table postern.rate_limits_gone rename to rate_limits')
    }
  })
})

const redis = await testRedis()
describe('limits in Redis', { skip: typeof redis === 'string' ? redis : false }, () => {
  if (typeof redis === 'string') return
  const stores: LimitStore[] = []
  const open = () => {
    const store = createRedisStore({ url: redis.url, log })
    stores.push(store)
    return store
  }
  after(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await redis.stop()
  })
  suite(open)

  test('two instances share one bucket', async () => {
    const [first, second] = [limitsOn(open()), limitsOn(open())]
    const takes = Array.from({ length: 60 }, (_, i) =>
      refusal((i % 2 ? first : second).take('resend', client('shared'))),
    )
    assert.equal((await Promise.all(takes)).filter((error) => error === null).length, 30)
  })

  test('a Redis that is away is an outage within two seconds, and is found again when it is back', async () => {
    const limits = limitsOn(open())
    await limits.take('token', client('outage'))
    await redis.stop()
    const error = await inTime(2000, refusal(limits.take('token', client('outage'))))
    assert.deepEqual([error?.status, error?.code], [503, 'service_unavailable'])
    await redis.start()
    while (await refusal(limits.take('token', client('outage')))) await pause(20)
  })
})
