// What a line says of an account, completed for an account that is made, or fitted to the one that is there.
import { randomUUID } from 'node:crypto'
import type { ForeignHash } from '../../crypto/foreign-hash.ts'
import type { Row } from '../../storage/import-rows.ts'
import type { ExistingUser, UserColumns } from '../../storage/import-users.ts'
import { type AccountTableName, accountTables, type PortableTable } from '../../storage/portable-tables.ts'
import type { ImportedUser } from './to-imported-user.ts'
import { uuidOf } from './uuid-of.ts'

/** What accounts get where a line says nothing, and how secrets are stored. */
export interface AccountDefaults {
  aud: string
  role: string
  encrypt(plain: string, id: string): string
}

/** An account in the form of the tables. */
export interface CompletedUser {
  id: string
  columns: UserColumns
  foreign_password: ForeignHash | null
  has_password: boolean
  is_vouched: boolean
  rows: Record<AccountTableName, (Row & { user_id: string })[]>
}

/** Completes an account; `there` is the one that it stands for. */
export function completeUser(
  user: ImportedUser,
  there: ExistingUser | null,
  { aud, role, encrypt }: AccountDefaults,
): CompletedUser {
  const id = there?.id ?? user.id
  const identities = [...ownIdentities(user, there, id), ...user.rows.identities]
  const password = user.password
  const encrypted = password && 'encrypted' in password ? encrypt(password.encrypted, id) : null
  const said: UserColumns = { ...user.columns, ...(password && { encrypted_password: encrypted }) }
  const columns = there
    ? { ...unprovedAddresses(user.columns, there), ...said }
    : {
        id,
        aud,
        role,
        is_anonymous: false,
        is_sso_user: false,
        ...said,
        raw_app_meta_data: { ...providersOf(identities), ...Object(said.raw_app_meta_data) },
        raw_user_meta_data: said.raw_user_meta_data ?? {},
      }
  return {
    id,
    columns,
    foreign_password: password && 'foreign' in password ? password.foreign : null,
    has_password: password !== null,
    is_vouched: user.is_vouched,
    rows: rowsOf(user, identities, id, encrypt),
  }
}

/** A new address is proved only where the line says so. */
const unprovedAddresses = ({ email, phone }: UserColumns, there: ExistingUser): UserColumns => ({
  ...(email !== undefined && email !== there.email && { email_confirmed_at: null }),
  ...(phone !== undefined && phone !== there.phone && { phone_confirmed_at: null }),
})

function rowsOf(user: ImportedUser, identities: Row[], id: string, encrypt: AccountDefaults['encrypt']) {
  const now = new Date().toISOString()
  const times = (row: Row) => {
    const created_at = row.created_at ?? user.columns.created_at ?? now
    return { created_at, updated_at: row.updated_at ?? created_at }
  }
  const complete = ({ name, encrypted = [] }: PortableTable, row: Row) => {
    const own_id = String(row.id ?? uuidOf(`${id}:${row.factor_type}:${row.secret}:${row.phone}`))
    const secrets = encrypted.flatMap((column) =>
      typeof row[column] === 'string' && row[column] !== '' ? [[column, encrypt(row[column], own_id)]] : [],
    )
    const at = name === 'identities' ? times(row) : {}
    return { ...row, ...at, ...Object.fromEntries(secrets), id: own_id, user_id: id }
  }
  const given: Record<AccountTableName, Row[]> = { ...user.rows, identities }
  return Object.fromEntries(
    accountTables.map((table) => [table.name, given[table.name].map((row) => complete(table, row))]),
  ) as CompletedUser['rows']
}

/** The identities of the addresses themselves, where the line does not name all. */
function ownIdentities(user: ImportedUser, there: ExistingUser | null, id: string): Row[] {
  if (user.has_all_identities || user.must_exist || user.columns.is_sso_user) return []
  const { columns, password } = user
  const named: unknown = Object(columns.raw_app_meta_data).providers
  const email = columns.email ?? there?.email
  const email_verified =
    columns.email_confirmed_at === undefined
      ? (there?.email_is_confirmed ?? false)
      : columns.email_confirmed_at !== null
  const by_email = there
    ? password !== null || (columns.email !== undefined && there.email === null)
    : password !== null || user.rows.identities.length === 0
  const wanted = [
    ...(email && by_email ? [{ provider: 'email', data: { email } }] : []),
    ...(columns.phone && (!there || there.phone === null)
      ? [{ provider: 'phone', data: { phone: columns.phone } }]
      : []),
  ]
  return wanted
    .filter(
      ({ provider }) => !there?.providers.includes(provider) && (!Array.isArray(named) || named.includes(provider)),
    )
    .map(({ provider, data }) => ({
      id: randomUUID(),
      provider,
      provider_id: id,
      identity_data: { sub: id, ...data, email_verified, phone_verified: false },
    }))
}

function providersOf(identities: readonly Row[]): Row {
  const providers = [...new Set(identities.map(({ provider }) => provider))]
  return providers.length === 0 ? {} : { provider: providers[0], providers }
}
