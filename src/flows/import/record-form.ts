// What a line of an import may say, in the form of our own; presets make this of theirs.

import { z } from 'zod'
import { accountTables } from '../../storage/portable-tables.ts'
import { parseFileJson } from './parse-file-json.ts'

/** A problem of a line, naming the field. */
export class LineError extends Error {}

/** A line that is no account, with the reason. */
export class SkippedLine extends Error {}

const absent = (value: unknown) => (value === null || value === '' ? undefined : value)
const optional = <T extends z.ZodType>(type: T) => z.preprocess(absent, type.optional())

/** Columns of a CSV are texts; those of objects and lists hold JSON. */
const fromJson = (value: unknown): unknown => {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return parseFileJson(value)
  } catch {
    return value
  }
}
const ofJson = <T extends z.ZodType>(type: T) => z.preprocess((value) => fromJson(absent(value)), type.optional())

const yes = ['true', 't', 'yes', 'y', '1', 'on', 'x']
const no = ['false', 'f', 'no', 'n', '0', 'off']

/** Yes or no as databases and spreadsheets write it; undefined for anything else. */
export function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = String(value).trim().toLowerCase()
  return yes.includes(word) ? true : no.includes(word) ? false : undefined
}

const timeForm = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i

/** RFC 3339 of what PostgreSQL, JSON and spreadsheets write; without a zone it is UTC. Numbers are (milli)seconds since 1970. */
export function readTime(value: unknown): string | undefined {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d{9,14}$/.test(value))) {
    const ms = Number(value) * (Number(value) < 1e11 ? 1000 : 1)
    return ms < 8.64e15 ? new Date(ms).toISOString() : undefined
  }
  if (value === 'infinity') return value
  const parts = typeof value === 'string' ? timeForm.exec(value.trim()) : null
  if (!parts) return undefined
  const [, date, time = '00:00:00', zone = 'Z'] = parts
  const hours = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const text = `${date}T${time.length === 5 ? `${time}:00` : time}${/^(z|utc)$/i.test(hours) ? 'Z' : hours}`
  return Number.isNaN(Date.parse(text)) ? undefined : text
}

const text = optional(z.string())
const readable = <T>(read: (value: unknown) => T | undefined, problem: string) =>
  optional(
    z.unknown().transform((value, context) => {
      const found = read(value)
      if (found === undefined) context.addIssue({ code: 'custom', message: problem })
      return found as T
    }),
  )
const time = readable(readTime, 'is no time')
const flag = readable(readFlag, 'is neither yes nor no')
const object = ofJson(z.record(z.string(), z.unknown()))
const list = <T extends z.ZodType>(of: T) => ofJson<z.ZodArray<T>>(z.array(of))

const identity = z.object({
  id: optional(z.guid()),
  provider: z.string().min(1),
  provider_id: z.string().min(1),
  identity_data: object,
  last_sign_in_at: time,
  created_at: time,
  updated_at: time,
})

const factor = z.object({
  id: optional(z.guid()),
  factor_type: z.enum(['totp', 'phone', 'webauthn']).default('totp'),
  status: optional(z.enum(['verified', 'unverified'])),
  friendly_name: text,
  phone: text,
  secret: text,
  web_authn_aaguid: optional(z.guid()),
  web_authn_credential: object,
  last_webauthn_challenge_data: object,
  created_at: time,
  updated_at: time,
})

const rows = list(z.record(z.string(), z.unknown()))
const partForms = {
  identities: list(identity),
  factors: list(factor),
  passkeys: rows,
  recovery_code_sets: rows,
  recovery_codes: rows,
  scim_users: rows,
  scim_members: rows,
}

/** The fields of a line. */
const recordForm = z.object({
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
  is_sso_user: flag,
  is_super_admin: flag,
  user_metadata: object,
  app_metadata: object,
  password_hash: ofJson(z.union([z.string(), z.record(z.string(), z.unknown())])),
  password_salt: text,
  vouched: flag,
  ...partForms,
})

/** What presets say beside the fields of a line: identities in addition to its own, defaults of metadata, what is missing. */
const presetForm = recordForm.extend({
  linked: list(identity),
  profile: object,
  /** Second factors that cannot be taken, with the reason. */
  lost_factors: list(z.string()),
  must_exist: flag,
})

/** A line that was read. */
export type Fields = z.output<typeof presetForm>

/** Names of fields that --map may name. */
export const fieldNames = Object.keys(recordForm.shape)

/** Names within the lists of a line. */
export const namesWithin: Record<string, readonly string[]> = {
  identities: Object.keys(identity.shape),
  factors: Object.keys(factor.shape),
  ...Object.fromEntries(
    accountTables.flatMap(({ name, columns }) =>
      name === 'identities' || name === 'factors' ? [] : [[name, columns]],
    ),
  ),
}

/**
 * The fields of a line.
 * @throws LineError naming the field
 */
export function readFields(raw: unknown): Fields {
  const read = presetForm.safeParse(raw)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new LineError(`${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'cannot be read'}`)
  }
  for (const [name, value] of Object.entries(read.data))
    if (/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(value) ?? ''))
      throw new LineError(`${name} contains a character that cannot be stored`)
  return read.data
}
