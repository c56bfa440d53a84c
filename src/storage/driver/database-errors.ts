// What goes wrong between us and PostgreSQL, sorted into what a statement did and what a retry may cure.
import { AuthError, unavailable } from '../../errors.ts'
import { DatabaseError } from '../db.ts'

/** SQLSTATEs of a database that cannot serve at the moment: shutting down, read-only, locked, deadlocked, its disk failing. */
const passing = new Set(['57P01', '57P02', '57P03', '57P05', '58030', '25006', '25P03', '55P03', '40001', '40P01'])

/** Classes of them: the connection, and resources such as disk, memory and connections that are used up. */
const passingClasses = new Set(['08', '53'])

const field = (error: unknown, name: string): string | undefined => {
  const value = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The SQLSTATE or the system's code of what a driver threw. */
export const errorCode = (error: unknown): string =>
  error instanceof DatabaseError ? error.sqlstate : (field(error, 'code') ?? '')

/** Whether PostgreSQL itself sent this error. */
export const isRefusal = (error: unknown): boolean => field(error, 'severity') !== undefined

/** Whether the way to PostgreSQL failed: codes of the system, of TLS and of the driver, but no fault in how they are called. */
export const isNetworkFault = (error: unknown): boolean =>
  !isRefusal(error) && !(error instanceof TypeError) && /^(E[A-Z]|CONNECT)/.test(errorCode(error))

/** A driver's error in the words of the port: DatabaseError, AuthError 503 or 504, or the error itself if it is a fault of ours. */
export function portError(error: unknown): unknown {
  if (error instanceof AuthError || error instanceof DatabaseError) return error
  const code = errorCode(error)
  if (!isRefusal(error)) return isNetworkFault(error) ? unavailable(error) : error
  if (code === '57014') {
    const message = 'Processing this request timed out, please retry after a moment.'
    return new AuthError(504, 'request_timeout', message, { cause: refusal(error, code) })
  }
  const found = refusal(error, code)
  return passing.has(code) || passingClasses.has(code.slice(0, 2)) ? unavailable(found) : found
}

function refusal(error: unknown, sqlstate: string): DatabaseError {
  const constraint = field(error, 'constraint_name') ?? field(error, 'constraint')
  const detail = field(error, 'detail')
  const hint = field(error, 'hint')
  return new DatabaseError(field(error, 'message') ?? 'PostgreSQL refused a statement', {
    sqlstate,
    ...(constraint !== undefined && { constraint }),
    ...(detail !== undefined && { detail }),
    ...(hint !== undefined && { hint }),
    cause: error,
  })
}
