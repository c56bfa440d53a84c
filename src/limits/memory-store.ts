// Limits counted in this process, within a bounded amount of memory.

import type { LimitStore } from './limit-store.ts'
import type { Limit } from './rate-limits.ts'

/** Keys of one generation at most; there are two of them, about 150 bytes a key. */
const maxKeys = 100_000
/** Milliseconds that a generation lasts: a key unused for an hour to two is forgotten. */
const maxAge_ms = 3_600_000
/** What sums of fractions of a millisecond may be off by. */
const rounding_ms = 0.01

/** A bucket is full again at `until`, a window ends then. */
interface Entry {
  until: number
  count: number
}

/** A store in memory; `size` is the number of keys that it keeps. */
export interface MemoryStore extends LimitStore {
  readonly size: number
}

/**
 * Counts in memory by the given clock. Keys in use move to the younger of two generations; when that one is full or
 * old, the other is dropped as a whole, so that no request pays for a sweep.
 */
export function createMemoryStore({ now }: { now(): number }): MemoryStore {
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  let began = now()
  const turn = (at: number): void => {
    if (young.size < maxKeys && at < began + maxAge_ms) return
    old = young
    young = new Map()
    began = at
  }
  return {
    async take(key, limit) {
      const at = now()
      turn(at)
      const known = young.get(key) ?? old.get(key)
      // A full bucket and an ended window are as good as none.
      const entry = known && known.until > at ? known : { until: at, count: 0 }
      young.set(key, entry)
      return takeFrom(entry, limit, at)
    },
    get size() {
      return young.size + old.size
    },
    async close() {
      young.clear()
      old.clear()
    },
  }
}

function takeFrom(entry: Entry, limit: Limit, at: number): number {
  if (limit.kind === 'window') {
    if (entry.count >= limit.limit) return Math.max(entry.until - at, limit.limit > 0 ? 1 : limit.window_ms)
    if (entry.count === 0) entry.until = at + limit.window_ms
    entry.count += 1
    return 0
  }
  const until = Math.max(entry.until, at) + limit.interval_ms
  const wait = until - at - limit.burst * limit.interval_ms
  if (wait > rounding_ms) return wait
  entry.until = until
  return 0
}
