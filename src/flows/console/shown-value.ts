// Values of the configuration as somebody may see them: secrets are hidden, addresses come without their passwords and keys.
import type { Key } from '../../config/key-types.ts'

/** What stands for a secret; `''` where none is set. */
const dots = '••••••••'

/** An address without user and password, and without what the parameters of its query are, of which one may be a key. */
export const shownAddress = (address: string): string =>
  URL.canParse(address)
    ? withoutUser(address).replace(/([?&][^=&#]*=)[^&#]+/g, (_, name: string) => `${name}${dots}`)
    : address

function withoutUser(address: string): string {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  if (url.username === '' && url.password === '') return address
  return Object.assign(url, { username: '', password: '' }).href
}

/** A value as it would be written into its variable. */
export function shownValue(key: Key<unknown>, value: unknown): string {
  if (key.is_secret) return isEmpty(value) ? '' : dots
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return key.type === 'duration' ? shownDuration(value) : String(value)
  if (Array.isArray(value))
    return value.map((item) => withoutUser(String(item))).join(key.type.includes('|') ? '|' : ',')
  if (typeof value === 'object') return shownObject(key, value)
  return key.type === 'address' ? shownAddress(String(value)) : withoutUser(String(value))
}

function shownObject(key: Key<unknown>, value: object): string {
  const { events, per_ms } = value as { events?: unknown; per_ms?: unknown }
  if (key.type === 'rate' && typeof events === 'number')
    return typeof per_ms === 'number' ? `${events}/${shownDuration(per_ms)}` : String(events)
  return Object.entries(value)
    .map(([name, member]) => `${name}${key.type.includes('=') ? '=' : ':'}${withoutUser(String(member))}`)
    .join(',')
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0)

function shownDuration(ms: number): string {
  const units: [string, number][] = [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ]
  const [unit, size] = units.find(([, length]) => ms >= length && ms % length === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}
