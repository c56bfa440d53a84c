// Table postern.migrations: brings the schemas auth and postern up to date, once for all instances, as often as one likes.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Logger } from '../log.ts'
import { DatabaseError, type Db } from './db.ts'

/** Where the tables are, and who hears of what is done. */
export interface MigrateOptions {
  /** Schema that stands for `auth`. */
  namespace: string
  log?: Logger
}

/** Any number that no application is likely to lock. */
const lockId = 7_305_418_992

const files = ['auth', 'postern'] as const

/**
 * Applies what is missing in one transaction under an advisory lock; a database that is up to date costs one query.
 * @throws Error that says which right is missing; AuthError 503 when the database is out of reach
 */
export async function migrate(db: Db, { namespace, log }: MigrateOptions): Promise<void> {
  const { texts, version } = await readMigration(namespace)
  if (await isApplied(db, version)) return
  const script = texts.map((text) => (namespace === 'auth' ? text : inNamespace(text, namespace))).join('\n')
  try {
    await db.script(`
      begin;
      set local lock_timeout = 0; set local statement_timeout = 0; set local search_path = ''; set local client_min_messages = warning;
      set local quote_all_identifiers = off;
      select pg_catalog.pg_advisory_xact_lock(${lockId});
      ${script}
      create table if not exists postern.migrations (version text primary key, applied_at timestamptz not null default now());
      insert into postern.migrations (version) values ('${version}') on conflict do nothing;
      commit;`)
  } catch (error) {
    throw explained(error, namespace)
  }
  log?.info({ version: version.slice(0, 12) }, 'the database was brought up to date')
}

/** Whether a database has the schemas of today; reads only. */
export async function isMigrated(db: Db, namespace: string): Promise<boolean> {
  return isApplied(db, (await readMigration(namespace)).version)
}

async function readMigration(namespace: string): Promise<{ texts: string[]; version: string }> {
  const texts = await Promise.all(
    files.map((name) => readFile(new URL(`./migrations/${name}.sql`, import.meta.url), 'utf8')),
  )
  return { texts, version: createHash('sha256').update(texts.join('\n')).update(namespace).digest('hex') }
}

/** Whether this very form of the schemas was applied already. */
async function isApplied(db: Db, version: string): Promise<boolean> {
  try {
    return (await db.query('select 1 from postern.migrations where version = $1', [version])).length > 0
  } catch (error) {
    // Schema or table are not there yet, or not ours to read: the migration will tell.
    if (error instanceof DatabaseError && ['42P01', '3F000', '42501'].includes(error.sqlstate)) return false
    throw error
  }
}

/** The text with another schema in place of `auth`; names in quotes and in code alike. */
const inNamespace = (text: string, namespace: string): string =>
  text.replaceAll(/\bauth\./g, `${namespace}.`).replaceAll(/\bschema (if not exists )?auth\b/g, `schema $1${namespace}`)

function explained(error: unknown, namespace: string): unknown {
  if (!(error instanceof DatabaseError) || error.sqlstate !== '42501') return error
  return new Error(
    `the database role lacks a right (${error.message}); as a superuser: grant create on database <name> to <role>; and make the role the owner of schema ${namespace} and its tables`,
    { cause: error },
  )
}
