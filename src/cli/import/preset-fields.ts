// What presets of imports share: their type, and how fields of other systems are read.
import { LineError } from './to-imported-user.ts'

/** An account as another system writes it. */
export type Raw = Record<string, unknown>

/** Values that a preset needs beside the file. */
export interface PresetOptions {
  signer_key: string
  salt_separator: string
  rounds: string
  mem_cost: string
}

/** A form of exports. */
export interface Preset {
  title: string
  /** What the file is. */
  file: string
  record(raw: Raw, options: PresetOptions): Raw
}

/** A text, `''` for anything else. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
/** Objects of a list. */
export const list = (value: unknown): Raw[] => (Array.isArray(value) ? value.map((item) => Object(item)) : [])
/** True, also as a text. */
export const isTrue = (value: unknown): boolean => value === true || value === 'true'
/** Fields that say something. */
export const filled = (fields: Raw): Raw =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== '' && value !== null),
  )
/** A time of milliseconds since the epoch, RFC 3339. */
export const fromMs = (value: unknown): string | undefined => {
  const ms = Number(value)
  return value === undefined || value === '' || !Number.isFinite(ms) ? undefined : new Date(ms).toISOString()
}
/** A text that holds a JSON object; @throws LineError naming the field */
export const json = (field: string, value: unknown): Raw => {
  try {
    return typeof value === 'string' && value !== '' ? Object(JSON.parse(value)) : Object(value ?? {})
  } catch {
    throw new LineError(`${field}: is not JSON`)
  }
}
/** First and last name in one. */
export const names = (first: unknown, last: unknown) =>
  [text(first), text(last)].filter((name) => name !== '').join(' ')

/** Names of providers elsewhere, where they are others than ours. */
const providers: Record<string, string> = {
  'google-oauth2': 'google',
  'google.com': 'google',
  'github.com': 'github',
  'apple.com': 'apple',
  'facebook.com': 'facebook',
  'twitter.com': 'twitter',
  'microsoft.com': 'azure',
  windowslive: 'azure',
  microsoft: 'azure',
}
const provider = (name: unknown): string => providers[text(name)] ?? text(name)
/** A linked provider. */
export const identity = (name: unknown, id: unknown, more: Raw = {}): Raw => ({
  provider: provider(name),
  provider_id: String(id ?? ''),
  identity_data: { sub: String(id ?? ''), ...filled(more) },
})

/** Linked providers, and the address or number itself where there is a password or nothing else. */
export function identitiesOf(linked: Raw[], own: { email?: unknown; phone?: unknown; has_password: boolean }): Raw {
  return linked.length === 0 || own.has_password ? {} : { identities: linked }
}
