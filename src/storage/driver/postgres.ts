// The driver for PostgreSQL servers, over postgres.js.

import { parseDatabaseUrl } from '../../config/database-url.ts'
import type { Db, Param, Queryable } from '../db.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import { errorCode, portError } from './database-errors.ts'
import { namespaceRewriter, remembered } from './namespace.ts'
import { openPool } from './pool.ts'
import { openTransaction } from './transaction.ts'

/** Where the database is, and the limits of the pool; times in milliseconds. */
export interface PostgresOptions {
  /** As libpq reads it: `postgres://user:password@host:5432/name?sslmode=require`. */
  url: string
  /** The schema that stands for `auth` in statements. */
  namespace: string
  /** Connections at most; 10. */
  max?: number
  /** So many of a hundred connections that the server takes, in the place of `max` once it has said how many; two at least. */
  percentage?: number
  /** Age at which a connection is replaced, 0 for none; 45 minutes. */
  max_lifetime_ms?: number
  /** Time after which an unused connection is closed, 0 for never, which is the default. */
  idle_ms?: number
  /** False behind a pooler that hands each transaction to another session (pgbouncer); then no timeouts are set either. */
  prepare?: boolean
  /** Sessions in which every write is refused; not behind a pooler. */
  read_only?: boolean
  /** How long a statement waits for a lock; 5 s. */
  lock_timeout_ms?: number
  /** How long a transaction may wait for its next statement; 30 s. */
  idle_in_transaction_ms?: number
  /** How long a statement runs; as the database says. */
  statement_timeout_ms?: number
  /** How long opening a connection takes at most; 5 s. */
  connect_timeout_ms?: number
  /** How long a statement waits for a free connection; 10 s. */
  wait_ms?: number
  /**
   * Called for each round trip that a caller waits for: for a statement that is sent while none of its connection is
   * under way. So BEGIN with the statements started at once is one, COMMIT another; opening a connection and
   * preparing a statement, which happen once a connection, are not counted.
   */
  onRoundTrip?: () => void
}

/** Statements that only read: they wait for no lock, and may be sent again although it is unknown whether they ran. */
const reads = /^\s*select\b(?!.*\bfor (?:no key )?(?:update|share|key share)\b)/is

/**
 * Makes the pool without connecting; the first statement does.
 * @throws Error when the URL cannot be read
 */
export function openPostgres(options: PostgresOptions): Db {
  const pool = openPool({
    target: parseDatabaseUrl(options.url),
    prepare: options.prepare ?? true,
    settings: sessionSettings(options),
    connect_timeout_ms: options.connect_timeout_ms ?? 5000,
    onRoundTrip: options.onRoundTrip ?? (() => {}),
    max: options.max ?? 10,
    max_lifetime_ms: options.max_lifetime_ms ?? 45 * 60_000,
    idle_ms: options.idle_ms ?? 0,
    wait_ms: options.wait_ms ?? 10_000,
  })
  const rewrite = namespaceRewriter(options.namespace)
  const isRead = remembered((text) => reads.test(text))

  const run = async <Row>(
    text: string,
    params: readonly Param[] | undefined,
    is_read: boolean,
    lend: () => Promise<Connection>,
  ): Promise<Row[]> => {
    for (let conflicts = 0; ; ) {
      const connection = await lend()
      const was_proven = connection.proven
      try {
        const { rows } = await connection.run(rewrite(text), params)
        if (!isSized)
          sizeByShare().catch(() => {
            isSized = false
          })
        return rows as Row[]
      } catch (error) {
        const conflict = ['40001', '40P01'].includes(errorCode(error)) && conflicts++ < 2
        const died_idle = is_read && was_proven && connection.lost
        if (!conflict && !died_idle) throw portError(error)
      } finally {
        pool.release(connection)
      }
    }
  }
  let isSized = !options.percentage
  const sizeByShare = async (): Promise<void> => {
    isSized = true
    const [row] = await query<{ most: number }>(`select current_setting('max_connections')::int as most`)
    if (row) pool.resize(Math.max(2, Math.floor((row.most * (options.percentage ?? 0)) / 100)))
  }
  const query = <Row>(text: string, params?: readonly Param[]): Promise<Row[]> => {
    const is_read = isRead(text)
    return run(text, params, is_read, is_read ? pool.share : pool.acquire)
  }
  const lookup = <Row>(text: string, params?: readonly Param[]): Promise<Row[]> =>
    run(text, params, true, pool.shareAtOnce)
  const transaction = async <T>(work: (tx: Queryable) => Promise<T>): Promise<T> => {
    const tx = openTransaction(pool, rewrite)
    let result: T
    try {
      result = await work(tx)
    } catch (error) {
      await tx.rollback()
      throw error
    }
    await tx.commit()
    return result
  }
  const script = async (text: string): Promise<void> => {
    const connection = await pool.acquire()
    try {
      await connection.run(rewrite(text), [], true)
    } catch (error) {
      // The session goes on, and with it a transaction that the text has opened.
      await connection.run('rollback', [], true).catch(() => connection.end())
      throw portError(error)
    } finally {
      pool.release(connection)
    }
  }
  return { query, lookup, transaction, script, state: pool.state, close: (grace_ms = 5000) => pool.close(grace_ms) }
}

function sessionSettings(options: PostgresOptions): ConnectionOptions['settings'] {
  const { settings } = parseDatabaseUrl(options.url)
  // A pooler follows these three and refuses all others.
  const always = { application_name: settings.application_name ?? 'postern', TimeZone: 'UTC', DateStyle: 'ISO' }
  if (options.prepare === false)
    return { ...always, ...(settings.search_path && { search_path: settings.search_path }) }
  return {
    lock_timeout: String(options.lock_timeout_ms ?? 5000),
    idle_in_transaction_session_timeout: String(options.idle_in_transaction_ms ?? 30_000),
    ...(options.read_only && { default_transaction_read_only: 'on' }),
    ...(options.statement_timeout_ms !== undefined && { statement_timeout: String(options.statement_timeout_ms) }),
    ...settings,
    ...always,
  }
}
