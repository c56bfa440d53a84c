// One account of an import: what a line may say, and the rows that it becomes.
import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { parseForeignHash, prefixOf, withoutEnvelope } from '../../crypto/foreign-forms.ts'
import { type ForeignHash, foreignProblem } from '../../crypto/foreign-hash.ts'
import { checkHash } from '../../crypto/password-hash.ts'
import { normaliseEmail, normalisePhone } from '../../flows/steps/requests/addresses.ts'
import { isUuid } from '../../flows/steps/requests/uuid.ts'
import type { ImportedIdentity, ImportedUser } from '../../storage/import-users.ts'

/** A problem of a line, naming the field. */
export class LineError extends Error {}

const absent = (value: unknown) => (value === null || value === '' ? undefined : value)
const optional = <T extends z.ZodType>(type: T) => z.preprocess(absent, type.optional())
const text = optional(z.string())
const time = optional(z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'is no time'))
const object = optional(z.record(z.string(), z.unknown()))
const flag = optional(z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]))

const identity = z.object({
  id: optional(z.uuid()),
  provider: z.string().min(1),
  provider_id: z.string().min(1),
  identity_data: object,
  last_sign_in_at: time,
  created_at: time,
  updated_at: time,
})

/** The fields of a line in the form of our own; presets make this of theirs. */
export const recordForm = z.object({
  id: text,
  aud: text,
  role: text,
  email: text,
  phone: text,
  email_confirm: flag,
  phone_confirm: flag,
  email_confirmed_at: time,
  phone_confirmed_at: time,
  invited_at: time,
  last_sign_in_at: time,
  created_at: time,
  updated_at: time,
  banned_until: time,
  banned: flag,
  is_anonymous: flag,
  user_metadata: object,
  app_metadata: object,
  password_hash: optional(z.union([z.string(), z.record(z.string(), z.unknown())])),
  identities: optional(z.array(identity)),
})

/** A line as it was read. */
export type ImportRecord = z.input<typeof recordForm>
type Fields = z.output<typeof recordForm>

/** What accounts get where a line says nothing, and whose ids are turned into UUIDs. */
export interface ImportDefaults {
  aud: string
  role: string
  /** Begins the text that ids which are no UUIDs are hashed with, so that a second import finds the same accounts. */
  origin: string
}

const forGood = '2999-12-31T00:00:00Z'

/**
 * The rows of a line.
 * @throws LineError naming the field
 */
export function toImportedUser(raw: unknown, defaults: ImportDefaults): ImportedUser {
  const fields = parse(raw)
  const email = fields.email === undefined ? null : named('email', () => normaliseEmail(fields.email ?? ''))
  const phone = fields.phone === undefined ? null : named('phone', () => normalisePhone(fields.phone ?? ''))
  const identities = fields.identities ?? []
  if (email === null && phone === null && !fields.is_anonymous && identities.length === 0)
    throw new LineError('email or phone is required')
  const id = idOf(fields.id, defaults.origin)
  const created = fields.created_at ?? null
  const confirmed = (at: string | undefined, flag: boolean | undefined) =>
    at ?? (flag ? (created ?? new Date().toISOString()) : null)
  const email_confirmed_at = email === null ? null : confirmed(fields.email_confirmed_at, fields.email_confirm)
  const phone_confirmed_at = phone === null ? null : confirmed(fields.phone_confirmed_at, fields.phone_confirm)
  const own = ownIdentities(id, { email, phone, email_verified: email_confirmed_at !== null })
  const all: ImportedIdentity[] = [
    ...own.filter(({ provider }) => fields.identities === undefined && provider !== ''),
    ...identities.map((given) => toIdentity(given)),
  ]
  return {
    id,
    aud: fields.aud ?? defaults.aud,
    role: fields.role ?? defaults.role,
    email,
    phone,
    ...passwordOf(fields.password_hash),
    email_confirmed_at,
    phone_confirmed_at,
    invited_at: fields.invited_at ?? null,
    last_sign_in_at: fields.last_sign_in_at ?? null,
    created_at: created,
    updated_at: fields.updated_at ?? null,
    banned_until: fields.banned_until ?? (fields.banned ? forGood : null),
    is_anonymous: fields.is_anonymous ?? false,
    raw_app_meta_data: { ...providersOf(all), ...withImportedId(fields, defaults), ...fields.app_metadata },
    raw_user_meta_data: fields.user_metadata ?? {},
    identities: all,
  }
}

function parse(raw: unknown): Fields {
  const read = recordForm.safeParse(raw)
  if (read.success) {
    const problem = unstorable(read.data)
    if (problem !== null) throw new LineError(`${problem} contains a character that cannot be stored`)
    return read.data
  }
  const [issue] = read.error.issues
  throw new LineError(`${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'cannot be read'}`)
}

function unstorable(fields: Fields): string | null {
  for (const [name, value] of Object.entries(fields))
    if (/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(value) ?? '')) return name
  return null
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
  if (isUuid(given)) return given.toLowerCase()
  const digest = createHash('sha256').update(`${origin}:${given}`).digest()
  // A UUID of version 8 (RFC 9562 §5.8), the same for the same id.
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  return digest.toString('hex', 0, 16).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const withImportedId = ({ id }: Fields, { origin }: ImportDefaults) =>
  id === undefined || isUuid(id) ? {} : { imported_from: origin, imported_id: id }

function passwordOf(given: Fields['password_hash']): Pick<ImportedUser, 'encrypted_password' | 'foreign_password'> {
  if (given === undefined) return { encrypted_password: null, foreign_password: null }
  const foreign = typeof given === 'string' ? parseForeignHash(given) : (given as ForeignHash)
  if (!foreign) {
    const own = withoutEnvelope(String(given))
    const problem = checkHash(own)
    if (problem !== null) throw new LineError(`password_hash: ${problem}; it ${prefixOf(own)}`)
    return { encrypted_password: own, foreign_password: null }
  }
  const problem = named('password_hash', () => foreignProblem(foreign))
  if (problem !== null) throw new LineError(`password_hash: ${problem}`)
  return { encrypted_password: null, foreign_password: foreign }
}

function ownIdentities(
  id: string,
  { email, phone, email_verified }: { email: string | null; phone: string | null; email_verified: boolean },
): ImportedIdentity[] {
  const times = { last_sign_in_at: null, created_at: null, updated_at: null }
  const flags = { email_verified, phone_verified: false }
  const make = (provider: string, data: object) => ({
    id: randomUUID(),
    provider,
    provider_id: id,
    identity_data: { sub: id, ...data, ...flags },
    ...times,
  })
  return [...(email === null ? [] : [make('email', { email })]), ...(phone === null ? [] : [make('phone', { phone })])]
}

const toIdentity = (given: z.output<typeof identity>): ImportedIdentity => ({
  id: given.id ?? randomUUID(),
  provider: given.provider,
  provider_id: given.provider_id,
  identity_data: given.identity_data ?? { sub: given.provider_id },
  last_sign_in_at: given.last_sign_in_at ?? null,
  created_at: given.created_at ?? null,
  updated_at: given.updated_at ?? null,
})

function providersOf(identities: readonly ImportedIdentity[]): Record<string, unknown> {
  const providers = [...new Set(identities.map(({ provider }) => provider))]
  return providers.length === 0 ? {} : { provider: providers[0], providers }
}
