// Bodies of requests: bounded, strictly JSON, with field names in any case.
import type { ZodType, z } from 'zod'
import { boundedBytes } from '../bounded-bytes.ts'
import { AuthError } from '../errors.ts'
import { isJsonObject } from '../json-values.ts'
import { readPairs } from './read-pairs.ts'
import { requireFewFields, requireShortFields } from './text-limits.ts'

const maxBytes = 1_048_576
const maxDepth = 1000
/** Names within a JSON text at most: an object of twice as many takes five times as long to make. */
const maxNames = 50_000
/** A byte order mark stays, and is no JSON (security INP-05). */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const badJson = (problem: string): AuthError =>
  new AuthError(400, 'bad_json', `Could not parse request body as JSON: ${problem}`)

/**
 * The text of a body; a form counts as empty, as the reference swallows it.
 * @throws AuthError 413 over 1 MiB
 */
export async function readText(request: Request, accept_form = false): Promise<string> {
  const declared = request.headers.get('content-length')
  if (Number(declared ?? 0) > maxBytes) throw tooLarge()
  // The runtime ends a body at its declared length, and reads it without a stream of the web, which costs more than all the rest.
  const isWhole = declared !== null && /^\d+$/.test(declared)
  const text = isWhole ? decoder.decode(await request.arrayBuffer()) : await readStream(request)
  return isForm(request) && !accept_form ? '' : text
}

async function readStream(request: Request): Promise<string> {
  const bytes = await boundedBytes(request.body, maxBytes)
  if (!bytes) throw tooLarge()
  return decoder.decode(bytes)
}

/** Whether a request says that its body is a form, by a method that sends forms; a type that only begins alike says nothing. */
export const isForm = (request: Request): boolean =>
  request.method !== 'DELETE' &&
  /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '')

/** Whether a request says that its body is JSON. */
export const isJson = (request: Request): boolean =>
  /application\/json/i.test(request.headers.get('content-type') ?? '')

/**
 * The fields of a form, the first of each name; unlike those of JSON they are called what they are, letter by letter.
 * @throws AuthError 400 validation_failed for too many
 */
export function formFields(text: string, schema?: ZodType): Record<string, string> {
  requireFewFields(text)
  const names = schema && 'shape' in schema ? Object.keys(schema.shape as object) : null
  const pairs = [...readPairs(text)].filter(([name]) => names === null || names.includes(name))
  return Object.fromEntries(pairs.reverse())
}

const tooLarge = (): AuthError =>
  new AuthError(413, 'request_entity_too_large', `Request body too large (max ${maxBytes} bytes)`, {
    headers: { connection: 'close' },
  })

/**
 * A JSON object from text: `null` is `{}`, anything but an object is refused, as are NUL, lone surrogates, nesting over 1,000
 * and over 50,000 names.
 * @throws AuthError 400 bad_json; 400 validation_failed naming the field for text that cannot be stored
 */
export function parseObject(text: string): Record<string, unknown> {
  if (text.trim() === '') throw badJson('unexpected end of JSON input')
  const { depth, names } = shapeOf(text)
  if (depth > maxDepth) throw badJson(`nesting is limited to ${maxDepth} levels`)
  if (names > maxNames) throw badJson(`at most ${maxNames} names are read`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badJson('the text is not valid JSON')
  }
  if (value === null) return {}
  if (!isJsonObject(value)) throw badJson('an object is expected')
  // Neither JSON nor a double can say infinity: what is too large would be stored as null.
  if (/\d{20}|\de\+?\d\d/i.test(text) && !holdsOnlyFinite(value)) throw badJson('a number is out of range')
  if (/\\u0000|\\ud[89a-f]|[\ud800-\udfff]/i.test(text)) refuseUnstorable(value)
  return value
}

/**
 * The fields that a schema names, matched without regard to case; the last of several wins, others are ignored. A schema that
 * names none takes the object as it is, and its flow sees to names and lengths.
 * @throws AuthError 400 bad_json naming a field of the wrong type; 400 validation_failed naming one that is too long
 */
export function parseFields<Schema extends ZodType>(
  schema: Schema,
  object: Record<string, unknown>,
  long: readonly string[] = [],
): z.infer<Schema> {
  if (!('shape' in schema)) return schema.parse(object)
  const names = fieldNames(schema)
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(object)) {
    const known = names.get(name.toLowerCase())
    if (known !== undefined && value !== null) fields[known] = value
  }
  requireShortFields(fields, long)
  const result = schema.safeParse(fields)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw badJson(`${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid value'}`)
}

const namesOfSchema = new WeakMap<ZodType, Map<string, string>>()

function fieldNames(schema: ZodType): Map<string, string> {
  const kept = namesOfSchema.get(schema)
  if (kept) return kept
  const shape = 'shape' in schema ? (schema.shape as object) : {}
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]))
  namesOfSchema.set(schema, names)
  return names
}

/** How deep the brackets of a JSON text nest, and how many names it has, without parsing it. */
function shapeOf(text: string): { depth: number; names: number } {
  let depth = 0
  let deepest = 0
  let names = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === 92) i++
      else if (code === 34) inString = false
    } else if (code === 34) inString = true
    else if (code === 58) names++
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth)
    else if (code === 93 || code === 125) depth--
  }
  return { depth: deepest, names }
}

function holdsOnlyFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value !== 'object' || value === null || Object.values(value).every(holdsOnlyFinite)
}

function refuseUnstorable(object: Record<string, unknown>): void {
  const unstorable = (value: unknown): boolean => {
    if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed()
    if (Array.isArray(value)) return value.some(unstorable)
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).some(([name, member]) => unstorable(name) || unstorable(member))
    return false
  }
  for (const [name, value] of Object.entries(object))
    if (unstorable(name) || unstorable(value))
      throw new AuthError(
        400,
        'validation_failed',
        `${unstorable(name) ? 'A field name' : name.slice(0, 64)} contains a character that cannot be stored`,
      )
}
