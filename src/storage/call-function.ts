// Functions of the database that an application keeps as hooks.
import type { Db, Queryable } from './db.ts'

const identifier = /^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/

const isPool = (db: Queryable): db is Db => 'transaction' in db

/**
 * Calls `"schema"."fn"($1)` with the payload as JSON and returns the JSON it gives, null for none. A function runs with
 * the rights of our own role, in the transaction given; with a time limit and only a pool, in one of its own.
 * @throws DatabaseError what the function raised; AuthError 504 after `timeout_ms` milliseconds, 503 in an outage
 */
export async function callFunction(
  db: Queryable,
  schema: string,
  fn: string,
  payload: unknown,
  timeout_ms: number | null,
): Promise<unknown> {
  if (!identifier.test(schema) || !identifier.test(fn)) throw new Error('the name of a hook function is no identifier')
  // It does not begin with `select`, which the pool would take for a statement that may be sent twice.
  const call = `with hook as materialized (select "${schema}"."${fn}"($1)::jsonb as reply) select reply from hook`
  const params = [Object(payload)]
  if (timeout_ms === null) return replyOf(await db.query(call, params))
  if (isPool(db)) return db.transaction((tx) => callWithin(tx, call, params, timeout_ms))
  return callWithin(db, call, params, timeout_ms)
}

/** The three statements go out together; of their errors the function's own counts. */
async function callWithin(tx: Queryable, call: string, params: object[], timeout_ms: number): Promise<unknown> {
  const [limited, called, restored] = await Promise.allSettled([
    tx.query(`select set_config('statement_timeout', $1, true)`, [String(timeout_ms)]),
    tx.query(call, params),
    tx.query('set local statement_timeout to default'),
  ])
  if (limited.status === 'rejected') throw limited.reason
  if (called.status === 'rejected') throw called.reason
  if (restored.status === 'rejected') throw restored.reason
  return replyOf(called.value)
}

const replyOf = (rows: Record<string, unknown>[]): unknown => rows[0]?.reply ?? null
