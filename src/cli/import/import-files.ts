// An import from its files to its end: looks at all of it first, then writes what an earlier run has not done.
import type { ColumnCipher } from '../../crypto/column-cipher.ts'
import {
  type Columns,
  isField,
  type Preset,
  type PresetOptions,
  withMapped,
} from '../../flows/import/preset-columns.ts'
import { presets } from '../../flows/import/presets.ts'
import type { OpenText } from '../../flows/import/read-lines.ts'
import { hashFiles, openSource, type SourceFile } from '../../flows/import/read-source.ts'
import { isEncoding, readText } from '../../flows/import/read-text.ts'
import { runImport, runName, type Step } from '../../flows/import/run-import.ts'
import { report, survey } from '../../flows/import/survey.ts'
import { DatabaseError, type Db } from '../../storage/db.ts'
import { findExistingUsers, findIdentityOwners } from '../../storage/import-users.ts'
import { findImportedAccounts, forgetImportedAccounts } from '../../storage/imported-accounts.ts'
import type { Line, Values } from '../command.ts'
import { UsageError } from '../usage-error.ts'
import { openFailuresFile } from './failures-file.ts'
import type { importOptions } from './options.ts'
import { countsLine, startProgress } from './progress.ts'
import { readSealed, readSealedHeader } from './sealed-file.ts'

/** Where accounts go, and what they get where a line says nothing. */
export interface ImportTarget {
  db: Db
  column_cipher: ColumnCipher
  aud: string
  role: string
}

/** What an import needs of the shell. */
export interface ImportShell {
  /** The database; null after problems were told. */
  open(): Promise<ImportTarget | null>
  /** Results, as lines of JSON. */
  print(text: string): Promise<void>
  /** What is for people. */
  say(text: string): void
  /** The passphrase of a sealed file. */
  askPassphrase(path: string): Promise<string>
}

/** Whether accounts can be looked for: before a migration there may be no tables, or older ones. */
async function canLookUp(db: Db): Promise<boolean> {
  try {
    await findExistingUsers(db, { ids: [], emails: [], phones: [] })
    await findIdentityOwners(db, [])
    return true
  } catch (error) {
    if (error instanceof DatabaseError && ['42P01', '42703', '3F000'].includes(error.sqlstate)) return false
    throw error
  }
}

/** Where results go: a line each on standard output, failures into a file too, and how far it is to whoever waits. */
function openOutput(
  { file, total, dry_run, quiet }: { file: string; total: number; dry_run: boolean; quiet: boolean },
  { print, say }: ImportShell,
) {
  const kept = openFailuresFile(file)
  const progress = startProgress(total, say)
  let failed = 0
  return {
    async tell({ outcomes, failures, met, counts }: Step): Promise<void> {
      failed = counts.failed
      if (!dry_run) kept.add(failures)
      const shown = quiet ? outcomes.filter(({ outcome }) => outcome === 'failed') : outcomes
      if (shown.length > 0) await print(shown.map((outcome) => `${JSON.stringify(outcome)}\n`).join(''))
      progress.tell(met, counts)
    },
    async close(): Promise<void> {
      const problem = dry_run ? null : await kept.close()
      if (problem) say(`${kept.path} could not be written: ${problem.message}`)
      else if (failed > 0 && !dry_run) say(`What failed is in ${kept.path}.`)
    },
  }
}

type Given = Values<typeof importOptions>

/** Imports files; resolves to the exit code. @throws UsageError; Error for a file that cannot be read as a whole */
export async function importFiles(
  { words: paths, values }: Line<typeof importOptions>,
  shell: ImportShell,
): Promise<number> {
  const { preset, columns } = chosenPreset(values, paths)
  const file_hash = await hashFiles(paths).catch((error: unknown) => {
    throw new Error(`${paths.join(', ')} cannot be read`, { cause: error })
  })
  const files: SourceFile[] = []
  for (const path of paths) files.push({ path, open: await opener(path, values.encoding, shell) })
  const source = await openSource(files, { ...preset, columns })
  const found = await survey(source(), columns)
  if (!report(found, { ...preset, columns }, values['ignore-unknown'], shell.say)) return 1
  const target = await shell.open()
  if (!target) return 1
  const { db, column_cipher, aud, role } = target
  const { config: _config, state: _state, restart: _restart, quiet, ...deciding } = values
  const run = runName(file_hash, { ...deciding, aud, role })
  const dry_run = values['dry-run']
  const output = openOutput({ file: paths[0] ?? '', total: found.total, dry_run, quiet }, shell)
  const counts = await runImport(source(), {
    files: paths,
    preset,
    columns,
    preset_options: presetOptionsOf(values),
    read: {
      origin: values.preset,
      without_passwords: values['without-passwords'],
      without_factors: values['without-factors'],
      open: column_cipher.decrypt,
    },
    batch: {
      db,
      upsert: values.upsert,
      dry_run,
      is_empty: dry_run && !(await canLookUp(db)),
      run,
      defaults: { aud, role, encrypt: column_cipher.encrypt },
    },
    done: dry_run ? new Set() : await doneBefore(db, run, values.restart, shell),
    tell: output.tell,
  }).finally(() => output.close())
  // What failed is tried again by the next run, and what was done is not.
  if (!dry_run && counts.failed === 0) await forgetImportedAccounts(db, run)
  shell.say(`${dry_run ? 'Would be' : 'Done'}: ${countsLine(counts)}.`)
  return counts.failed > 0 ? 1 : 0
}

/** Where the text of a file comes from; for a sealed one its passphrase is asked for. */
async function opener(path: string, encoding: string | undefined, { askPassphrase }: ImportShell): Promise<OpenText> {
  if (!(await readSealedHeader(path))) return () => readText(path, encoding)
  const passphrase = await askPassphrase(path)
  return () => readSealed(path, passphrase)
}

/** @throws UsageError for options that do not go together or name nothing */
function chosenPreset(values: Given, paths: string[]): { preset: Preset; columns: Columns } {
  const preset = presets[values.preset]
  if (!preset) throw new UsageError(`there is no preset ${values.preset}`)
  if (paths.length > 1 && !preset.tables) throw new UsageError('one FILE at a time; the next one with --upsert')
  if (values.encoding !== undefined && !isEncoding(values.encoding))
    throw new UsageError(`--encoding ${values.encoding} is not known; latin1, windows-1252 and utf-16le are`)
  const mapped = new Map(
    values.map.map((pair) => {
      const at = pair.lastIndexOf('=')
      const [column, field] = [pair.slice(0, at), pair.slice(at + 1)]
      if (at < 1 || !isField(field))
        throw new UsageError(`--map ${pair} is not COLUMN=FIELD with a field of docs/import.md`)
      return [column, field]
    }),
  )
  return { preset, columns: withMapped(preset.columns, mapped) }
}

const presetOptionsOf = (values: Given): PresetOptions => ({
  signer_key: values['firebase-signer-key'],
  salt_separator: values['firebase-salt-separator'],
  rounds: values['firebase-rounds'],
  mem_cost: values['firebase-mem-cost'],
})

async function doneBefore(db: Db, run: string, restart: boolean, { say }: ImportShell): Promise<Set<string>> {
  if (restart) await forgetImportedAccounts(db, run)
  const done = new Set(await findImportedAccounts(db, run))
  if (done.size > 0) say(`Going on: ${done.size} accounts are done by an earlier run; --restart begins anew.`)
  return done
}
