// Measures a database and outbound calls around them, without their knowing.
import type { Logger } from '../log.ts'
import type { Meter } from '../meter.ts'
import type { Db, Queryable } from '../storage/db.ts'

/** Who measures, and from which time on a statement is slow. */
export interface Measuring {
  meter: Meter
  log: Logger
  /** Milliseconds from which on a statement is written into the log; 0 for never. */
  slow_ms: number
}

const summaries = new Map<string, string>()

/** The verb and the first table of a statement, as in `insert auth.users`; the text of statements is ours, never a person's. */
function summaryOf(text: string): string {
  const known = summaries.get(text)
  if (known !== undefined) return known
  const isOfParts = /^\s*with\b/i.test(text)
  // What stands in brackets is a part, unless the statement is made of parts: then the first says what it is about.
  let bare = isOfParts ? text.replace(/^.*?\bas\s*\(/is, '') : text
  for (let before = ''; !isOfParts && before !== bare; ) {
    before = bare
    bare = bare.replace(/\([^()]*\)/g, ' ')
  }
  const [, verb = 'statement'] = /\b(select|insert|update|delete|call)\b/i.exec(bare) ?? []
  const [, table = ''] = /\b(?:from|into|update)\s+(?:only\s+)?((?:auth|postern|pg_catalog)\.[a-z_]+)/i.exec(bare) ?? []
  const summary = `${verb.toLowerCase()}${table && ` ${table.toLowerCase()}`}`
  // Texts that are made of parts are many; what stands for them is few.
  if (summaries.size < 2000) summaries.set(text, summary)
  return summary
}

/** The same database, whose statements are timed. */
export function measuredDb(db: Db, { meter, log, slow_ms }: Measuring): Db {
  const timed =
    (on: Queryable['query']): Queryable['query'] =>
    async (text, params) => {
      const started = performance.now()
      try {
        return await on(text, params)
      } finally {
        const ms = performance.now() - started
        const statement = summaryOf(text)
        meter.time('statements', { statement }, ms)
        if (slow_ms > 0 && ms >= slow_ms)
          log.warn(
            { statement, duration_ms: Math.round(ms), text: text.replace(/\s+/g, ' ').slice(0, 500) },
            'a slow statement',
          )
      }
    }
  return {
    ...db,
    query: timed(db.query),
    lookup: timed(db.lookup),
    transaction: (work) => db.transaction((tx) => work({ ...tx, query: timed(tx.query) })),
  }
}

/** The same fetch, whose calls are timed by their host; by `host`, where others than the operator choose whom it calls. */
export const measuredFetch =
  (fetch: typeof globalThis.fetch, meter: Meter, host?: string): typeof globalThis.fetch =>
  async (input, init) => {
    const started = performance.now()
    const called = host ?? new URL(input instanceof Request ? input.url : input).host
    let outcome = 'failed'
    try {
      const response = await fetch(input, init)
      outcome = `${Math.floor(response.status / 100)}xx`
      return response
    } finally {
      meter.time('calls', { host: called, outcome }, performance.now() - started)
    }
  }
