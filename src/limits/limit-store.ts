// The port of limits: whatever counts, in this process or where all instances share it.
import type { Limit } from './rate-limits.ts'

/** Counts against limits, one key each. */
export interface LimitStore {
  /**
   * Takes one token in one step, so that parallel takers never get more than there are.
   * @returns 0 when taken, else the milliseconds until there will be one
   */
  take(key: string, limit: Limit): Promise<number>
  /** Ends connections of the store's own. */
  close(): Promise<void>
}
