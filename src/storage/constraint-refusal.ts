// What a constraint refuses, of ours or of an application: a fault of what was asked for, not of the server.
import { AuthError } from '../errors.ts'
import { DatabaseError } from './db.ts'

/** SQLSTATEs of rows that stand in each other's way: foreign key, unique, exclusion. */
const conflicts = new Set(['23503', '23505', '23P01'])

/**
 * 409 `conflict` where a constraint of whatever kind (class 23) keeps a row from being deleted: a column that would be
 * emptied and may not be, as much as a reference; null for any other error.
 */
export const deletionRefusal = (error: unknown): AuthError | null =>
  error instanceof DatabaseError && error.sqlstate.startsWith('23')
    ? new AuthError(409, 'conflict', 'Other rows still refer to this user', { cause: error })
    : null

/**
 * 409 `conflict` or 400 `validation_failed` for what a constraint or the type of a column refused, with nothing of the
 * database in it (security rule 10); null for any other error.
 */
export function constraintRefusal(error: unknown): AuthError | null {
  if (!(error instanceof DatabaseError)) return null
  if (conflicts.has(error.sqlstate))
    return new AuthError(409, 'conflict', 'The request conflicts with other rows', { cause: error })
  if (!/^2[23]/.test(error.sqlstate)) return null
  return new AuthError(400, 'validation_failed', 'The database refuses a value of the request', { cause: error })
}
