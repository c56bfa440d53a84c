// Imports that run behind the answers of this process: taken in parts, then run to their end, each step written down.
import { createHash } from 'node:crypto'
import type { Config } from '../../config/keys.ts'
import type { ColumnCipher } from '../../crypto/column-cipher.ts'
import type { Logger } from '../../log.ts'
import type { Db } from '../../storage/db.ts'
import { endImportJob, type ImportJob, type LineResult, noteImportProgress } from '../../storage/import-jobs.ts'
import { findImportedAccounts, forgetImportedAccounts } from '../../storage/imported-accounts.ts'
import type { Preset } from './preset-columns.ts'
import { adviceOn, presets } from './presets.ts'
import { openSource } from './read-source.ts'
import { runImport, runName, type Step } from './run-import.ts'
import { survey } from './survey.ts'

/** How an import is done. */
export interface ImportChoices {
  preset: string
  upsert: boolean
  dry_run: boolean
  ignore_unknown: boolean
  without_passwords: boolean
  without_factors: boolean
}

/** The imports of a process. */
export interface ImportJobs {
  /** Takes a part of the text of an import that has not begun. @throws Error for too much text */
  add(id: string, text: string): void
  /** Begins to import what was taken, without waiting. */
  start(job: Pick<ImportJob, 'id' | 'file_name'>, choices: ImportChoices): void
  /** Lets running batches end, and no more begin. */
  stop(): Promise<void>
}

/** What imports need. */
export interface ImportJobsOptions {
  config: Config
  db: Db
  column_cipher: ColumnCipher
  log: Logger
}

/** Characters of a text, and of all that wait. */
const most = 24_000_000
/** Lines that are written at once: few, so that other requests are answered between two batches. */
const batchSize = 100
/** Results of lines that are kept. */
const mostResults = 2000

/** Keeps what is to be imported until it is. */
export function createImportJobs(options: ImportJobsOptions): ImportJobs {
  const { db, log } = options
  const waiting = new Map<string, string[]>()
  const running = new Set<Promise<void>>()
  let isStopped = false
  return {
    add(id, text) {
      const size = [...waiting.values()].flat().reduce((sum, part) => sum + part.length, 0)
      if (size + text.length > most) {
        waiting.delete(id)
        throw new Error('too much text')
      }
      waiting.set(id, [...(waiting.get(id) ?? []), text])
    },
    start(job, choices) {
      const parts = waiting.get(job.id) ?? []
      waiting.delete(job.id)
      const run = importParts(options, job, choices, parts, () => isStopped)
        .then((problem) => endImportJob(db, job.id, problem))
        .catch((error: unknown) => log.error({ err: error }, 'the end of an import could not be written down'))
        .finally(() => running.delete(run))
      running.add(run)
    },
    async stop() {
      isStopped = true
      await Promise.all(running)
    },
  }
}

class Stopped extends Error {}

type Job = Pick<ImportJob, 'id' | 'file_name'>

/** Resolves to what kept it from its end; null when nothing did. */
async function importParts(
  options: ImportJobsOptions,
  job: Job,
  choices: ImportChoices,
  parts: readonly string[],
  isStopped: () => boolean,
): Promise<string | null> {
  const preset = presets[choices.preset]
  if (!preset) return `there is no preset ${choices.preset}`
  try {
    return await writeParts(options, job, { choices, preset, parts }, isStopped)
  } catch (error) {
    if (error instanceof Stopped)
      return 'the server was stopped; import the same file again: what is done is not done twice'
    options.log.warn({ err: error }, 'an import failed')
    // What the reading of a file says is for whoever wrote it; anything else is in the log.
    return error instanceof Error && error.name === 'Error' ? error.message : 'the import failed; the log says why'
  }
}

/** The work itself, as `importParts` says. @throws Stopped; Error for a file that cannot be read */
async function writeParts(
  { config, db, column_cipher }: ImportJobsOptions,
  { id, file_name }: Job,
  { choices, preset, parts }: { choices: ImportChoices; preset: Preset; parts: readonly string[] },
  isStopped: () => boolean,
): Promise<string | null> {
  const source = await openSource([{ path: file_name, open: () => textOf(parts) }], preset)
  const { total, leftovers } = await survey(source(), preset.columns)
  await noteImportProgress(db, id, { total, met: 0, counts: {}, results: [] })
  const lost = leftovers.filter(({ is_lost }) => is_lost)
  if (lost.length > 0 && !choices.ignore_unknown) return lostColumns(lost, preset)
  const { jwt_aud: aud, jwt_default_group_name: role } = config
  const run = runName(hashOf(parts), { ...choices, aud, role })
  let kept = 0
  const tell = async ({ outcomes, met, counts }: Step) => {
    const results = outcomes.flatMap(resultOf).slice(0, mostResults - kept)
    kept += results.length
    await noteImportProgress(db, id, { total, met, counts, results })
    if (isStopped()) throw new Stopped()
  }
  const counts = await runImport(source(), {
    files: [file_name],
    preset,
    columns: preset.columns,
    preset_options: { signer_key: '', salt_separator: '', rounds: '8', mem_cost: '14' },
    read: {
      origin: choices.preset,
      without_passwords: choices.without_passwords,
      without_factors: choices.without_factors,
      open: column_cipher.decrypt,
    },
    batch: {
      db,
      upsert: choices.upsert,
      dry_run: choices.dry_run,
      is_empty: false,
      run,
      defaults: { aud, role, encrypt: column_cipher.encrypt },
    },
    done: choices.dry_run ? new Set() : new Set(await findImportedAccounts(db, run)),
    batch_size: batchSize,
    tell,
  })
  if (!choices.dry_run && counts.failed === 0) await forgetImportedAccounts(db, run)
  return null
}

const lostColumns = (lost: Awaited<ReturnType<typeof survey>>['leftovers'], { columns }: Preset): string =>
  `nothing was written, since these columns would get lost: ${lost
    .slice(0, 20)
    .map(({ path, why, lines }) => `${path} (${lines} lines): ${why ?? adviceOn(path, columns)}`)
    .join('; ')}`

/** A turn of the event loop between two parts. */
async function* textOf(parts: readonly string[]): AsyncGenerator<string> {
  for (const part of parts) {
    await new Promise((resolve) => setImmediate(resolve))
    yield part
  }
}

function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** What is kept of a line that was not taken. */
const resultOf = ({ line, outcome, code, message }: Step['outcomes'][number]): LineResult[] =>
  outcome === 'failed' || outcome === 'skipped'
    ? [{ line, outcome, ...(code !== undefined && { code }), ...(message !== undefined && { message }) }]
    : []
