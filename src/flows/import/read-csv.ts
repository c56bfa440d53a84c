// The rows of a CSV as people and programs write it, with one of four separators, with or without a header, empty rows, spaces.
import { pipeline, Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { findColumn, type Line, type Preset } from './preset-columns.ts'

const separators = [',', ';', '\t', '|']

/**
 * The rows of a CSV as objects.
 * @throws Error for a header that cannot be used
 */
export async function* readCsv(path: string, chunks: AsyncIterable<string>, preset: Preset): AsyncGenerator<Line> {
  const { first, rest } = await peekLine(chunks)
  // A spreadsheet may name its separator in a line of its own.
  const named = /^sep=(.)\r?$/i.exec(first)?.[1]
  const delimiter = named ?? separatorOf(first)
  const rows = pipeline(
    Readable.from(rest),
    parse({
      delimiter,
      bom: true,
      trim: true,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      info: true,
      from_line: named ? 2 : 1,
    }),
    // What goes wrong with the text is thrown where rows are read.
    () => {},
  )
  let names: readonly string[] | null = null
  for await (const { record, info } of rows as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    if (names === null) {
      const is_header = record.some((cell) => findColumn(preset.columns, cell))
      // Cells of a row that is no header are of people: they are not shown.
      if (!is_header && !preset.order) throw new Error(`${path} has a first row that names no column which is known`)
      names = is_header ? record : (preset.order ?? [])
      checkHeader(path, names)
      if (is_header) continue
    }
    yield toLine(record, names, info.lines)
  }
}

function checkHeader(path: string, names: readonly string[]): void {
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) !== at)
  if (twice !== undefined) throw new Error(`${path} has the column ${twice} twice`)
}

function toLine(cells: string[], names: readonly string[], line: number): Line {
  const beyond = cells.findIndex((cell, at) => cell !== '' && !names[at])
  if (beyond >= 0) return { line, problem: `the row has a cell ${beyond + 1}, for which the header has no name` }
  const raw = Object.fromEntries(
    names.flatMap((name, at) => {
      const cell = cells[at] ?? ''
      return name === '' ? [] : [[name, cell === '\\N' ? null : cell]]
    }),
  )
  return { line, raw }
}

/** The separator that a line has most of, outside quotes. */
function separatorOf(line: string): string {
  const bare = line.replace(/"[^"]*"/g, '')
  const counts = separators.map((separator) => bare.split(separator).length)
  return separators[counts.indexOf(Math.max(...counts))] ?? ','
}

/** The first line that is not empty, and all of the text. */
async function peekLine(chunks: AsyncIterable<string>): Promise<{ first: string; rest: AsyncIterable<string> }> {
  const iterator = chunks[Symbol.asyncIterator]()
  let begun = ''
  let is_over = false
  while (!is_over && !/\S.*\n/.test(begun)) {
    const { value, done } = await iterator.next()
    begun += value ?? ''
    is_over = done === true
  }
  async function* all() {
    yield begun
    if (!is_over) for await (const chunk of { [Symbol.asyncIterator]: () => iterator }) yield chunk
  }
  return { first: /\S.*/.exec(begun)?.[0] ?? '', rest: all() }
}
