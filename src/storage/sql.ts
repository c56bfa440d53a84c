// Pieces of SQL text that several tables share.
import type { Param } from './db.ts'

/** Stands for the transaction's time of the database in a list of changes. */
export const NOW = Symbol('now()')

/** Columns and their new values; `undefined` leaves a column as it is. */
export type Changes = Record<string, Param | typeof NOW | undefined>

/**
 * `a = $2, b = now()` for an UPDATE whose first parameter is taken; the values to append to its parameters.
 * Column names come from our own code, never from a request.
 */
export function assignments(changes: Changes, taken: number): { text: string; values: Param[] } {
  const values: Param[] = []
  const parts: string[] = []
  for (const [column, value] of Object.entries(changes)) {
    if (value === undefined) continue
    if (value === NOW) parts.push(`${column} = now()`)
    else {
      values.push(value as Param)
      parts.push(`${column} = $${taken + values.length}`)
    }
  }
  return { text: parts.join(', '), values }
}

/** The list of proofs (`Amr`) of the session whose id is the value of an expression, most recent first. */
export const proofsOf = (session_id: string): string =>
  `coalesce((select json_agg(json_build_object('method', a.authentication_method,
      'timestamp', floor(extract(epoch from a.updated_at))) order by a.updated_at desc, a.id)
      from auth.mfa_amr_claims a where a.session_id = ${session_id}), '[]') as amr`

/** `instance_id` of every row: the reference's nil UUID. */
export const instance_id = '00000000-0000-0000-0000-000000000000'
