// What tests of the pool look at: the process behind a connection, and the error of an outage.
import { AuthError } from '../../src/errors.ts'
import type { Queryable } from '../../src/storage/db.ts'

/** Whether an error is the 503 of an outage. */
export const isUnavailable = (error: unknown): boolean => error instanceof AuthError && error.status === 503

/** The server's process for this connection. */
export const pidOf = async (db: Queryable): Promise<number> =>
  (await db.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid ?? 0
