// Where limits are counted: in this process, or where all instances share them.
import type { Config } from '../config/keys.ts'
import type { Logger } from '../log.ts'
import type { LimitStore } from './limit-store.ts'
import { createMemoryStore } from './memory-store.ts'
import type { Limit } from './rate-limits.ts'
import { createRedisStore } from './redis-store.ts'
import { createSharedStore } from './shared-store.ts'

/** What a store may need. */
export interface StoreOptions {
  config: Pick<Config, 'rate_limit_store' | 'redis_url'>
  log: Logger
  /** Milliseconds since the epoch. */
  now(): number
  /** Takes a token in the database; `takeFromLimit` of storage with the pool bound. */
  takeInDatabase(key: string, limit: Limit): Promise<number>
  /** Deletes what is as good as none; `deleteOldLimits` of storage with the pool bound. */
  forgetInDatabase(): Promise<void>
  /** Tells the database of this server and gives the number of others; `announceInstance` of storage. */
  announce(): Promise<number>
  /** Takes that back; `forgetInstance` of storage. */
  leave(): Promise<void>
  /** Counts for all processes of this machine; in this process by default. */
  alone?: LimitStore
}

/** The store that the configuration names: `auto`, `memory`, `postgres` or `redis`. */
export function createStore(options: StoreOptions): LimitStore {
  const { config, log, now } = options
  if (config.rate_limit_store === 'redis') return createRedisStore({ url: config.redis_url, log })
  if (config.rate_limit_store === 'postgres') return createPostgresStore(options)
  const alone = options.alone ?? createMemoryStore({ now })
  if (config.rate_limit_store === 'memory') return alone
  return createSharedStore({ ...options, alone, together: createPostgresStore(options) })
}

/** Takes between two deletions of what is over. */
const sweepEvery = 256

function createPostgresStore({ takeInDatabase, forgetInDatabase, log }: StoreOptions): LimitStore {
  let taken = 0
  return {
    async take(key, limit) {
      const wait = await takeInDatabase(key, limit)
      // Nobody waits for the deletion: the request that it falls to is no other than the rest.
      if (++taken % sweepEvery === 0)
        forgetInDatabase().catch((error: unknown) => log.warn({ error }, 'old rate limits could not be deleted'))
      return wait
    },
    close: async () => {},
  }
}
