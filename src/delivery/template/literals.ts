// What literals of a template stand for; null where one is malformed.
import { Int } from './values.ts'

const simpleEscapes: Record<string, number> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 }
const escapes = /\\(?:x([\da-fA-F]{2})|([0-3][0-7]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([abfnrtv\\'"]))?/gu

/** The text of a literal in double quotes, backquotes or single quotes, with its quotes. */
export function unquote(literal: string): string | null {
  const quote = literal.charAt(0)
  const inner = literal.slice(1, -1)
  if (quote === '`') return inner.replaceAll('\r', '')
  const parts: Buffer[] = []
  let end = 0
  for (const match of inner.matchAll(escapes)) {
    const bytes = escapedBytes(match, quote)
    if (!bytes) return null
    parts.push(Buffer.from(inner.slice(end, match.index)), bytes)
    end = match.index + match[0].length
  }
  parts.push(Buffer.from(inner.slice(end)))
  return Buffer.concat(parts).toString()
}

/** `\x` and octal escapes are bytes of UTF-8, the others characters. */
function escapedBytes([, hex, octal, short, long, simple]: RegExpExecArray, quote: string): Buffer | null {
  if (hex !== undefined) return Buffer.from(hex, 'hex')
  if (octal !== undefined) return Buffer.from([Number.parseInt(octal, 8)])
  if (simple !== undefined) {
    const code = simple === quote ? quote.charCodeAt(0) : simpleEscapes[simple]
    return code === undefined ? null : Buffer.from([code])
  }
  const code = Number.parseInt(short ?? long ?? '', 16)
  const isCharacter = code < 0xd800 || (code > 0xdfff && code <= 0x10ffff)
  return isCharacter ? Buffer.from(String.fromCodePoint(code)) : null
}

/** The code of a character in single quotes. */
export function characterCode(literal: string): Int | null {
  const [character, ...more] = unquote(literal) ?? ''
  return character === undefined || more.length > 0 ? null : new Int(character.codePointAt(0) ?? 0)
}

const whole =
  /^([+-]?)(0[xX]_?[\da-fA-F]+(?:_[\da-fA-F]+)*|0[bB]_?[01]+(?:_[01]+)*|0[oO]_?[0-7]+(?:_[0-7]+)*|\d+(?:_\d+)*)$/
const fractional = /^[+-]?(?:\d+(?:_\d+)*)?\.?(?:\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?$/

/** A number: a fraction or an exponent makes it a float64; whole numbers must be exact. */
export function parseNumber(text: string): Int | number | null {
  const match = whole.exec(text)
  if (match) {
    const [, sign, digits = ''] = match
    const plain = digits.replaceAll('_', '')
    // A leading zero means base eight.
    const isOctal = /^0\d/.test(plain)
    if (isOctal && /[89]/.test(plain)) return null
    const value = (isOctal ? Number.parseInt(plain, 8) : Number(plain)) * (sign === '-' ? -1 : 1)
    return Number.isSafeInteger(value) ? new Int(value === 0 ? 0 : value) : null
  }
  if (!fractional.test(text) || !/\d/.test(text)) return null
  const value = Number(text.replaceAll('_', ''))
  return Number.isFinite(value) ? value : null
}
