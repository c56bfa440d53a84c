// The values that templates compute with: those of JSON, and whole numbers that the template itself brought.
import { isJsonObject } from '../../json-values.ts'

/** A whole number written in a template or counted by it, apart from the floating-point numbers of JSON. */
export class Int {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** A JSON object; only its own properties are ever looked at. */
export type ObjectValue = Record<string, unknown>

/** Nothing: null, or a name that is missing. */
export const isNil = (value: unknown): value is null | undefined => value === null || value === undefined

/** Whether a value is an object with fields. */
export const isObject = (value: unknown): value is ObjectValue => isJsonObject(value) && !(value instanceof Int)

/** The number in a value, or null when it is none. */
export const numberOf = (value: unknown): number | null =>
  value instanceof Int ? value.value : typeof value === 'number' ? value : null

/** A property of its own; never one that JavaScript gives to every object. */
export const ownProperty = (value: ObjectValue, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined

/** Members in the order of their keys, compared as bytes. */
export const sortedEntries = (value: ObjectValue): [string, unknown][] =>
  Object.entries(value).sort(([a], [b]) => compareTexts(a, b))

/** Order of two texts by their bytes in UTF-8. */
export const compareTexts = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Whether a value counts as true: not empty, not zero, not null. */
export function isTrue(value: unknown): boolean {
  if (value instanceof Int) return value.value !== 0
  if (Array.isArray(value)) return value.length > 0
  if (!isObject(value)) return typeof value === 'number' ? value !== 0 : Boolean(value)
  for (const name in value) if (Object.hasOwn(value, name)) return true
  return false
}

/** The name that Go has for the type of a value. */
export function typeName(value: unknown): string {
  if (isNil(value)) return '<nil>'
  if (value instanceof Int) return 'int'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (Array.isArray(value)) return '[]interface {}'
  return typeof value === 'string' ? 'string' : 'map[string]interface {}'
}
