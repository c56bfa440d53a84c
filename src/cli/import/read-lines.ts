// Reads the accounts of a file one by one: NDJSON, a JSON list (or {"users": […]}), or CSV with a header.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { parse } from 'csv-parse'
import type { Raw } from './preset-fields.ts'

/** An account with its place in the file (from 1), or what is wrong there. */
export type Line = { line: number; raw: Raw } | { line: number; problem: string }

/** The SHA-256 of a file, which names it whatever it is called. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

/**
 * The accounts of a file.
 * @throws Error for JSON or CSV that is broken as a whole
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  if (path.endsWith('.csv')) yield* readCsv(path)
  else if (path.endsWith('.json') && !(await isNdjson(path))) yield* readJson(path)
  else yield* readNdjson(path)
}

/** Whether the first line is a whole object by itself. */
async function isNdjson(path: string): Promise<boolean> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    const value = tryParse(line)
    return isObject(value) && !Array.isArray(value.users) && !Array.isArray(value.Users)
  }
  return true
}

async function* readNdjson(path: string): AsyncGenerator<Line> {
  let line = 0
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    line++
    const trimmed = text.replace(/^\uFEFF/, '').trim()
    if (trimmed === '') continue
    const value = tryParse(trimmed)
    yield isObject(value) ? { line, raw: value } : { line, problem: 'the line is no JSON object' }
  }
}

async function* readJson(path: string): AsyncGenerator<Line> {
  const value = tryParse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''))
  const found = isObject(value) ? (value.users ?? value.Users) : value
  if (!Array.isArray(found)) throw new Error(`${path} holds neither a list nor an object with users`)
  for (const [index, raw] of found.entries())
    yield isObject(raw) ? { line: index + 1, raw } : { line: index + 1, problem: 'the entry is no JSON object' }
}

async function* readCsv(path: string): AsyncGenerator<Line> {
  const rows = createReadStream(path).pipe(
    parse({ columns: true, bom: true, skip_empty_lines: true, relax_column_count: true, info: true }),
  )
  for await (const { record, info } of rows) yield { line: info.lines, raw: record }
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)
