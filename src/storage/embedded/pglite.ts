// The driver for PGlite, a PostgreSQL inside this process, for places that cannot run programs.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Db, Param, Queryable } from '../db.ts'
import { portError } from '../driver/database-errors.ts'
import { namespaceRewriter } from '../driver/namespace.ts'
import { oneAtATime } from '../driver/one-at-a-time.ts'
import { encodeParam, parsers, serializers } from '../driver/wire-values.ts'
import { lockFolder } from './lock-folder.ts'
import { provisionRoles } from './provision-roles.ts'

/** PGlite's own serializers, which it falls back to for types of the application's, know nothing of our encoded lists. */
const complete = new Proxy(serializers, { get: (known, oid) => Reflect.get(known, oid) ?? String })

/** Where the database lies. */
export interface PgliteOptions {
  /** Folder that is made if need be; without one the database is gone with the process. */
  data_dir: string | undefined
  /** The schema that stands for `auth` in statements. */
  namespace: string
  /** How long a statement waits for a transaction of somebody else; 10 s. */
  wait_ms?: number
}

/**
 * Opens the database, for this process alone: a second one would destroy the files. It has one session, so that
 * transactions wait for each other, and it doesn't wait for the disk: what was committed just before a power cut may be lost.
 * @throws Error that names the process which uses the folder
 */
export async function openPglite(options: PgliteOptions): Promise<Db> {
  const folder = options.data_dir === undefined ? undefined : resolve(options.data_dir)
  if (folder) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = folder ? await lockFolder(folder) : () => {}
  try {
    const pglite = await PGlite.create(folder ? { dataDir: join(folder, 'pglite') } : {})
    await pglite.exec(`set timezone = 'UTC'; set datestyle = 'ISO'; set lc_messages = 'C'`)
    const db = overPglite(pglite, { namespace: options.namespace, wait_ms: options.wait_ms ?? 10_000, unlock })
    await provisionRoles(db, '')
    return db
  } catch (error) {
    unlock()
    throw error
  }
}

function overPglite(
  pglite: PGlite,
  { namespace, wait_ms, unlock }: { namespace: string; wait_ms: number; unlock: () => void },
): Db {
  const rewrite = namespaceRewriter(namespace)
  const exclusive = oneAtATime(wait_ms)
  const run = async <Row>(text: string, params: readonly Param[] = []): Promise<Row[]> => {
    try {
      return (await pglite.query<Row>(rewrite(text), params.map(encodeParam), { parsers, serializers: complete })).rows
    } catch (error) {
      throw portError(error)
    }
  }
  const script = (text: string) =>
    exclusive(async () => {
      try {
        await pglite.exec(rewrite(text))
      } catch (error) {
        // The session goes on, and with it a transaction that the text has opened.
        await pglite.exec('rollback')
        throw portError(error)
      }
    })
  let closed: Promise<void> | undefined
  const close = (grace_ms = 5000) => {
    closed ??= exclusive.end(grace_ms).then(() => pglite.close().finally(unlock))
    return closed
  }
  const query: Queryable['query'] = (text, params) => exclusive(() => run(text, params))
  return {
    query,
    lookup: query,
    transaction: (work) => exclusive(() => inTransaction(run, work)),
    script,
    close,
  }
}

async function inTransaction<T>(run: Queryable['query'], work: (tx: Queryable) => Promise<T>): Promise<T> {
  let over = false
  let first_error: unknown
  const started: Promise<unknown>[] = []
  const query = <Row>(text: string, params?: readonly Param[]): Promise<Row[]> => {
    if (over) return Promise.reject(new Error('A statement was started after its transaction had ended'))
    const answer = run<Row>(text, params)
    started.push(
      answer.catch((error: unknown) => {
        first_error ??= error
      }),
    )
    return answer
  }
  await run('begin')
  try {
    const result = await work({ query })
    over = true
    await Promise.all(started)
    // COMMIT of an aborted transaction succeeds here, any other statement doesn't.
    if (first_error) await run('select 1').catch(() => Promise.reject(first_error))
    await run('commit')
    return result
  } catch (error) {
    over = true
    await Promise.all(started)
    await run('rollback')
    throw error
  }
}
