// A database with a replica beside it: lists are read there, and from the database itself while the replica does not answer.
import { AuthError } from '../errors.ts'
import type { Db } from './db.ts'

/** Milliseconds for which a replica that failed is left alone. */
const pause_ms = 5000

/** Reads of lists go to the replica; what it refuses for a reason of its own (503) is asked of the database. */
export function withReplica(primary: Db, replica: Db): Db {
  let left_alone_until = 0
  return {
    ...primary,
    replica: {
      async query(text, params) {
        if (performance.now() < left_alone_until) return primary.query(text, params)
        try {
          return await replica.query(text, params)
        } catch (error) {
          if (!(error instanceof AuthError) || error.status !== 503) throw error
          left_alone_until = performance.now() + pause_ms
          return primary.query(text, params)
        }
      },
    },
    async close(grace_ms) {
      await Promise.all([primary.close(grace_ms), replica.close(grace_ms)])
    },
  }
}
