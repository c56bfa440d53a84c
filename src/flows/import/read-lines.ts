// Reads a file one account at a time: NDJSON, JSON (a list, or lists by name), or CSV.
import { isJsonObject } from '../../json-values.ts'
import { parseFileJson } from './parse-file-json.ts'
import type { Line, Preset, Raw } from './preset-columns.ts'
import { readCsv } from './read-csv.ts'

/** Makes the text of a file, as often as it is asked for. */
export type OpenText = () => AsyncIterable<string>

/**
 * The accounts of a file.
 * @throws Error for JSON or CSV that is broken as a whole
 */
export async function* readLines(path: string, open: OpenText, preset: Preset): AsyncGenerator<Line> {
  const kind = await kindOf(path, open)
  if (kind === 'csv') yield* readCsv(path, open(), preset)
  else if (kind === 'ndjson') yield* readNdjson(open())
  else yield* readJson(path, open())
}

/** By the file's name, and where that does not tell, by its first letter; JSON has an object a line where the first is one. */
async function kindOf(path: string, open: OpenText): Promise<'csv' | 'ndjson' | 'json'> {
  const ending = path.toLowerCase().split('.').at(-1) ?? ''
  if (['csv', 'tsv'].includes(ending)) return 'csv'
  if (['ndjson', 'jsonl'].includes(ending)) return 'ndjson'
  for await (const line of linesOf(open())) {
    const text = line.trim()
    if (text === '') continue
    if (ending !== 'json' && !/^[[{]/.test(text)) return 'csv'
    const value = tryParse(text)
    return isJsonObject(value) && listsOf(value).length === 0 ? 'ndjson' : 'json'
  }
  return 'ndjson'
}

/** The lines of a text; what goes wrong with the text is thrown here, which readline would not do. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

async function* readNdjson(chunks: AsyncIterable<string>): AsyncGenerator<Line> {
  let line = 0
  for await (const text of linesOf(chunks)) {
    line++
    if (text.trim() === '') continue
    const value = tryParse(text)
    yield isJsonObject(value) ? { line, raw: bareAccount(value) } : { line, problem: 'the line is no JSON object' }
  }
}

/** The account of a line of a file of failures. */
const bareAccount = (value: Raw): Raw =>
  isJsonObject(value.account) && 'line' in value && 'code' in value ? value.account : value

async function* readJson(path: string, chunks: AsyncIterable<string>): AsyncGenerator<Line> {
  let text = ''
  for await (const chunk of chunks) text += chunk
  const value = tryParse(text)
  if (value === undefined) throw new Error(`${path} is not JSON, nor JSON of one account a line`)
  const lists = Array.isArray(value) ? [value] : isJsonObject(value) ? listsOf(value) : []
  if (lists.length === 0) throw new Error(`${path} holds neither a list nor an object with users`)
  let line = 0
  for (const raw of lists.flat()) {
    line++
    yield isJsonObject(raw) ? { line, raw } : { line, problem: 'the entry is no JSON object' }
  }
}

/** The accounts of an object, or its lists if each is one of objects. */
function listsOf(value: Raw): unknown[][] {
  const users = value.users ?? value.Users
  const only_lists = Object.values(value).every(isListOfObjects)
  if (only_lists) return Object.values(value) as unknown[][]
  return Array.isArray(users) ? [users] : []
}

const isListOfObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isJsonObject)

function tryParse(text: string): unknown {
  try {
    return parseFileJson(text)
  } catch {
    return undefined
  }
}
