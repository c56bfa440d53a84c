// A database of its own for a test: a copy of one that was migrated once for the run.
import { randomUUID } from 'node:crypto'
import type { Db, Queryable } from '../../src/storage/db.ts'
import { openPostgres, type PostgresOptions } from '../../src/storage/driver/postgres.ts'
import { provisionRoles } from '../../src/storage/embedded/provision-roles.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { startTestServer, type TestServer } from './embedded-server.ts'

/** A fresh database. */
export interface TestDatabase {
  /** For supabase_auth_admin. */
  url: string
  /** For the superuser. */
  admin_url: string
  /** A pool for supabase_auth_admin. */
  db: Db
  /** Closes the pool and drops the database, whoever is connected. */
  drop(): Promise<void>
}

const template = 'postern_template'
const auth_password = 'root'
let own_server: Promise<TestServer> | undefined

/** The superuser's URL of the server of this run; without POSTERN_TEST_PG this process starts one. */
export async function testServerUrl(): Promise<string> {
  const shared = process.env.POSTERN_TEST_PG
  if (shared) return shared
  if (!own_server) {
    own_server = startTestServer()
    process.once('beforeExit', async () => (await own_server)?.stop())
  }
  return (await own_server).admin_url
}

/** Makes a database; without `migrated` its schema auth is empty. */
export async function testDatabase(
  options: { migrated?: boolean; pool?: Partial<PostgresOptions> } = {},
): Promise<TestDatabase> {
  const server_url = await testServerUrl()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const admin_url = urlOf(server_url, name)
  const url = urlOf(server_url, name, { user: 'supabase_auth_admin', password: auth_password })
  await withServer(server_url, async (server) => {
    if (options.migrated === false) {
      await server.query(`create database ${name}`)
      await server.transaction(async (tx) => {
        await lockRoles(tx)
        await provision(admin_url)
      })
      return
    }
    await makeTemplate(server, server_url)
    await server.query(`create database ${name} template ${template}`)
    // What lies in the server's catalogs and not in the database's is not copied.
    await server.query(`grant create on database ${name} to supabase_auth_admin`)
    await server.query(`alter role supabase_auth_admin in database ${name} set search_path = 'auth'`)
  })
  const db = openPostgres({ url, namespace: 'auth', ...options.pool })
  const drop = async () => {
    await db.close(0)
    await withServer(server_url, (server) => server.query(`drop database if exists ${name} with (force)`))
  }
  return { url, admin_url, db, drop }
}

function urlOf(server_url: string, database: string, account?: { user: string; password: string }): string {
  const url = new URL(server_url)
  url.pathname = `/${database}`
  if (account) {
    url.username = account.user
    url.password = account.password
  }
  return url.href
}

async function withServer<T>(url: string, work: (server: Db) => Promise<T>): Promise<T> {
  // Creating a database waits for others that are being copied, and the lock on the template for all of its migrations.
  const server = openPostgres({ url, namespace: 'auth', max: 2, lock_timeout_ms: 60_000, idle_in_transaction_ms: 0 })
  return await work(server).finally(() => server.close())
}

const provision = (admin_url: string): Promise<void> =>
  withServer(admin_url, (admin) => provisionRoles(admin, auth_password))

/** Roles belong to the server, and two processes must not write them at once: a lock of one database, since locks are its own. */
const lockRoles = (tx: Queryable) => tx.query(`select pg_advisory_xact_lock(hashtext($1))`, [template])

/** Makes the template unless it is there; of processes that start together one does. */
async function makeTemplate(server: Db, server_url: string): Promise<void> {
  const exists = async () => (await server.query(`select from pg_database where datname = $1`, [template])).length > 0
  if (await exists()) return
  await server.transaction(async (tx) => {
    await lockRoles(tx)
    if (await exists()) return
    const draft = `${template}_draft`
    await server.query(`drop database if exists ${draft} with (force)`)
    await server.query(`create database ${draft}`)
    await provision(urlOf(server_url, draft))
    const owner = openPostgres({
      url: urlOf(server_url, draft, { user: 'supabase_auth_admin', password: auth_password }),
      namespace: 'auth',
    })
    await migrate(owner, { namespace: 'auth' }).finally(() => owner.close())
    await server.query(`alter database ${draft} rename to ${template}`)
  })
}
