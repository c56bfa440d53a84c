// Prints the answer of a subcommand: a list with how much of it there is, what became of several accounts, or one object.
import { printTable } from '../print-table.ts'
import type { Several } from './several-users.ts'

/** What was found, and how much of it there is. */
export interface Listed {
  rows: Record<string, unknown>[]
  total: number
}

/** How answers are printed. */
export type Format = 'table' | 'json' | 'csv'

/** Prints on standard output what can be read on, and on standard error what people want to know; gives the exit code. */
export function printResult(result: unknown, format: Format, columns: readonly string[] | undefined): number {
  if (isSeveral(result)) return printSeveral(result, format, columns)
  if (isListed(result)) {
    printRows(result.rows, format, columns)
    if (result.rows.length < result.total)
      console.error(`${result.rows.length} of ${result.total}; --page N or --all shows the others`)
    else if (format === 'table') console.error(`${result.total} in all`)
    return 0
  }
  print(result, format)
  return 0
}

function printSeveral({ asked, answers, problems }: Several, format: Format, columns: readonly string[] | undefined) {
  for (const problem of problems) console.error(`postern: ${problem}`)
  if (asked > 1) printRows(answers.map(rowOf), format, columns)
  else if (answers.length > 0) print(answers[0], format)
  return problems.length > 0 ? 1 : 0
}

const isSeveral = (result: unknown): result is Several => Array.isArray(Reflect.get(Object(result), 'problems'))
const isListed = (result: unknown): result is Listed => Array.isArray(Reflect.get(Object(result), 'rows'))
const rowOf = (answer: unknown): Record<string, unknown> => ({ ...Object(answer) })

function printRows(rows: Record<string, unknown>[], format: Format, columns: readonly string[] | undefined): void {
  const shown = columns ? rows.map((row) => Object.fromEntries(columns.map((path) => cellOf(row, path)))) : rows
  if (format === 'json') console.log(JSON.stringify(rows))
  else if (format === 'csv') printCsv(shown, Object.keys(shown[0] ?? namesOf(columns)))
  else printTable(shown)
}

/** A column may lie within an object, as `app_metadata.ban_reason`; people see its last name. */
function cellOf(row: Record<string, unknown>, path: string): [string, unknown] {
  const names = path.split('.')
  return [names.at(-1) ?? path, names.reduce<unknown>((value, name) => Reflect.get(Object(value), name), row)]
}

const namesOf = (columns: readonly string[] = []) => Object.fromEntries(columns.map((path) => cellOf({}, path)))

function print(result: unknown, format: Format): void {
  if (format === 'json') console.log(JSON.stringify(result))
  else if (format === 'csv') printCsv([rowOf(result)], Object.keys(Object(result)))
  else
    for (const [name, value] of Object.entries(Object(result)))
      console.log(`${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
}

/** RFC 4180, with a line of names. */
function printCsv(rows: Record<string, unknown>[], columns: readonly string[]): void {
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name]))]
  console.log(lines.map((cells) => cells.map(csvCell).join(',')).join('\r\n'))
}

function csvCell(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')
  // A spreadsheet would run what begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d. ()-]+$/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
