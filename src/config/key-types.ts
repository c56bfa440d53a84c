// The types that a variable can have: how its text is read, and what the configuration holds.

/** `events` in `per_ms`; `fixed` windows begin anew, others refill one at a time. */
export interface Rate {
  events: number
  per_ms: number
  fixed: boolean
}

/** A variable: the names it is read under, how, its default as text, and a sentence for people. */
export interface Key<Value> {
  env: readonly string[]
  type: string
  /** The default as a user would write it; `''` for none. */
  fallback: string
  about: string
  /** @throws Error with what is wrong, without the variable's name */
  read(text: string): Value
}

const make =
  <Value>(type: string, read: (text: string) => Value, empty: string) =>
  (env: string, fallback: string, about: string): Key<Value> => {
    const names = env.split(' ')
    return { env: names, type, fallback, about, read: (text) => read(text === '' ? empty : text) }
  }

/** Text, used as given. */
export const text = make('text', (value) => value, '')
/** `true`, `false`, `1`, `0`, `t`, `f` in any case. */
export const bool = make('bool', readBool, 'false')
/** A whole number. */
export const int = make('int', (value) => readNumber(value, true), '0')
/** A number. */
export const number = make('number', (value) => readNumber(value, false), '0')
/** Milliseconds, written as Go writes durations: `300ms`, `10s`, `1h30m`. */
export const duration = make('duration', readDuration, '0s')
/** Texts with commas between. */
export const list = make('list', (value) => split(value, ','), '')
/** Texts with `|` between. */
export const pipes = make('list with "|" between', (value) => split(value, '|'), '')
/** `key:value,key:value`. */
export const map = make('map', readMap, '')
/** Events an hour, or `events/duration`. */
export const rate = make('rate', readRate, '0')
/** Milliseconds since the epoch from RFC 3339, or null. */
export const time = make('time (RFC 3339)', readTime, '')
/** Sets of characters with `:` between; `\:` is a colon. */
export const characters = make('character sets, ":" between, "\\:" a colon', readCharacters, '')

function readBool(value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true
  if (/^(0|f|false)$/i.test(value)) return false
  throw new Error('must be true or false')
}

function readNumber(value: string, whole: boolean): number {
  const parsed = Number(value)
  if (value.trim() === '' || !Number.isFinite(parsed)) throw new Error(`must be a ${whole ? 'whole ' : ''}number`)
  if (whole && !Number.isSafeInteger(parsed)) throw new Error('must be a whole number')
  return parsed
}

const units: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

function readDuration(value: string): number {
  const match = /^([+-]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(value)
  if (!match) throw new Error('must be a duration such as 300ms, 10s or 1h30m')
  let total = 0
  for (const [, amount = '0', unit = 's'] of (match[2] ?? '').matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(amount) * (units[unit] ?? 0)
  return match[1] === '-' ? -total : total
}

const split = (value: string, mark: string): string[] =>
  value
    .split(mark)
    .map((part) => part.trim())
    .filter((part) => part !== '')

function readMap(value: string): Record<string, string> {
  const pairs = split(value, ',').map((pair): [string, string] => {
    const at = pair.search(/[:=]/)
    if (at < 1) throw new Error('must be key:value pairs with commas between')
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
  })
  return Object.fromEntries(pairs)
}

function readRate(value: string): Rate {
  const [events = '', per] = value.split('/')
  const amount = readNumber(events, false)
  if (amount < 0) throw new Error('must not be negative')
  if (per === undefined) return { events: amount, per_ms: 3_600_000, fixed: true }
  const per_ms = readDuration(per)
  if (per_ms <= 0) throw new Error('must be events/duration such as 30/1h')
  return { events: amount, per_ms, fixed: false }
}

function readTime(value: string): number | null {
  if (value === '') return null
  const ms = Date.parse(value)
  if (!/^\d{4}-\d\d-\d\d[T ]/.test(value) || Number.isNaN(ms)) throw new Error('must be a time such as 2026-12-31T00:00:00Z')
  return ms
}

function readCharacters(value: string): string[] {
  if (value === '') return []
  return value
    .replaceAll('\\:', '\0')
    .split(':')
    .map((set) => set.replaceAll('\0', ':'))
    .filter((set) => set !== '')
}
