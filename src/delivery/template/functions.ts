// The functions of the template language.
import { TemplateError } from './error.ts'
import { formatValue, Int, numberOf, printf } from './format.ts'

const fail = (message: string): never => {
  throw new TemplateError('execute', message)
}

/** Whether a value counts as true: not empty, not zero, not null. */
export function isTrue(value: unknown): boolean {
  if (value instanceof Int) return value.value !== 0
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

function equal(a: unknown, b: unknown): boolean {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== null && y !== null) return x === y
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null)
  if (typeof a === 'object' || typeof b === 'object') return fail('non-comparable types cannot be compared')
  if (typeof a !== typeof b) return fail('incompatible types for comparison')
  return a === b
}

function less(a: unknown, b: unknown): boolean {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== null && y !== null) return x < y
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
  return fail('invalid type for comparison')
}

function lengthOf(value: unknown): Int {
  if (typeof value === 'string') return new Int(Buffer.byteLength(value))
  if (Array.isArray(value)) return new Int(value.length)
  if (typeof value === 'object' && value !== null && !(value instanceof Int)) return new Int(Object.keys(value).length)
  return fail('len of a value that has none')
}

function indexOf(value: unknown, ...keys: unknown[]): unknown {
  return keys.reduce((item: unknown, key) => {
    if (Array.isArray(item)) {
      const at = numberOf(key)
      if (at === null || !Number.isInteger(at) || at < 0 || at >= item.length) return fail('index out of range')
      return item[at]
    }
    if (typeof item === 'object' && item !== null && !(item instanceof Int)) {
      if (typeof key !== 'string') return fail('a map is indexed by a text')
      return Object.hasOwn(item, key) ? Reflect.get(item, key) : null
    }
    if (typeof item === 'string') {
      const bytes = Buffer.from(item)
      const at = numberOf(key)
      if (at === null || at < 0 || at >= bytes.length) return fail('index out of range')
      return new Int(bytes[at] ?? 0)
    }
    return fail('cannot index this value')
  }, value)
}

function sliceOf(value: unknown, ...bounds: unknown[]): unknown {
  const size =
    typeof value === 'string'
      ? Buffer.byteLength(value)
      : Array.isArray(value)
        ? value.length
        : fail('cannot slice this value')
  const [from = 0, to = size] = bounds.map((bound) => numberOf(bound) ?? fail('a bound of slice must be a number'))
  if (from < 0 || to > size || from > to) return fail('slice bounds out of range')
  return typeof value === 'string'
    ? Buffer.from(value).subarray(from, to).toString()
    : (value as unknown[]).slice(from, to)
}

/** `html`: the characters that are special in HTML. */
export const htmlEscape = (text: string): string =>
  text.replace(
    /[<>&'"\0]/g,
    (character) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&#34;' })[character] ?? '\ufffd',
  )

/** `urlquery`: everything but letters, digits and `-_.~`, spaces as plus. */
const urlQuery = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

/** `js`: safe within quotes of a script. */
const jsEscape = (text: string): string =>
  text.replace(
    /[\\'"<>&=\u0000-\u001f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )

const texts = (args: unknown[]): string => (args.length === 1 && typeof args[0] === 'string' ? args[0] : print(args))

/** Spaces between operands when neither is a text. */
function print(args: unknown[]): string {
  return args.reduce<string>((text, arg, i) => {
    const between = i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string' ? ' ' : ''
    return text + between + formatValue(arg, true)
  }, '')
}

/** Functions by name; `and`, `or` are evaluated where their arguments are, since they stop early. */
export const functions: Record<string, (...args: unknown[]) => unknown> = {
  not: (value) => !isTrue(value),
  eq: (first, ...others) =>
    others.length === 0 ? fail('missing argument for comparison') : others.some((other) => equal(first, other)),
  ne: (a, b) => !equal(a, b),
  lt: (a, b) => less(a, b),
  le: (a, b) => less(a, b) || equal(a, b),
  gt: (a, b) => !less(a, b) && !equal(a, b),
  ge: (a, b) => !less(a, b),
  len: (value) => lengthOf(value),
  index: (value, ...keys) => indexOf(value, ...keys),
  slice: (value, ...bounds) => sliceOf(value, ...bounds),
  print: (...args) => print(args),
  println: (...args) => `${args.map((arg) => formatValue(arg, true)).join(' ')}\n`,
  printf: (format, ...args) =>
    typeof format === 'string' ? printf(format, args) : fail('printf needs a text as format'),
  html: (...args) => htmlEscape(texts(args)),
  js: (...args) => jsEscape(texts(args)),
  urlquery: (...args) => urlQuery(texts(args)),
  call: () => fail('there is nothing that can be called'),
}
