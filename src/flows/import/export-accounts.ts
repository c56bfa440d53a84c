// An export from its first row to its last: providers and clients, then accounts, each a line of JSON that an import reads.
import type { ColumnCipher } from '../../crypto/column-cipher.ts'
import type { Db } from '../../storage/db.ts'
import {
  countLeftOut,
  type ExportedRow,
  type ExportedUser,
  findPresentColumns,
  findSharedRows,
  findUsersAfter,
} from '../../storage/exported-rows.ts'
import { accountTables, type PortableTable, sharedTables } from '../../storage/portable-tables.ts'

const pageSize = 500

/** What is exported, and how. */
export interface ExportOptions {
  db: Db
  column_cipher: ColumnCipher
  with_hashes: boolean
  with_secrets: boolean
  write(text: string): Promise<void>
}

/** What an export left out: of how much, of what, and why. */
export interface LeftOut {
  count: number
  what: string
  why: string
}

/**
 * Exports everything that another Postern needs.
 * @throws Error naming the account whose secrets cannot be opened
 */
export async function exportAccounts(options: ExportOptions): Promise<{ accounts: number; left_out: LeftOut[] }> {
  const { db, write } = options
  const present = await findPresentColumns(db)
  const omitted = new Map<string, number>()
  const omit = (what: string, count: number) => {
    if (count > 0) omitted.set(what, (omitted.get(what) ?? 0) + count)
  }
  for (const table of sharedTables) {
    const rows = await findSharedRows(db, present, table)
    if (isSecret(table) && !options.with_secrets) omit(table.name, rows.length)
    else
      for (const row of rows)
        await write(`${JSON.stringify({ table: table.name, row: opened(options, table, row) })}\n`)
  }
  let [after, accounts] = ['00000000-0000-0000-0000-000000000000', 0]
  for (;;) {
    const page = await findUsersAfter(db, present, after, pageSize)
    for (const user of page) await write(`${JSON.stringify(recordOf(user, options, omit))}\n`)
    after = page.at(-1)?.row.id ?? after
    accounts += page.length
    if (page.length < pageSize) break
  }
  const without = Array.from(omitted, ([what, count]) => ({
    count,
    what,
    why: what === 'password hashes' ? '--with-hashes or --with-secrets takes them' : '--with-secrets takes them',
  }))
  return { accounts, left_out: [...without, ...(await countLeftOut(db, present))] }
}

const isSecret = (table: PortableTable): boolean => table.secret ?? false

/** The line of an account, in the form of our own. */
function recordOf(
  user: ExportedUser,
  options: ExportOptions,
  omit: (what: string, count: number) => void,
): ExportedRow {
  const { raw_app_meta_data: app_metadata, raw_user_meta_data: user_metadata, ...columns } = user.row
  const is_proved = columns.email_confirmed_at !== null || columns.phone_confirmed_at !== null
  const has_hash = Boolean(user.encrypted_password) || user.foreign_password !== null
  const shows_hash = options.with_hashes || options.with_secrets
  if (has_hash && !shows_hash) omit('password hashes', 1)
  const parts = accountTables.flatMap((table: PortableTable) => {
    const rows = user.parts[table.name] ?? []
    if (!isSecret(table) || options.with_secrets)
      return rows.length > 0 || table.name === 'identities'
        ? [[table.name, rows.map((row) => opened(options, table, row))]]
        : []
    omit(table.name, rows.length)
    return []
  })
  return {
    ...columns,
    app_metadata,
    user_metadata,
    ...(shows_hash && has_hash && { password_hash: user.foreign_password ?? hashOf(user, options) }),
    ...(!is_proved && { vouched: user.is_vouched }),
    ...Object.fromEntries(parts),
  }
}

/** A hash as it is without encryption at rest, so that another database can read it. */
const hashOf = ({ row, encrypted_password }: ExportedUser, { column_cipher }: ExportOptions): string =>
  openFor(`account ${row.id}`, () => column_cipher.decrypt(encrypted_password ?? '', row.id))

function opened(
  { column_cipher }: ExportOptions,
  { name, encrypted = [] }: PortableTable,
  row: ExportedRow,
): ExportedRow {
  const plain = encrypted.map((column) => {
    const value = row[column]
    if (typeof value !== 'string' || value === '') return [column, value]
    return [column, openFor(`${name} ${row.id}`, () => column_cipher.decrypt(value, String(row.id)))]
  })
  return { ...row, ...Object.fromEntries(plain) }
}

function openFor(what: string, open: () => string): string {
  try {
    return open()
  } catch (error) {
    throw new Error(
      `a secret of ${what} cannot be opened; GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS needs its key`,
      {
        cause: error,
      },
    )
  }
}
