// The verbs of printf: v s q t d b o O x X c U e E f F g G T.
import { failExecution } from './error.ts'
import { formatFloat } from './format.ts'
import { formatFloatAs } from './format-float.ts'
import { isPrintable, quote } from './quote.ts'
import { Int, isNil, isObject, sortedEntries, typeName } from './values.ts'

/** How one value is to be shown. */
export interface Verb {
  letter: string
  flags: string
  width: number
  /** Left out: null. */
  precision: number | null
  /** Characters that can still be written, shared by all verbs of a call. */
  room: { left: number }
}

/** A value as its verb asks for; members of lists and maps one by one. */
export function showVerb(value: unknown, asked: Verb): string {
  const { letter } = asked
  // With `v` these flags ask for names of fields and for Go's syntax, which values of JSON do without.
  const verb = letter === 'v' ? { ...asked, flags: asked.flags.replace(/[+#]/g, '') } : asked
  if (letter === 'T') return pad(typeName(value), verb)
  if (isNil(value)) return letter === 'v' ? pad('<nil>', verb) : `%!${letter}(<nil>)`
  if (Array.isArray(value)) return `[${value.map((item) => (isNil(item) ? '<nil>' : showVerb(item, verb))).join(' ')}]`
  if (isObject(value)) {
    const member = ([name, item]: [string, unknown]) =>
      `${showVerb(name, verb)}:${isNil(item) ? '<nil>' : showVerb(item, verb)}`
    return `map[${sortedEntries(value).map(member).join(' ')}]`
  }
  const text = showPlain(value, verb) ?? `%!${letter}(${typeName(value)}=${showPlain(value, { ...verb, letter: 'v' })})`
  // Counted for each member, since a width for every member of a long list would fill the memory.
  verb.room.left -= text.length
  return verb.room.left < 0 ? failExecution('the text is longer than a megabyte') : text
}

/** A text, number or boolean; null when the verb is not for it. */
function showPlain(value: unknown, verb: Verb): string | null {
  if (value instanceof Int) return showInt(value.value, verb)
  if (typeof value === 'number') return showFloat(value, verb)
  if (typeof value === 'string') return showText(value, verb)
  return verb.letter === 't' || verb.letter === 'v' ? pad(String(value), verb) : null
}

function showText(value: string, verb: Verb): string | null {
  const { letter, precision, flags } = verb
  const text = precision === null ? value : Array.from(value).slice(0, precision).join('')
  if (letter === 's' || letter === 'v') return pad(text, verb)
  if (letter === 'q') return pad(quote(text, '"', flags), verb)
  if (letter !== 'x' && letter !== 'X') return null
  const bytes = Buffer.from(value).subarray(0, precision ?? undefined)
  const prefix = flags.includes('#') && bytes.length > 0 ? '0x' : ''
  const hex = flags.includes(' ')
    ? Array.from(bytes, (byte) => prefix + byte.toString(16).padStart(2, '0')).join(' ')
    : prefix + bytes.toString('hex')
  return pad(letter === 'X' ? hex.toUpperCase() : hex, verb)
}

const bases: Record<string, number> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }
const prefixes: Record<string, string> = { b: '0b', o: '0', x: '0x', X: '0X' }

function showInt(value: number, verb: Verb): string | null {
  const { letter, flags, precision } = verb
  const isCharacter = value >= 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff)
  const character = isCharacter ? String.fromCodePoint(value) : '\ufffd'
  if (letter === 'c') return pad(character, verb)
  if (letter === 'q') return pad(quote(character, "'", flags), verb)
  if (letter === 'U') {
    const code = BigInt.asUintN(64, BigInt(value)).toString(16).toUpperCase().padStart(4, '0')
    return pad(`U+${code}${flags.includes('#') && isPrintable(character) ? ` '${character}'` : ''}`, verb)
  }
  const base = bases[letter]
  if (base === undefined) return null
  if (precision === 0 && value === 0) return ''.padStart(verb.width)
  const digits = Math.abs(value)
    .toString(base)
    .padStart(precision ?? 0, '0')
  const prefix = letter === 'O' ? '0o' : flags.includes('#') ? (prefixes[letter] ?? '') : ''
  return padNumber(value < 0, prefix, letter === 'X' ? digits.toUpperCase() : digits, verb, precision === null)
}

function showFloat(value: number, verb: Verb): string | null {
  const digits = formatFloatAs(verb.letter, Math.abs(value), verb.precision)
  if (digits === null || !Number.isFinite(value)) return digits && pad(formatFloat(value), verb)
  return padNumber(value < 0 || Object.is(value, -0), '', digits, verb, true)
}

/** Zeros go between the sign and the digits. */
function padNumber(isNegative: boolean, prefix: string, digits: string, verb: Verb, canHaveZeros: boolean): string {
  const { flags, width } = verb
  const sign = isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  if (!canHaveZeros || !flags.includes('0') || flags.includes('-'))
    return pad(sign + prefix + digits, { ...verb, flags: flags.replaceAll('0', '') })
  return sign + prefix + digits.padStart(width - sign.length, '0')
}

/** Width counts characters. */
function pad(text: string, { flags, width }: Verb): string {
  const missing = Math.max(0, width - Array.from(text).length)
  if (flags.includes('-')) return text + ' '.repeat(missing)
  return (flags.includes('0') ? '0' : ' ').repeat(missing) + text
}
