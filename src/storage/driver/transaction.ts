// One transaction over a pool: BEGIN goes out with the first statement, and nothing is sent after the end.

import { DatabaseError, type Param, type Queryable } from '../db.ts'
import type { Answer, Connection } from './connection.ts'
import { portError } from './database-errors.ts'
import type { Pool } from './pool.ts'

/** A transaction that takes its connection with its first statement. */
export interface Transaction extends Queryable {
  /** @throws DatabaseError when a statement had failed, even if the caller overlooked it; AuthError 503 */
  commit(): Promise<void>
  /** Never fails: what cannot be rolled back is cut off. */
  rollback(): Promise<void>
}

interface Begun {
  connection: Connection
  /** Whether the connection came from the pool used, so that it may have died there. */
  was_proven: boolean
  begin: Promise<Answer>
  answered: boolean
}

async function begin(pool: Pool): Promise<Begun> {
  const connection = await pool.acquire()
  const was_proven = connection.proven
  const answer = connection.run('begin', [], true)
  answer.catch(() => {})
  return { connection, was_proven, begin: answer, answered: false }
}

/** Makes a transaction; one of `commit` and `rollback` must follow. */
export function openTransaction(pool: Pool, rewrite: (text: string) => string): Transaction {
  let opening: Promise<Begun> | undefined
  let first_error: unknown
  let over = false

  const send = async (text: string, params: readonly Param[]): Promise<Answer> => {
    for (;;) {
      opening ??= begin(pool)
      const current = opening
      const begun = await current
      try {
        const answer = await begun.connection.run(text, params)
        begun.answered = true
        return answer
      } catch (error) {
        // A connection that died while idle is replaced: nobody has seen an answer, and nothing was committed.
        if (over || !begun.connection.lost || !begun.was_proven || begun.answered) throw error
        if (opening === current) opening = undefined
      }
    }
  }
  const query = async <Row>(text: string, params: readonly Param[] = []): Promise<Row[]> => {
    if (over) throw new Error('A statement was started after its transaction had ended')
    try {
      return (await send(rewrite(text), params)).rows as Row[]
    } catch (error) {
      const mapped = portError(error)
      first_error ??= mapped
      throw mapped
    }
  }
  const commit = async (): Promise<void> => {
    over = true
    if (!opening) return
    const { connection, begin } = await opening
    try {
      const answer = connection.run('commit', [], true)
      await Promise.all([begin, answer])
      if ((await answer).command === 'COMMIT') return
      // PostgreSQL answers COMMIT with ROLLBACK once a statement has failed.
      throw first_error ?? new DatabaseError('The transaction was rolled back', { sqlstate: '25P02' })
    } catch (error) {
      throw portError(error)
    } finally {
      pool.release(connection)
    }
  }
  const rollback = async (): Promise<void> => {
    over = true
    const begun = await opening?.catch(() => undefined)
    if (!begun) return
    try {
      await begun.connection.run('rollback', [], true)
      pool.release(begun.connection)
    } catch {
      await begun.connection.end()
    }
  }
  return { query, commit, rollback }
}
