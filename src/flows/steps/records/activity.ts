// What happens is counted by the day: in memory, and behind the answers every few seconds in the database.
import type { Logger } from '../../../log.ts'
import { type Meter, noMeter } from '../../../meter.ts'
import type { NewAuditEntry } from '../../../storage/audit-log.ts'
import { addDailyCounts, type DailyCount, type DailyEvent } from '../../../storage/daily-counts.ts'
import type { Db } from '../../../storage/db.ts'

/** Counts what happens. */
export interface Activity {
  /** Counts what was written into the audit log, once it is sure. */
  record(entries: readonly NewAuditEntry[]): void
  /** Counts a request that was refused or failed, by its code. */
  recordFailure(code: string): void
  /** Writes what was counted. */
  flush(): Promise<void>
  /** Writes what is left, and ends. */
  stop(): Promise<void>
}

/** What counting needs. */
export interface ActivityOptions {
  db: Db
  log: Logger
  /** Milliseconds since the epoch. */
  now(): number
  meter?: Meter
}

const every_ms = 5000
/** Different counts that are held at most: codes of hooks are anybody's choice. */
const most = 500

/** Begins to count; the timer does not keep the process alive. */
export function createActivity({ db, log, now, meter = noMeter }: ActivityOptions): Activity {
  let counts = new Map<string, DailyCount>()
  const add = (row: DailyCount): void => {
    const key = `${row.day} ${row.event} ${row.way} ${row.outcome}`
    const known = counts.get(key)
    if (known) known.count += row.count
    else if (counts.size < most) counts.set(key, { ...row })
  }
  const count = (event: DailyEvent): void => {
    add({ ...event, day: new Date(now()).toISOString().slice(0, 10), count: 1 })
    if (event.event === 'sign_in') meter.count('sign_ins', { way: event.way, outcome: event.outcome })
    if (event.event === 'sign_up') meter.count('sign_ups', { way: event.way })
  }
  async function flush(): Promise<void> {
    if (counts.size === 0) return
    const taken = [...counts.values()]
    counts = new Map()
    try {
      await addDailyCounts(db, taken)
    } catch (error) {
      for (const row of taken) add(row)
      log.debug({ err: error }, 'counts of the day wait for the database')
    }
  }
  const timer = setInterval(() => void flush(), every_ms).unref()
  return {
    record(entries) {
      for (const { payload } of entries) {
        const event = eventOf(payload.action, Object(payload.traits))
        if (event) count(event)
      }
    },
    recordFailure: (code) => count({ event: 'failure', way: shortName(code), outcome: 'failed' }),
    flush,
    async stop() {
      clearInterval(timer)
      await flush()
    },
  }
}

/** What an action of the audit log counts as; null for most. */
function eventOf(action: string, traits: Record<string, unknown>): DailyEvent | null {
  if (action === 'user_signedup') return { event: 'sign_up', way: wayOf(traits), outcome: 'ok' }
  if (action === 'user_deleted') return { event: 'deletion', way: 'administrator', outcome: 'ok' }
  if (action === 'login_failed') return { event: 'sign_in', way: wayOf(traits), outcome: 'failed' }
  if (action !== 'login') return null
  // Who exchanges a code of ours has been counted where the code was earned.
  const { provider_type } = traits
  if (provider_type !== undefined && !String(provider_type).startsWith('oauth_provider')) return null
  return { event: 'sign_in', way: wayOf(traits), outcome: 'ok' }
}

function wayOf({ provider, passkey_id, provider_type }: Record<string, unknown>): string {
  if (passkey_id !== undefined) return 'passkey'
  if (provider_type !== undefined) return 'application'
  return typeof provider === 'string' ? shortName(provider) : 'link'
}

const shortName = (text: string): string => text.replace(/[^\w:.-]/g, '_').slice(0, 64) || 'unknown'
