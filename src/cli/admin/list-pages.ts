// A list of the API, page by page, or all of it.
import type { Values } from '../command.ts'
import type { LocalApi } from '../local-api.ts'
import { UsageError } from '../usage-error.ts'
import type { pageOptions } from './admin-command.ts'
import type { Listed } from './print-result.ts'

const largestPage = 1000

/** Reads the page that is asked for; with --all, every page, each row once. */
export async function listPages(
  api: LocalApi,
  path: string,
  search: Record<string, string | undefined>,
  { page, 'per-page': per_page, all }: Values<typeof pageOptions>,
): Promise<Listed> {
  if (all && (page ?? per_page) !== undefined) throw new UsageError('--all goes with neither --page nor --per-page')
  const read = async (number: number, size: number) => {
    const query = new URLSearchParams({ ...given(search), page: String(number), per_page: String(size) })
    const { answer, total } = await api.list(`${path}?${query}`)
    return { rows: rowsOf(answer), total }
  }
  if (!all) return read(page ?? 1, per_page ?? 50)
  const found = new Map<unknown, Record<string, unknown>>()
  for (let number = 1; ; number++) {
    const { rows } = await read(number, largestPage)
    for (const row of rows) found.set(row.id, row)
    if (rows.length < largestPage) return { rows: [...found.values()], total: found.size }
  }
}

function rowsOf(answer: unknown): Record<string, unknown>[] {
  const rows = Array.isArray(answer) ? answer : Object.values(Object(answer)).find(Array.isArray)
  return rows ?? []
}

/** Fields that have a value. */
export function given<T>(fields: Record<string, T | undefined>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, T] => field[1] !== undefined))
}
