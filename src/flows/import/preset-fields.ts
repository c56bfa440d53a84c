// How fields of other systems are read, where presets have that in common.
import { parseFileJson } from './parse-file-json.ts'
import { bookkeeping, lost, type Raw } from './preset-columns.ts'
import { LineError, readFlag } from './record-form.ts'

/** A text, `''` for anything else. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
/** Whether a value says yes. */
export const isTrue = (value: unknown): boolean => readFlag(value) === true
/** Whether a value says no. */
export const isFalse = (value: unknown): boolean => readFlag(value) === false
/** A time of which 0 means never. */
export const unlessZero = (value: unknown): unknown => (Number(value) === 0 ? undefined : value)
/** Fields that say something. */
export const filled = (fields: Raw): Raw =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== '' && value !== null),
  )
/** The value of a text that holds JSON, or the value itself. @throws LineError naming the field */
export const json = (field: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value
  try {
    return parseFileJson(value)
  } catch {
    throw new LineError(`${field}: is not JSON`)
  }
}
/** A list, also of a text with commas or bars. */
export const words = (value: unknown): unknown[] =>
  Array.isArray(value)
    ? value
    : text(value)
        .split(/[,|]/)
        .map((word) => word.trim())
        .filter((word) => word !== '')

/** A record whose first and last name make up its name, where it has none. */
export function withName(record: Raw): Raw {
  const profile: Raw = Object(record.profile)
  const name = text(profile.name) || [text(profile.first_name), text(profile.last_name)].filter(Boolean).join(' ')
  return name === '' ? record : { ...record, profile: { ...profile, name } }
}

/** Names of providers elsewhere, where they are others than ours. */
const providers: Record<string, string> = {
  'google-oauth2': 'google',
  'google.com': 'google',
  'github.com': 'github',
  'apple.com': 'apple',
  'facebook.com': 'facebook',
  'twitter.com': 'twitter',
  'microsoft.com': 'azure',
  'linkedin.com': 'linkedin_oidc',
  'yahoo.com': 'yahoo',
  windowslive: 'azure',
  microsoft: 'azure',
  LoginWithAmazon: 'amazon',
  SignInWithApple: 'apple',
}

/** A linked provider, as a record of one. */
export function linked(name: unknown, id: unknown, more: Raw = {}): Raw {
  const provider = providers[text(name)] ?? text(name).toLowerCase()
  const provider_id = String(id ?? '')
  return { linked: [{ provider, provider_id, identity_data: { sub: provider_id, ...filled(more) } }] }
}

/** What only the service has a use for. */
export const ofService = bookkeeping('only the other system has a use for it')
/** What names second factors without their secrets. */
export const withoutSecret = lost('it names second factors without their secrets; people set them up again')
/** Tokens of providers. */
export const tokens = bookkeeping('tokens of providers end with the move')
/** base64 with its usual letters, of either alphabet. */
export const standardBase64 = (value: string): string => Buffer.from(value, 'base64').toString('base64')
