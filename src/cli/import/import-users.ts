// postern import: accounts of a file into the database, each line with its result, to be gone on with where it stopped.
import { findImportedLine, forgetImport } from '../../storage/import-users.ts'
import type { Line } from '../command.ts'
import { openLocalApi } from '../local-api.ts'
import type { importOptions } from './options.ts'
import type { PresetOptions } from './preset-fields.ts'
import { presets } from './presets.ts'
import { hashFile, readLines } from './read-lines.ts'
import { type ImportDefaults, LineError, toImportedUser } from './to-imported-user.ts'
import { type BatchOptions, type Candidate, type Outcome, writeBatch } from './write-batch.ts'

const batchSize = 500
const progress_ms = 2000

/** Runs the import. */
export async function importUsers({ words: [file = ''], values }: Line<typeof importOptions>): Promise<number> {
  const file_hash = await hashFile(file).catch((error: unknown) => {
    throw new Error(`${file} cannot be read`, { cause: error })
  })
  const api = await openLocalApi({ config: values.config, state: values.state, bulk: true })
  if (!api) return 1
  try {
    const { db, config } = api
    const options: PresetOptions = {
      signer_key: values['firebase-signer-key'],
      salt_separator: values['firebase-salt-separator'],
      rounds: values['firebase-rounds'],
      mem_cost: values['firebase-mem-cost'],
    }
    const defaults = { aud: config.jwt_aud, role: config.jwt_default_group_name, origin: values.preset }
    const batch = { db, upsert: values.upsert, dry_run: values['dry-run'], file_hash }
    const done = batch.dry_run ? 0 : await findImportedLine(db, file_hash)
    if (done > 0) console.error(`Going on behind line ${done}, where an earlier run stopped.`)
    const counts = await run(file, { preset: values.preset, options, defaults, batch, done, quiet: values.quiet })
    if (!batch.dry_run) await forgetImport(db, file_hash)
    console.error(
      `${batch.dry_run ? 'Would be' : 'Done'}: ${Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}.`,
    )
    return counts.failed > 0 ? 1 : 0
  } finally {
    await api.close()
  }
}

interface Run {
  preset: string
  options: PresetOptions
  defaults: ImportDefaults
  batch: BatchOptions
  done: number
  quiet: boolean
}

async function run(file: string, { preset, options, defaults, batch, done, quiet }: Run) {
  const counts = { created: 0, updated: 0, skipped: 0, failed: 0 }
  let candidates: Candidate[] = []
  let failed: Outcome[] = []
  let last_line = done
  let told = performance.now()
  const flush = async () => {
    const outcomes = [...(await writeBatch(candidates, last_line, batch)), ...failed].sort((a, b) => a.line - b.line)
    for (const outcome of outcomes) counts[outcome.outcome]++
    const shown = quiet ? outcomes.filter(({ outcome }) => outcome === 'failed') : outcomes
    if (shown.length > 0) process.stdout.write(`${shown.map((outcome) => JSON.stringify(outcome)).join('\n')}\n`)
    candidates = []
    failed = []
    if (performance.now() - told < progress_ms) return
    told = performance.now()
    console.error(`line ${last_line}: ${counts.created} created, ${counts.failed} failed`)
  }
  for await (const line of readLines(file)) {
    if (line.line <= done) continue
    last_line = line.line
    try {
      if ('problem' in line) throw new LineError(line.problem)
      const record = presets[preset]?.record(line.raw, options)
      candidates.push({ line: line.line, user: toImportedUser(record, defaults) })
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      failed.push({ line: line.line, outcome: 'failed', code: 'validation_failed', message: error.message })
    }
    if (candidates.length + failed.length >= batchSize) await flush()
  }
  await flush()
  return counts
}
