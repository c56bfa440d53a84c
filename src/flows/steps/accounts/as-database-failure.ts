// Refusals of the database, as the answer of a request that writes an account.
import { AuthError } from '../../../errors.ts'
import { constraintRefusal } from '../../../storage/constraint-refusal.ts'
import { DatabaseError, isUniqueViolation } from '../../../storage/db.ts'
import { emailExists } from '../requests/addresses.ts'

/** 422 for a number that another account has, as administrators are told. */
export const phoneTaken = (): AuthError =>
  new AuthError(422, 'phone_exists', 'Phone number already registered by another user')

/**
 * Turns what a transaction was refused for into an answer, for `.catch`: an address that was taken meanwhile is named,
 * what a trigger of the application raised is kept as the cause, and nothing else of the database is shown.
 */
export const asDatabaseFailure =
  (message: string) =>
  (error: unknown): never => {
    if (isUniqueViolation(error, 'users_email_partial_key')) throw emailExists()
    if (isUniqueViolation(error, 'users_phone_key')) throw phoneTaken()
    const refused = constraintRefusal(error)
    if (refused) throw refused
    if (error instanceof DatabaseError) throw new AuthError(500, 'unexpected_failure', message, { cause: error })
    throw error
  }
