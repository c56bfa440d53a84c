// What tests of the pool use: pools of their own, the process behind a connection, and the error of an outage.
import { AuthError } from '../../src/errors.ts'
import type { Db, Queryable } from '../../src/storage/db.ts'
import { openPostgres, type PostgresOptions } from '../../src/storage/driver/postgres.ts'
import type { TestDatabase } from './database.ts'

/** Whether an error is the 503 of an outage. */
export const isUnavailable = (error: unknown): boolean => error instanceof AuthError && error.status === 503

/** The server's process for this connection. */
export const pidOf = async (db: Queryable): Promise<number> =>
  (await db.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid ?? 0

/** Runs work over a pool of its own on a database. */
export const poolsOn =
  (database: () => TestDatabase) =>
  async <T>(options: Partial<PostgresOptions>, work: (db: Db) => Promise<T>): Promise<T> => {
    const db = openPostgres({ url: database().url, namespace: 'auth', ...options })
    return await work(db).finally(() => db.close(0))
  }
