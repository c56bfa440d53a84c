// Answers of providers: bounded in size, and JSON that the database can hold.
import { boundedBytes } from '../bounded-bytes.ts'
import { digitsOf, parseExactJson } from '../exact-json.ts'
import { isJsonObject } from '../json-values.ts'

/** Bytes of an answer at most. */
const maxBytes = 1_048_576

/** An answer that was read to its end. */
export interface Answer {
  status: number
  /** Media type in lower case, without parameters. */
  type: string
  text: string
}

/** A JSON object. */
export type Json = Record<string, unknown>

/**
 * Reads an answer, whatever length it promised.
 * @throws Error over so many bytes, 1 MiB unless told otherwise, or when it breaks off
 */
export async function readAnswer(response: Response, most = maxBytes): Promise<Answer> {
  const bytes = await boundedBytes(response.body, most)
  if (!bytes) throw new Error(`the answer is larger than ${most} bytes`)
  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  return { status: response.status, type, text: new TextDecoder().decode(bytes) }
}

/**
 * The JSON value of a text; numbers keep their digits, since an id may be one.
 * @throws Error for anything else, and for characters that a database cannot store
 */
export function parseJson(text: string): unknown {
  const value = parseExactJson(text)
  if (!isStorable(value)) throw new Error('the answer holds characters that cannot be stored')
  return value
}

function isStorable(value: unknown, depth = 0): boolean {
  if (depth > 100) return false
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed()
  if (Array.isArray(value)) return value.every((item) => isStorable(item, depth + 1))
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) => isStorable(name) && isStorable(member, depth + 1))
}

/** A member of any value; undefined when there is none. */
export function member(value: unknown, ...path: (string | number)[]): unknown {
  let found = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = Reflect.get(found, name)
  }
  return found
}

/** An object; `{}` for anything else. */
export const object = (value: unknown): Json => (isJsonObject(value) && digitsOf(value) === undefined ? value : {})

/** A list; empty for anything else. */
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** A text, numbers as their digits; `''` for anything else. */
export const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : (digitsOf(value) ?? '')

/** Whether a value is a number, however many digits it has. */
export const isNumber = (value: unknown): boolean => typeof value === 'number' || digitsOf(value) !== undefined
