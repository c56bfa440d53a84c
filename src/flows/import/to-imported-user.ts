// One account of an import: what its line says, in the form of the tables.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { parseForeignHash, prefixOf, withoutEnvelope } from '../../crypto/foreign-forms.ts'
import { type ForeignHash, foreignForm, foreignProblem } from '../../crypto/foreign-hash.ts'
import { checkHash } from '../../crypto/password-hash.ts'
import type { Row } from '../../storage/import-rows.ts'
import type { UserColumns } from '../../storage/import-users.ts'
import type { AccountTableName } from '../../storage/portable-tables.ts'
import { normaliseEmail, normalisePhone } from '../steps/requests/addresses.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import { type Fields, LineError, readFields } from './record-form.ts'
import { toFactor } from './to-factor.ts'
import { uuidOf } from './uuid-of.ts'

/** An account as a line tells of it; what the line does not say is not there. */
export interface ImportedUser {
  id: string
  /** Whether the line names a UUID, which no other account may stand for. */
  id_is_given: boolean
  /** Whether the line only adds to an account. */
  must_exist: boolean
  columns: UserColumns
  /** A hash in clear, or one of another system. */
  password: { encrypted: string } | { foreign: ForeignHash } | null
  /** Whether whoever imports vouches for password and metadata of an address that nobody proved. */
  is_vouched: boolean
  /** Whether the line names all identities, so that none is made of its addresses. */
  has_all_identities: boolean
  rows: Record<AccountTableName, Row[]>
  /** What the account comes without, because it was asked for. */
  without: string[]
}

/** How lines are read. */
export interface ReadOptions {
  /** Begins the text that ids which are no UUIDs are hashed with, so that a second import finds the same accounts. */
  origin: string
  /** Whether accounts whose password hash, or second factor, cannot be taken come without it. */
  without_passwords: boolean
  without_factors: boolean
  /** Opens hashes that a database encrypted, by the id of their account. */
  open(stored: string, id: string): string
}

const forGood = '2999-12-31T00:00:00Z'

/**
 * What a line says.
 * @throws LineError naming the field
 */
export function toImportedUser(raw: unknown, options: ReadOptions): ImportedUser {
  const fields = readFields(raw)
  const { email, phone } = fields
  const identities = [...(fields.identities ?? []), ...(fields.linked ?? [])]
  if (fields.is_anonymous && fields.id === undefined) throw new LineError('id is required for an anonymous account')
  if (
    email === undefined &&
    phone === undefined &&
    !fields.is_anonymous &&
    identities.length === 0 &&
    !fields.must_exist
  )
    throw new LineError('email or phone is required')
  const id = idOf(fields.id, options.origin)
  const without: string[] = []
  for (const reason of fields.lost_factors ?? [])
    leftOut(options.without_factors, without, 'second factor', () => {
      throw new LineError(`factors: ${reason}; --without-factors imports the account without it`)
    })
  return {
    id,
    id_is_given: fields.id !== undefined && isUuid(fields.id),
    must_exist: fields.must_exist ?? false,
    columns: columnsOf(fields, options.origin),
    password: leftOut(options.without_passwords, without, 'password', () => passwordOf(fields, id, options)),
    is_vouched: fields.vouched ?? true,
    has_all_identities: fields.identities !== undefined && fields.linked === undefined,
    rows: {
      identities: identities.map((given) => ({
        ...given,
        id: given.id ?? randomUUID(),
        identity_data: given.identity_data ?? { sub: given.provider_id },
      })),
      factors: (fields.factors ?? []).flatMap((given): Row[] => {
        const factor = leftOut(options.without_factors, without, 'second factor', () => toFactor(given))
        return factor ? [factor] : []
      }),
      passkeys: fields.passkeys ?? [],
      recovery_code_sets: fields.recovery_code_sets ?? [],
      recovery_codes: fields.recovery_codes ?? [],
      scim_users: fields.scim_users ?? [],
      scim_members: fields.scim_members ?? [],
    },
    without,
  }
}

function columnsOf(fields: Fields, origin: string): UserColumns {
  const { id, profile, user_metadata, app_metadata } = fields
  const confirmed = (at: string | undefined, flag: boolean | undefined) =>
    at ?? (flag === undefined ? undefined : flag ? (fields.created_at ?? new Date().toISOString()) : null)
  const imported = id === undefined || isUuid(id) ? undefined : { imported_from: origin, imported_id: id }
  const columns = {
    aud: fields.aud,
    role: fields.role,
    email: fields.email && named('email', () => normaliseEmail(fields.email ?? '')),
    phone: fields.phone && named('phone', () => normalisePhone(fields.phone ?? '')),
    email_confirmed_at: confirmed(fields.email_confirmed_at, fields.email_confirm),
    phone_confirmed_at: confirmed(fields.phone_confirmed_at, fields.phone_confirm),
    invited_at: fields.invited_at,
    last_sign_in_at: fields.last_sign_in_at,
    created_at: fields.created_at,
    updated_at: fields.updated_at,
    banned_until: fields.banned_until ?? (fields.banned === undefined ? undefined : fields.banned ? forGood : null),
    is_anonymous: fields.is_anonymous,
    is_sso_user: fields.is_sso_user,
    is_super_admin: fields.is_super_admin,
    raw_app_meta_data: imported || app_metadata ? { ...imported, ...app_metadata } : undefined,
    raw_user_meta_data: profile || user_metadata ? { ...profile, ...user_metadata } : undefined,
  }
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}

function leftOut<T>(allowed: boolean, without: string[], what: string, read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (!allowed || !(error instanceof LineError)) throw error
    without.push(`${what}: ${error.message}`)
    return null
  }
}

function named<T>(field: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new LineError(`${field}: ${error instanceof Error ? error.message : 'cannot be read'}`)
  }
}

function idOf(given: string | undefined, origin: string): string {
  if (given === undefined) return randomUUID()
  return isUuid(given) ? given.toLowerCase() : uuidOf(`${origin}:${given}`)
}

function passwordOf(fields: Fields, id: string, { open }: ReadOptions): ImportedUser['password'] {
  const { password_hash: given, password_salt: salt } = fields
  if (given === undefined) {
    if (salt !== undefined) throw new LineError('password_salt: there is no password_hash beside it')
    return null
  }
  const stored = typeof given === 'string' ? named('password_hash', () => open(given, id)) : given
  const text = typeof stored === 'string' && salt !== undefined ? `${stored}:${salt}` : stored
  const foreign = typeof text === 'string' ? parseForeignHash(text) : readForeign(text)
  if (foreign) {
    const problem = foreignProblem(foreign)
    if (problem !== null) throw new LineError(`password_hash: ${problem}`)
    return { foreign }
  }
  const own = withoutEnvelope(String(text))
  const problem = checkHash(own)
  if (problem !== null) throw new LineError(`password_hash: ${problem}; it ${prefixOf(own)}`)
  return { encrypted: own }
}

function readForeign(given: Record<string, unknown>): ForeignHash {
  const read = foreignForm.safeParse(given)
  if (!read.success) throw new LineError(`password_hash: ${z.prettifyError(read.error).split('\n')[0]}`)
  return read.data
}
