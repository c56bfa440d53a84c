// Deletes what is over while requests come: what of it belongs to us is always swept, the rest where somebody asks for that.
import type { Logger } from '../log.ts'
import type { Meter } from '../meter.ts'
import { type CleanupSettings, cleanupStatements, createCleaner, ownStatements } from './cleanup.ts'
import type { Queryable } from './db.ts'

/** What it sweeps, and whom it tells. */
export interface SweeperParts {
  config: CleanupSettings & { db_cleanup_enabled: boolean }
  db: Queryable
  log: Logger
  meter: Meter
  /** Whether this process sweeps at present; one of a machine does. */
  keeps(): boolean
}

/** Requests between two statements of a clean-up that nobody asked for. */
const sweepEvery = 32

/**
 * To be called after each write: now and then it runs one statement for rows that strangers can make, in turn; with
 * GOTRUE_DB_CLEANUP_ENABLED one of the others each time too.
 */
export function createSweeper({ config, db, log, meter, keeps }: SweeperParts): () => void {
  const onSwept = (rows: number) => meter.count('swept', {}, rows)
  const onFailed = (error: unknown) => log.warn({ err: error }, 'a clean-up failed')
  const sweep = createCleaner(db, { statements: ownStatements(), every: sweepEvery, onSwept, onFailed })
  const clean = config.db_cleanup_enabled
    ? createCleaner(db, { statements: cleanupStatements(config), every: 1, onSwept, onFailed })
    : () => {}
  return () => {
    if (!keeps()) return
    sweep()
    clean()
  }
}
