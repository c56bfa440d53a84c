// A Redis whose place is taken by its replica, under load: 503 meanwhile, and the limits of before count on.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { AuthError } from '../../src/errors.ts'
import type { Limit } from '../../src/limits/rate-limits.ts'
import { createRedisStore } from '../../src/limits/redis-store.ts'
import { until } from '../support/process.ts'
import { testRedis } from '../support/redis.ts'
import { type Relay, startRelay } from '../support/relay.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }
const [first, second] = [await testRedis(), await testRedis()]

interface Pair {
  relay: Relay
  primary: Redis
  replica: Redis
  /** Where the replica is, once it was promoted. */
  promote(): Promise<void>
}

/** An outage is told as one. */
function requireUnavailable(error: unknown): null {
  assert.ok(error instanceof AuthError && error.status === 503, String(error))
  return null
}

/** How a primary is lost, and what a replica does then. */
const ways: Record<string, (pair: Pair) => Promise<void>> = {
  'a Redis that dies': async ({ promote }) => {
    if (typeof first !== 'string') await first.stop()
    await promote()
  },
  'a Redis that becomes a replica of its replica, and keeps its connections': async ({ primary, replica, promote }) => {
    await promote()
    await primary.replicaof(String(replica.options.host), Number(replica.options.port))
    await until('it refuses to write', () =>
      primary.set('postern:probe', '1').then(
        () => false,
        (error: Error) => error.message.startsWith('READONLY'),
      ),
    )
  },
  'a Redis whose machine falls silent': async ({ relay, promote }) => {
    relay.silenceOpen()
    await promote()
  },
}

const missing = [first, second].find((redis) => typeof redis === 'string')
describe('the Redis of the limits', { skip: typeof missing === 'string' ? missing : false }, () => {
  if (typeof first === 'string' || typeof second === 'string') return
  for (const [what, lose] of Object.entries(ways))
    test(`${what} is followed to its replica without a restart, and what was counted still counts`, async (t) => {
      await Promise.all([first.stop(), second.stop()])
      await Promise.all([first.start(), second.start()])
      const relay = await startRelay(first.url)
      const [primary, replica] = [new Redis(first.url), new Redis(second.url)]
      for (const client of [primary, replica]) client.on('error', () => {})
      const store = createRedisStore({ url: relay.url, log })
      // Of three takers of one key two get through in an hour.
      const few: Limit = { kind: 'window', limit: 2, window_ms: 3_600_000 }
      const many: Limit = { kind: 'window', limit: 1_000_000, window_ms: 3_600_000 }
      let isOver = false
      let taken = 0
      const failures: unknown[] = []
      const caller = async (): Promise<void> => {
        while (!isOver) {
          await store.take('busy', many).then(
            () => taken++,
            (error: unknown) => failures.push(error),
          )
          await pause(5)
        }
      }
      try {
        const { host, port } = primary.options
        await replica.replicaof(String(host), Number(port))
        await until('it follows', async () => (await replica.info('replication')).includes('master_link_status:up'))
        assert.deepEqual([await store.take('few', few), await store.take('few', few)], [0, 0])
        const callers = Array.from({ length: 4 }, caller)
        await until('requests are counted', () => taken > 20)
        await until('the replica has them', async () => (await replica.get('postern:window:few')) === '2')
        const promote = async () => {
          await replica.replicaof('NO', 'ONE')
          relay.leadTo(second.url)
        }
        await lose({ relay, primary, replica, promote })
        const [began, before] = [performance.now(), Number(await replica.get('postern:window:busy'))]
        await until(
          'the promoted one counts',
          async () => Number(await replica.get('postern:window:busy')) > before + 20,
        )
        t.diagnostic(
          `counted again ${Math.round(performance.now() - began)} ms after, ${failures.length} requests got 503`,
        )
        const third = await until('a third one is answered', () =>
          store.take('few', few).then((wait_ms) => ({ wait_ms }), requireUnavailable),
        )
        assert.ok(third.wait_ms > 0)
        // A Redis that stands still for a second is an outage too; but then they go on.
        let at = taken
        await until('requests go on', () => {
          if (failures.length > 0) at = taken
          failures.splice(0).forEach(requireUnavailable)
          return taken > at + 20
        })
        isOver = true
        await Promise.all(callers)
      } finally {
        isOver = true
        await store.close()
        for (const client of [primary, replica]) client.disconnect()
        relay.close()
        await Promise.all([first.stop(), second.stop()])
      }
    })
})
