// The types that a variable can have: how its text is read, and what the configuration holds.
import { availableParallelism } from 'node:os'
import { readDuration, readRate, readTime } from './times.ts'

export type { Rate } from './times.ts'

const century_s = 100 * 365.25 * 86_400

/** A variable: the names it is read under, how, its default as text, and a sentence for people. */
export interface Key<Value> {
  /** The first name that has a value wins. */
  env: readonly string[]
  type: string
  /** The default as a user would write it; `''` for none. */
  fallback: string
  about: string
  /** Whether `''` is a value of its own; else it counts as absent. */
  keeps_empty: boolean
  /** Whether the feature that it belongs to is still missing. */
  pending: boolean
  /** Whether the value must be known to nobody else. */
  is_secret: boolean
  /** @throws Error that says what is wrong, without the variable's name and without the value, which may be a secret */
  read(text: string): Value
}

/** Whether an entry of a table is a variable, and no table of its own. */
export const isKey = (entry: object): entry is Key<unknown> => 'read' in entry && typeof entry.read === 'function'

/** Makes keys of a type: names with a space between, the default, a sentence. */
type Make<Value> = (env: string, fallback: string, about: string) => Key<Value>

function type<Value>(name: string, read: (text: string) => Value, empty = '', keeps_empty = false): Make<Value> {
  return (env, fallback, about) => ({
    env: env.split(' '),
    type: name,
    fallback: fallback || empty,
    about,
    keeps_empty,
    pending: false,
    is_secret: false,
    read,
  })
}

/** Marks the variable of a feature that is still missing: it is read, and switching it on gives a warning. */
export const pending = <Value>(key: Key<Value>): Key<Value> => ({ ...key, pending: true })

/** Marks a variable whose value must be known to nobody else. */
export const secret = <Value>(key: Key<Value>): Key<Value> => ({ ...key, is_secret: true })

/** Text, used as given. */
export const text = type('text', (value) => value, '', true)
/** An address, a host or the path of a file: blanks around it, as a copied line brings along, are none of it. */
export const address = type('address', (value) => value.trim(), '', true)
/** The name of a header (RFC 9110 §5.1); another text could not even be looked for. */
export const header = type('name of a header', readHeaderName, '', true)
/** Text for which an empty value makes no sense. */
export const filledText = type('text, not empty', (value) => value.trim())
/** `true`, `false`, `t`, `f`, `1`, `0` in any case. */
export const bool = type('bool', readBool, 'false')
/** A whole number, 0 or more, written as Go writes them: `3600`, `3_600`, `0xe10`; a leading zero makes it octal. */
export const int = type('int', (value) => readWhole(value), '0')
/** A whole number of seconds, a hundred years at most: later times than those of a database come to no good. */
export const seconds = type('seconds', (value) => readWhole(value, century_s), '0')
/** A share in percent. */
export const percent = type('percent', (value) => readWhole(value, 100), '0')
/** A port to listen on, where 0 is any that is free. */
export const port = type('port', (value) => readPort(value, 0))
/** A port of another machine. */
export const remotePort = type('port', (value) => readPort(value, 1))
/** A number, 0 or more. */
export const number = type('number', readNumber, '0')
/** Milliseconds, written as Go writes durations: `300ms`, `10s`, `1h30m`; a hundred years at most. */
export const duration = type('duration', (value) => readTimespan(value, century_s * 1000), '0s')
/** The same where a clock runs down: 24 days at most, since a longer one would end at once. */
export const timeout = type('duration', (value) => readTimespan(value, 2 ** 31 - 1), '0s')
/** Texts with commas between. */
export const list = type('list', (value) => split(value, ','))
/** Texts with `|` between. */
export const pipes = type('list with "|" between', (value) => split(value, '|'))
/** `key:value,key:value`; a value may contain colons. */
export const map = type('map', (value) => readPairs(value, ':'))
/** `key=value,key=value`; a key may contain colons, and neither is empty. */
export const assignments = type('key=value,key=value', (value) => readPairs(value, '=', 1))
/** Events an hour, or `events/duration`. */
export const rate = type('rate', (value) => readRate(value.trim()), '0')
/** Milliseconds since the epoch, or null; RFC 3339. */
export const time = type('time (RFC 3339)', (value) => readTime(value.trim()))
/** Sets of characters with `:` between; `\:` is a colon. */
export const characters = type('character sets, ":" between, "\\:" a colon', readCharacters)

/** Some of a few words with commas between, in any case; `all` is all of them. */
export function words<const Word extends string>(known: readonly Word[]): Make<readonly Word[]> {
  return type('list', (value) => {
    const named = split(value.toLowerCase(), ',')
    const unknown = named.find((word) => word !== 'all' && !known.some((one) => one === word))
    if (unknown !== undefined) throw new Error(`must be a list of ${known.join(', ')}, or all`)
    return known.filter((word) => named.includes(word) || named.includes('all'))
  })
}
/** A number of processes, 1 to 256; `auto` is one a processor core. */
export const processes = type('number, or auto', (value) => {
  if (/^\s*auto\s*$/i.test(value)) return availableParallelism()
  const count = readWhole(value, 256)
  if (count === 0) throw new Error('must be 1 or more, or auto')
  return count
})

/** One of some words, in any case. */
export function choice<const Word extends string>(...words: readonly Word[]): Make<Word> {
  return type(words.join(', '), (value) => {
    const found = words.find((word) => word === value.trim().toLowerCase())
    if (found === undefined) throw new Error(`must be ${words.join(' or ')}`)
    return found
  })
}

function readHeaderName(value: string): string {
  const name = value.trim()
  if (!/^[\w!#$%&'*+.^`|~-]*$/.test(name)) throw new Error('must be the name of a header, such as X-Forwarded-For')
  return name
}

function readBool(value: string): boolean {
  if (/^\s*(1|t|true)\s*$/i.test(value)) return true
  if (/^\s*(0|f|false)\s*$/i.test(value)) return false
  throw new Error('must be true or false')
}

function readWhole(value: string, most = Number.MAX_SAFE_INTEGER): number {
  const [, sign, digits = ''] = /^([+-]?)(.*)$/s.exec(value.trim()) ?? []
  const parsed = isWhole.test(digits) ? Number(digits.replaceAll('_', '').replace(/^0(?=\d)/, '0o')) : Number.NaN
  if (sign === '-' && parsed > 0) throw new Error('must not be negative')
  if (!Number.isSafeInteger(parsed)) throw new Error('must be a whole number')
  if (parsed > most) throw new Error(`must be ${most} at most`)
  return parsed
}

/** A literal of a whole number in Go, with any of its bases. */
const isWhole = /^(0|[1-9](_?\d)*|0[o_]?[0-7](_?[0-7])*|0b(_?[01])+|0x(_?[\da-f])+)$/i

function readPort(value: string, least: number): number {
  const digits = value.trim()
  if (!/^\d{1,5}$/.test(digits) || Number(digits) < least || Number(digits) > 65_535)
    throw new Error(`must be a port, ${least} to 65535`)
  return Number(digits)
}

function readNumber(value: string): number {
  const digits = value.trim().replace(/(?<=\d)_(?=\d)/g, '')
  const parsed = Number(digits)
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits) || !Number.isFinite(parsed))
    throw new Error('must be a number')
  if (parsed < 0) throw new Error('must not be negative')
  return parsed
}

function readTimespan(value: string, most_ms: number): number {
  const ms = readDuration(value.trim())
  if (ms < 0) throw new Error('must not be negative')
  if (ms > most_ms) throw new Error(`must be ${Math.floor(most_ms / 3_600_000)}h at most`)
  return ms
}

const split = (value: string, mark: string): string[] => value.split(mark).flatMap((part) => part.trim() || [])

function readPairs(value: string, mark: string, least = 0): Record<string, string> {
  const pairs = split(value, ',').map((pair): [string, string] => {
    const at = pair.indexOf(mark)
    if (at < 1 || pair.length < at + 1 + least)
      throw new Error(`must be pairs such as key${mark}value, with commas between`)
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
  })
  return Object.fromEntries(pairs)
}

function readCharacters(value: string): string[] {
  // A colon that no backslash precedes ends a set.
  return value.split(/(?<!\\):/).flatMap((set) => set.replaceAll('\\:', ':') || [])
}
