// Rows of the tables that move between databases, page by page, of any version of the schemas: what is not there is left out.
import { DatabaseError, type Queryable } from './db.ts'
import { TRUSTED } from './pending-credentials.ts'
import {
  accountTables,
  leftOutTables,
  type PortableTable,
  partlyTables,
  sharedTables,
  userColumns,
} from './portable-tables.ts'

/** A row in the form that JSON has. */
export type ExportedRow = Record<string, unknown>

/** An account with its rows of further tables by their names. */
export interface ExportedUser {
  row: ExportedRow & { id: string }
  encrypted_password: string | null
  /** The hash of another system, until its owner signs in. */
  foreign_password: unknown
  /** Whether somebody vouches for its password although no address was proved. */
  is_vouched: boolean
  parts: Record<string, ExportedRow[]>
}

/** Columns that a database has of the tables that move, by table. */
export type PresentColumns = ReadonlyMap<string, readonly string[]>

const allTables = [
  'auth.users',
  ...[...accountTables, ...sharedTables, ...leftOutTables, ...partlyTables].map(({ table }) => table),
]

/** What a database has; reads catalogs only. */
export async function findPresentColumns(db: Queryable): Promise<PresentColumns> {
  const rows = await db.query<{ at: number; columns: string[] }>(
    `select w.at, array(select a.attname from pg_catalog.pg_attribute a
        where a.attrelid = to_regclass(w.name) and a.attnum > 0 and not a.attisdropped)::text[] as columns
      from (values ${allTables.map((table, at) => `(${at}, '${table}')`).join(', ')}) as w(at, name)`,
  )
  return new Map(rows.map(({ at, columns }) => [allTables[at] ?? '', columns]))
}

const has = (present: PresentColumns, table: string, column = 'id') => present.get(table)?.includes(column) ?? false

/** The columns of a list that are there, for a SELECT; a column that is missing reads as null. */
const selected = (present: PresentColumns, table: string, columns: readonly string[], alias: string) =>
  columns.map((name) => (has(present, table, name) ? `${alias}.${name}` : `null as ${name}`)).join(', ')

/** bytea has no form in JSON; PostgreSQL reads this text back. */
const inJson = (row: ExportedRow): ExportedRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value,
    ]),
  )

/**
 * The next accounts by id, without those that were deleted softly.
 * @throws DatabaseError 42P01 where there are no accounts at all
 */
export async function findUsersAfter(
  db: Queryable,
  present: PresentColumns,
  after: string,
  limit: number,
): Promise<ExportedUser[]> {
  if (!has(present, 'auth.users')) throw new DatabaseError('there is no table of accounts', { sqlstate: '42P01' })
  const alive = has(present, 'auth.users', 'deleted_at') ? 'and u.deleted_at is null' : ''
  const users = await db.query<ExportedRow & { id: string; encrypted_password: string | null }>(
    `select ${selected(present, 'auth.users', [...userColumns, 'encrypted_password'], 'u')} from auth.users u
      where u.id > $1::uuid ${alive} order by u.id limit $2`,
    [after, limit],
  )
  const ids = users.map(({ id }) => id)
  const [foreign, vouched, ...parts] = await Promise.all([
    has(present, 'postern.foreign_passwords', 'user_id')
      ? db.query<{ user_id: string; params: unknown }>(
          'select user_id, params from postern.foreign_passwords where user_id = any ($1::uuid[])',
          [ids],
        )
      : [],
    has(present, 'postern.pending_credentials', 'user_id')
      ? db.query<{ user_id: string }>(
          `select user_id from postern.pending_credentials where token_hash = '${TRUSTED}' and user_id = any ($1::uuid[])`,
          [ids],
        )
      : [],
    ...accountTables.map((table) => findRowsOf(db, present, table, ids)),
  ])
  const hashes = new Map(foreign.map(({ user_id, params }) => [user_id, params]))
  const trusted = new Set(vouched.map(({ user_id }) => user_id))
  return users.map(({ encrypted_password, ...row }) => ({
    row,
    encrypted_password,
    foreign_password: hashes.get(row.id) ?? null,
    is_vouched: trusted.has(row.id),
    parts: Object.fromEntries(accountTables.map(({ name }, at) => [name, parts[at]?.get(row.id) ?? []])),
  }))
}

/** The rows of accounts in one table, oldest first. */
async function findRowsOf(
  db: Queryable,
  present: PresentColumns,
  { table, columns, key }: PortableTable,
  ids: readonly string[],
): Promise<Map<string, ExportedRow[]>> {
  const found = new Map<string, ExportedRow[]>()
  if (!has(present, table, 'user_id')) return found
  const order = ['created_at', ...key].filter((name) => has(present, table, name))
  const rows = await db.query<ExportedRow & { user_id: string }>(
    `select t.user_id, ${selected(present, table, columns, 't')} from ${table} t where t.user_id = any ($1::uuid[])
      order by ${order.map((name) => `t.${name}`).join(', ')}`,
    [ids],
  )
  for (const { user_id, ...row } of rows) found.set(user_id, [...(found.get(user_id) ?? []), inJson(row)])
  return found
}

/** All rows of a table that belong to nobody; none where the table is not there. */
export async function findSharedRows(
  db: Queryable,
  present: PresentColumns,
  { table, columns }: PortableTable,
): Promise<ExportedRow[]> {
  if (!has(present, table)) return []
  const rows = await db.query<ExportedRow>(
    `select ${selected(present, table, columns, 't')} from ${table} t order by t.id`,
  )
  return rows.map(inJson)
}

/** How many rows of the tables that stay behind there are, with the reason why they do. */
export async function countLeftOut(
  db: Queryable,
  present: PresentColumns,
): Promise<{ count: number; what: string; why: string }[]> {
  const there = leftOutTables.filter(({ table }) => (present.get(table) ?? []).length > 0)
  const counts = there.map(({ table, only }) => `(select count(*)::int from ${table} ${only ? `where ${only}` : ''})`)
  if (counts.length === 0) return []
  const [row] = await db.query<{ counts: number[] }>(`select array[${counts.join(', ')}] as counts`)
  return there.flatMap(({ what, why }, at) => {
    const count = row?.counts[at] ?? 0
    return count > 0 ? [{ count, what, why }] : []
  })
}
