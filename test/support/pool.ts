// What tests of the pool use: pools of their own, the process behind a connection, and the error of an outage.
import { after } from 'node:test'
import { AuthError } from '../../src/errors.ts'
import type { Db, Queryable } from '../../src/storage/db.ts'
import { openPostgres, type PostgresOptions } from '../../src/storage/driver/postgres.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type Relay, startRelay } from './relay.ts'

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

/** A database with one table for the tests of a file, whose pools and relays end with them. */
export async function databaseOfThings() {
  const shared = await testDatabase({ migrated: false })
  await shared.db.script('create table auth.things (id int primary key, name text)')
  const relays: Relay[] = []
  after(async () => {
    for (const relay of relays) relay.close()
    await shared.drop()
  })
  const withPool = poolsOn(() => shared)
  /** A superuser's connection, to look at and to cut those of others. */
  const asAdmin = <T>(work: (admin: Db) => Promise<T>): Promise<T> => withPool({ url: shared.admin_url, max: 1 }, work)
  return {
    shared,
    withPool,
    asAdmin,
    /** Ends sessions of the server, and waits until they are gone. */
    terminate: (pids: number[]): Promise<void> =>
      asAdmin(async (admin) => {
        await admin.query('select pg_terminate_backend(pid, 5000) from unnest($1::int[]) as pid', [pids])
      }),
    /** A way to the database that can be cut. */
    async relayTo(url: string): Promise<Relay> {
      const relay = await startRelay(url)
      relays.push(relay)
      return relay
    },
  }
}
