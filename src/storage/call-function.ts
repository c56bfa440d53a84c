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

/** What keeps a function from being called with our rights, as the end of a sentence; null when nothing does. */
export async function functionProblem(db: Queryable, schema: string, fn: string): Promise<string | null> {
  const [found] = await db.query<{ schema: boolean; usable: boolean | null; executable: boolean | null }>(
    `select n.oid is not null as schema, has_schema_privilege(n.oid, 'usage') as usable,
        (select bool_or(has_function_privilege(p.oid, 'execute')) from pg_catalog.pg_proc p
          where p.pronamespace = n.oid and p.proname = $2
            and p.pronargs >= 1 and p.pronargs - p.pronargdefaults <= 1) as executable
      from (select $1::text as name) asked left join pg_catalog.pg_namespace n on n.nspname = asked.name`,
    [schema, fn],
  )
  if (!found?.schema) return `schema ${schema} does not exist`
  if (!found.usable) return `our role may not use schema ${schema}; grant usage on it`
  if (found.executable === null) return `function ${schema}.${fn}(jsonb) does not exist`
  return found.executable ? null : `our role may not execute ${schema}.${fn}; grant execute on it`
}
