// Counts in memory while one server uses the database, and in the database as soon as there are several.
import type { Logger } from '../log.ts'
import type { LimitStore } from './limit-store.ts'

/** Milliseconds between two signs of life; the database forgets a server that gave none for a minute. */
const beat_ms = 10_000

/** What the store chooses between, and how it learns of other servers. */
export interface SharedStoreOptions {
  alone: LimitStore
  together: LimitStore
  log: Logger
  /** Milliseconds since the epoch. */
  now(): number
  /** Says that this server is here; gives the number of others. */
  announce(): Promise<number>
  /** Says that it leaves. */
  leave(): Promise<void>
}

/**
 * Gives a sign of life in passing, so that a server without requests does nothing. The first request waits for it, later
 * ones don't: for ten seconds at most a new neighbour is not known. A database that does not answer changes nothing.
 */
export function createSharedStore({ alone, together, log, now, announce, leave }: SharedStoreOptions): LimitStore {
  let others = 0
  let announced_at = Number.NEGATIVE_INFINITY
  let first: Promise<void> | undefined
  const beat = async (): Promise<void> => {
    announced_at = now()
    try {
      const found = await announce()
      if (found > 0 !== others > 0) log.info({ others: found }, 'limits are counted in another place from now on')
      others = found
    } catch (error) {
      log.debug({ err: error }, 'other servers could not be looked for')
    }
  }
  return {
    async take(key, limit) {
      first ??= beat()
      await first
      if (now() - announced_at >= beat_ms) void beat()
      return (others > 0 ? together : alone).take(key, limit)
    },
    async close() {
      if (first) await leave().catch((error: unknown) => log.debug({ err: error }, 'others were not told of the end'))
      await Promise.all([alone.close(), together.close()])
    },
  }
}
