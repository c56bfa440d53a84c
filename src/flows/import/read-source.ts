// The accounts of the files of an import, each with its rows of further tables.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { PartTable, Preset, Raw } from './preset-columns.ts'
import { type OpenText, readLines } from './read-lines.ts'

/** An account of a file, or what is wrong there. */
export type SourceLine = { file: string; line: number } & (
  | { raw: Raw; must_exist: boolean }
  | { problem: string; raw?: undefined }
)

/** Where the text of a file comes from. */
export interface SourceFile {
  path: string
  open: OpenText
}

/** The SHA-256 of files, which names them whatever they are called. */
export async function hashFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

/** Rows of further tables by column and account, with the place of the first. */
type Parts = Map<string, Map<string, { rows: Raw[]; file: string; line: number }>>

/** Makes the accounts of files, as often as they are asked for. */
export async function openSource(
  files: readonly SourceFile[],
  preset: Preset,
): Promise<() => AsyncGenerator<SourceLine>> {
  const parts = preset.tables ? await readParts(files, preset) : new Map()
  return () => readAccounts(files, preset, parts)
}

const tableOf = ({ tables = [] }: Preset, raw: Raw): PartTable | undefined =>
  tables.find(({ known_by }) => known_by.every((name) => name in raw))

async function readParts(files: readonly SourceFile[], preset: Preset): Promise<Parts> {
  const parts: Parts = new Map()
  for (const { path, open } of files)
    for await (const line of readLines(path, open, preset)) {
      const table = 'raw' in line ? tableOf(preset, line.raw) : undefined
      if (!table || !('raw' in line)) continue
      const of_table = parts.get(table.column) ?? new Map()
      parts.set(table.column, of_table)
      const owner = String(line.raw[table.by])
      const there = of_table.get(owner)
      if (there) there.rows.push(line.raw)
      else of_table.set(owner, { rows: [line.raw], file: path, line: line.line })
    }
  return parts
}

async function* readAccounts(files: readonly SourceFile[], preset: Preset, parts: Parts): AsyncGenerator<SourceLine> {
  const met = new Set<string>()
  for (const { path: file, open } of files)
    for await (const line of readLines(file, open, preset)) {
      if ('problem' in line) yield { file, ...line }
      else if (!tableOf(preset, line.raw)) {
        met.add(String(line.raw.id))
        yield { file, line: line.line, raw: prepared(preset, withParts(line.raw, parts)), must_exist: false }
      }
    }
  // Rows whose account is in no file add to an account that is there already.
  const owners = new Map<string, { file: string; line: number }>()
  for (const of_table of parts.values())
    for (const [owner, { file, line }] of of_table) if (!met.has(owner)) owners.set(owner, { file, line })
  for (const [id, place] of owners)
    yield { ...place, raw: prepared(preset, withParts({ id }, parts)), must_exist: true }
}

const prepared = (preset: Preset, raw: Raw): Raw => (preset.prepare ? preset.prepare(raw) : raw)

function withParts(raw: Raw, parts: Parts): Raw {
  if (parts.size === 0) return raw
  const found = Array.from(parts, ([column, owners]) => [column, owners.get(String(raw.id))?.rows] as const)
  return { ...raw, ...Object.fromEntries(found.filter(([, rows]) => rows !== undefined)) }
}
