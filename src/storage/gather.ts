// Reads what the requests of one turn of the event loop look up by a key in one statement: most of what a short statement
// costs, here and in PostgreSQL, is there once, however many rows it reads.
import type { Db } from './db.ts'

type Lookup = Pick<Db, 'lookup'>

interface Gathering<Key, Row> {
  keys: Key[]
  rows: Promise<Row[]>
}

/** Keys of one statement at most: those behind them begin another. */
export const mostGathered = 16

/**
 * Makes a look-up by key that is gathered with others of its kind; `read` answers with a row for each key, in their order.
 * A failure is one for all of them. In a trace the statement belongs to the first who asked.
 */
export function gathered<Key, Row>(
  read: (db: Lookup, keys: readonly Key[]) => Promise<Row[]>,
): (db: Lookup, key: Key) => Promise<Row | undefined> {
  const open = new WeakMap<Lookup, Gathering<Key, Row>>()
  const begin = (db: Lookup): Gathering<Key, Row> => {
    const keys: Key[] = []
    const rows = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (open.get(db)?.keys === keys) open.delete(db)
      return read(db, keys)
    })
    const made = { keys, rows }
    open.set(db, made)
    return made
  }
  return async (db, key) => {
    const known = open.get(db)
    const gathering = known && known.keys.length < mostGathered ? known : begin(db)
    const place = gathering.keys.push(key) - 1
    return (await gathering.rows)[place]
  }
}

/** Rows that tell the place of their key, in the order of the keys; a key without one gets nothing. */
export function inPlaces<Row extends { place: number }>(rows: readonly Row[], count: number): (Row | undefined)[] {
  const placed: (Row | undefined)[] = Array.from({ length: count })
  for (const row of rows) placed[row.place] = row
  return placed
}
