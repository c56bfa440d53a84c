// The functions of the template language.
import { escapeHtml } from '../../escape-html.ts'
import { failExecution as fail } from './error.ts'
import { formatValue, printAll } from './format.ts'
import { printf } from './printf.ts'
import { escapeQuery, escapeScript } from './text-escapers.ts'
import { compareTexts, Int, isNil, isObject, isTrue, numberOf, ownProperty, typeName } from './values.ts'

/** A function, with how many arguments it takes. */
interface TemplateFunction {
  least: number
  most: number
  call(args: readonly unknown[]): unknown
}

const comparing = (call: (a: unknown, b: unknown) => boolean): TemplateFunction => ({
  least: 2,
  most: 2,
  call: ([a, b]) => call(a, b),
})
const anyNumber = (least: number, call: TemplateFunction['call']): TemplateFunction => ({
  least,
  most: Number.POSITIVE_INFINITY,
  call,
})

/** By name. The evaluator calls `and` and `or` with what it has evaluated: up to the value that decides. */
const functions: Record<string, TemplateFunction> = {
  and: anyNumber(1, (args) => args.at(-1)),
  or: anyNumber(1, (args) => args.at(-1)),
  not: { least: 1, most: 1, call: ([value]) => !isTrue(value) },
  eq: anyNumber(1, ([first, ...others]) =>
    others.length === 0 ? fail('missing argument for comparison') : others.some((other) => isEqual(first, other)),
  ),
  ne: comparing((a, b) => !isEqual(a, b)),
  lt: comparing((a, b) => compare(a, b) < 0),
  le: comparing((a, b) => compare(a, b) <= 0),
  gt: comparing((a, b) => compare(a, b) > 0),
  ge: comparing((a, b) => compare(a, b) >= 0),
  len: { least: 1, most: 1, call: ([value]) => new Int(lengthOf(value)) },
  index: anyNumber(1, ([value, ...keys]) => keys.reduce(indexed, value)),
  slice: { least: 1, most: 4, call: ([value, ...bounds]) => sliced(value, bounds) },
  print: anyNumber(0, printAll),
  println: anyNumber(0, (args) => `${args.map(formatValue).join(' ')}\n`),
  printf: anyNumber(1, ([format, ...args]) =>
    typeof format === 'string' ? printf(format, args) : fail(`expected string; found ${typeName(format)}`),
  ),
  html: anyNumber(0, (args) => escapeHtml(joined(args))),
  js: anyNumber(0, (args) => escapeScript(joined(args))),
  urlquery: anyNumber(0, (args) => escapeQuery(joined(args))),
  call: anyNumber(1, ([value]) => fail(isNil(value) ? 'call of nil' : `${typeName(value)} is no function`)),
}

/** Whether templates can call something by this name. */
export const isFunction = (name: string): boolean => Object.hasOwn(functions, name)

/**
 * Calls a function with evaluated arguments.
 * @throws TemplateError execute, without a place
 */
export function callFunction(name: string, args: readonly unknown[]): unknown {
  const { least, most, call } = functions[name] ?? fail(`function "${name}" not defined`)
  if (args.length >= least && args.length <= most) return call(args)
  const wanted = least === most ? String(least) : args.length < least ? `at least ${least}` : `at most ${most}`
  return fail(`wrong number of args for ${name}: want ${wanted} got ${args.length}`)
}

/** What an escaping function escapes: a missing value alone is nothing, as where it is printed without one. */
const joined = (args: readonly unknown[]): string => (args.length === 1 && isNil(args[0]) ? '' : printAll(args))

/** Numbers compare by value, whether JSON or the template brought them: more than Go does, which refuses `eq .n 12`. */
function isEqual(a: unknown, b: unknown): boolean {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== null && y !== null) return x === y
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b)
  for (const value of [a, b])
    if (isObject(value) || Array.isArray(value)) return fail(`${typeName(value)} cannot be compared`)
  return typeName(a) === typeName(b) ? a === b : fail(`${typeName(a)} and ${typeName(b)} cannot be compared`)
}

/** Below zero when the first is less. */
function compare(a: unknown, b: unknown): number {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== null && y !== null) return x - y
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  return fail(`${typeName(a)} and ${typeName(b)} have no order`)
}

/** Texts are counted in bytes. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  return isObject(value) ? Object.keys(value).length : fail(`${typeName(value)} has no length`)
}

/** A whole number from zero up to a limit. */
function position(value: unknown, limit: number): number {
  const number = numberOf(value)
  if (number === null || !Number.isInteger(number)) return fail(`${typeName(value)} cannot be an index`)
  return number >= 0 && number <= limit ? number : fail(`index out of range: ${number}`)
}

/** A member of a list or map, or a byte of a text. */
function indexed(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) return value[position(key, value.length - 1)]
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return new Int(bytes[position(key, bytes.length - 1)] ?? 0)
  }
  if (!isObject(value)) return fail(`${typeName(value)} has no index`)
  return typeof key === 'string' ? ownProperty(value, key) : fail(`a map has no index of type ${typeName(key)}`)
}

function sliced(value: unknown, bounds: readonly unknown[]): unknown {
  const isText = typeof value === 'string'
  if (!isText && !Array.isArray(value)) return fail(`${typeName(value)} cannot be sliced`)
  if (isText && bounds.length > 2) return fail('a text cannot be sliced with three bounds')
  const all = isText ? Buffer.from(value) : value
  const [from = 0, to = all.length] = bounds.map((bound) => position(bound, all.length))
  if (from > to) return fail(`bounds of slice are the wrong way round: ${from} and ${to}`)
  return isText ? all.slice(from, to).toString() : all.slice(from, to)
}
