// Limits counted in Redis, by its clock, so that all instances share them.
import type { Redis } from 'ioredis'
import { requirePackages } from '../config/needed-packages.ts'
import { unavailable } from '../errors.ts'
import type { Logger } from '../log.ts'
import { onFirstUse } from '../on-first-use.ts'
import type { LimitStore } from './limit-store.ts'

/** Milliseconds that a command may take, the wait for a connection included. */
const commandTimeout_ms = 1000

/** Keeps when a bucket will be full again; an interval of waiting is what a token costs. */
const takeFromBucket = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local burst, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + interval
local wait = full_at - now - burst * interval
if wait > 0.1 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX', math.ceil(full_at - now))
return '0'`

const takeFromWindow = `
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if limit <= 0 then return tostring(window) end
if tonumber(redis.call('GET', KEYS[1]) or '0') >= limit then
  return tostring(math.max(redis.call('PTTL', KEYS[1]), 1))
end
if redis.call('INCR', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], math.ceil(window)) end
return '0'`

/** Connects at the first use; commands fail with 503 while Redis is away, and work again once it is back. */
export function createRedisStore({ url, log }: { url: string; log: Logger }): LimitStore {
  requirePackages('redis')
  const connected = onFirstUse(() => connect(url, log))
  return {
    async take(key, limit) {
      try {
        const redis = await connected()
        const wait =
          limit.kind === 'bucket'
            ? await redis.eval(takeFromBucket, 1, `postern:bucket:${key}`, limit.burst, limit.interval_ms)
            : await redis.eval(takeFromWindow, 1, `postern:window:${key}`, limit.limit, limit.window_ms)
        return Number(wait)
      } catch (cause) {
        throw unavailable(cause)
      }
    },
    async close() {
      const redis = await connected.made()?.catch(() => null)
      redis?.disconnect()
    },
  }
}

/**
 * Connects and runs a script, as the limits do.
 * @throws Error with what went wrong
 */
export async function checkRedis(url: string): Promise<void> {
  const { Redis: Client } = await import('ioredis')
  const redis = new Client(url, {
    lazyConnect: true,
    connectTimeout: commandTimeout_ms,
    commandTimeout: commandTimeout_ms,
    retryStrategy: null,
  })
  let reason: Error | undefined
  redis.on('error', (error: Error) => {
    reason ??= error
  })
  try {
    await redis.connect()
    await redis.eval("return redis.call('TIME')[1]", 0)
  } catch (error) {
    // The call itself knows only that the connection was closed.
    throw reason ?? error
  } finally {
    redis.disconnect()
  }
}

/**
 * Loaded on demand: most servers have no Redis. One that was made a replica refuses to write, and one that died without a word
 * never answers: both are left, so that the address leads to whichever took its place.
 */
async function connect(url: string, log: Logger): Promise<Redis> {
  const { Redis: Client } = await import('ioredis')
  const redis = new Client(url, {
    connectTimeout: commandTimeout_ms,
    commandTimeout: commandTimeout_ms,
    socketTimeout: commandTimeout_ms,
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(times * 100, 2000),
  })
  redis.on('error', (error: Error) =>
    log.warn({ error: error.message }, 'the Redis of the rate limits is out of reach'),
  )
  return redis
}
