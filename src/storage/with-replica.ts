// A database with a replica beside it: lists are read there, and from the database itself while the replica does not answer.
import { AuthError } from '../errors.ts'
import { DatabaseError, type Db } from './db.ts'

/** Milliseconds for which a replica that does not answer is left alone. */
const pause_ms = 5000

/** Schema, table, column or function that are not there: a replica that is behind a migration lacks them for a moment. */
const missing = new Set(['3F000', '42P01', '42703', '42883'])

const isGone = (error: unknown): boolean => error instanceof AuthError && error.status === 503
const isBehind = (error: unknown): boolean => error instanceof DatabaseError && missing.has(error.sqlstate)

/** Reads of lists go to the replica; what it refuses for a reason of its own is asked of the database. */
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
          if (isGone(error)) left_alone_until = performance.now() + pause_ms
          else if (!isBehind(error)) throw error
          return primary.query(text, params)
        }
      },
    },
    async close(grace_ms) {
      await Promise.all([primary.close(grace_ms), replica.close(grace_ms)])
    },
  }
}
