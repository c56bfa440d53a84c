// Lines of an export that are no accounts: rows of providers, of single sign-on and of clients.
import type { Db } from '../../storage/db.ts'
import { putSharedRows } from '../../storage/import-rows.ts'
import { type PortableTable, sharedTables } from '../../storage/portable-tables.ts'
import type { Raw } from './preset-columns.ts'
import { LineError } from './record-form.ts'

/** Whether a line is a row of a table. */
export const isTableLine = (raw: Raw): boolean =>
  typeof raw.table === 'string' && typeof raw.row === 'object' && Object.keys(raw).length === 2

/** How rows are written. */
export interface TableOptions {
  upsert: boolean
  dry_run: boolean
  encrypt(plain: string, id: string): string
}

/** Writes a row; `skipped` where it is there already. @throws LineError; DatabaseError */
export async function writeTableLine(db: Db, raw: Raw, options: TableOptions): Promise<'created' | 'skipped'> {
  const table: PortableTable | undefined = sharedTables.find(({ name }) => name === raw.table)
  if (!table) throw new LineError(`table: ${String(raw.table)} is not known`)
  const row: Raw = { ...Object(raw.row) }
  const unknown = Object.keys(row).find((name) => !table.columns.includes(name))
  if (unknown !== undefined) throw new LineError(`row: ${table.name} has no column ${unknown}`)
  for (const name of table.encrypted ?? [])
    if (typeof row[name] === 'string') row[name] = options.encrypt(row[name], String(row.id))
  if (options.dry_run) return 'created'
  return (await putSharedRows(db, table, [row], options.upsert)) > 0 ? 'created' : 'skipped'
}
