// The lines of an import, one after the other: read, checked, and written in batches.
import { createHash } from 'node:crypto'
import { DatabaseError } from '../../storage/db.ts'
import type { Candidate, Outcome } from './plan-batch.ts'
import { type Columns, type Preset, type PresetOptions, type Raw, readRecord } from './preset-columns.ts'
import type { SourceLine } from './read-source.ts'
import { LineError, SkippedLine } from './record-form.ts'
import { type ReadOptions, toImportedUser } from './to-imported-user.ts'
import { type BatchOptions, writeBatch } from './write-batch.ts'
import { isTableLine, writeTableLine } from './write-table-line.ts'

/** Lines that are written together unless told otherwise. */
const usualSize = 500

/** A run of an import. */
export interface Run {
  files: readonly string[]
  preset: Preset
  columns: Columns
  preset_options: PresetOptions
  read: ReadOptions
  batch: BatchOptions
  /** Accounts that an earlier run of the same files and options has done. */
  done: ReadonlySet<string>
  batch_size?: number
  /** Hears of the results of each batch, with what failed and how far the run is. */
  tell(step: Step): Promise<void> | void
}

/** A line that failed, as it is kept to be mended. */
export interface Failure {
  line: number
  file?: string
  code: string
  message: string
  /** What the file says; absent where that could not be read. */
  account?: Raw
}

/** A part of a run. */
export interface Step {
  outcomes: readonly Outcome[]
  failures: readonly Failure[]
  /** Lines that were met, and how they ended. */
  met: number
  counts: Counts
}

/** How many lines ended how. */
export type Counts = Record<Outcome['outcome'], number>

/** Imports lines in batches; what becomes of each is told after every batch. */
export async function runImport(lines: AsyncIterable<SourceLine>, run: Run): Promise<Counts> {
  const counts: Counts = { created: 0, updated: 0, skipped: 0, failed: 0 }
  let [met, batch]: [number, Pending[]] = [0, []]
  const flush = async () => {
    const outcomes = await writeAll(batch, run)
    for (const { outcome } of outcomes) counts[outcome]++
    const failures = outcomes.flatMap((outcome, at) => failureOf(outcome, batch[at]))
    batch = []
    await run.tell({ outcomes, failures, met, counts })
  }
  for await (const line of lines) {
    met++
    batch.push(prepare(line, run))
    if (batch.length >= (run.batch_size ?? usualSize)) await flush()
  }
  await flush()
  return counts
}

/** A line on its way: an account, a row of a table, or a result already. */
type Pending = { source: SourceLine } & ({ candidate: Candidate } | { table: Raw } | { outcome: Outcome })

function prepare(source: SourceLine, run: Run): Pending {
  const { line } = source
  if (!source.raw) return { source, outcome: refused(line, source.problem) }
  if (isTableLine(source.raw)) return { source, table: source.raw }
  try {
    const record = {
      ...readRecord(run.preset, run.columns, source.raw, run.preset_options),
      must_exist: source.must_exist,
    }
    const account = createHash('sha256').update(JSON.stringify(record)).digest('hex').slice(0, 32)
    if (run.done.has(account)) return { source, outcome: skipped(line, 'done_before', 'an earlier run has done it') }
    return { source, candidate: { line, account, user: toImportedUser(record, run.read) } }
  } catch (error) {
    if (error instanceof SkippedLine) return { source, outcome: skipped(line, 'left_out', error.message) }
    if (!(error instanceof LineError)) throw error
    return { source, outcome: refused(line, error.message) }
  }
}

const refused = (line: number, message: string): Outcome => ({
  line,
  outcome: 'failed',
  code: 'validation_failed',
  message,
})
const skipped = (line: number, code: string, message: string): Outcome => ({ line, outcome: 'skipped', code, message })

/** The results of a batch, in the order of its lines. */
async function writeAll(batch: readonly Pending[], run: Run): Promise<Outcome[]> {
  const candidates = batch.flatMap((pending) => ('candidate' in pending ? pending.candidate : []))
  const written = await writeBatch(candidates, run.batch)
  const outcomes: Outcome[] = []
  for (const pending of batch) {
    const { file, line } = pending.source
    const outcome =
      'outcome' in pending
        ? pending.outcome
        : 'table' in pending
          ? await writeTable(pending.table, line, run)
          : written.shift()
    if (outcome) outcomes.push(run.files.length > 1 ? { ...outcome, file } : outcome)
  }
  return outcomes
}

async function writeTable(raw: Raw, line: number, { batch }: Run): Promise<Outcome> {
  try {
    const { db, upsert, dry_run, defaults } = batch
    return { line, outcome: await writeTableLine(db, raw, { upsert, dry_run, encrypt: defaults.encrypt }) }
  } catch (error) {
    if (error instanceof LineError) return refused(line, error.message)
    if (!(error instanceof DatabaseError)) throw error
    return { line, outcome: 'failed', code: error.sqlstate, message: `the database refused the row of ${raw.table}` }
  }
}

function failureOf(outcome: Outcome, pending: Pending | undefined): Failure[] {
  if (outcome.outcome !== 'failed' || !pending) return []
  const { line, code = '', message = '', file } = outcome
  const { raw } = pending.source
  return [{ line, ...(file !== undefined && { file }), code, message, ...(raw && { account: raw }) }]
}

/** The name of a run: what its files hold, and every option that changes what becomes of an account. */
export const runName = (file_hash: string, options: object): string =>
  createHash('sha256').update(file_hash).update(JSON.stringify(options)).digest('hex')
