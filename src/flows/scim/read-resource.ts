// A resource as a provider sends it, in the form of its schema: names in any case, `"True"` for true, one value for a list.
import type { AuthError } from '../../errors.ts'
import { isJsonObject } from '../../json-values.ts'
import { type Attribute, attributesOf, type ResourceSchema } from './scim-attributes.ts'
import { scimRefusal } from './scim-refusal.ts'

/** A resource, in the spelling of its schema; what has no value is left out. */
export type Resource = Record<string, unknown>

/** Characters of a text, elements of a list, and bytes of all of a resource. */
const most = { text: 8192, elements: 100, bytes: 60_000 }

/** 400 for a value that cannot be. */
export const invalidValue = (detail: string): AuthError => scimRefusal('invalidValue', detail)

/**
 * Reads a resource; what the schema does not name and what only the server writes is left out.
 * @throws AuthError 400 invalidValue that names the attribute
 */
export function readResource(schema: ResourceSchema, given: unknown): Resource {
  const read = readObject(attributesOf(schema), given, 'the resource')
  if (Buffer.byteLength(JSON.stringify(read)) > most.bytes)
    throw invalidValue(`a resource has at most ${most.bytes} bytes of JSON`)
  return read
}

/**
 * Reads the value of one attribute; undefined for none.
 * @throws AuthError 400 invalidValue that names the attribute
 */
export function readValue(attribute: Attribute, given: unknown): unknown {
  if (given === null || given === undefined) return undefined
  if (!attribute.multiple) return readOne(attribute, given)
  const elements = (Array.isArray(given) ? given : [given]).map((element) => readOne(attribute, element))
  const held = elements.filter((element) => element !== undefined)
  if (held.length > most.elements) throw invalidValue(`${attribute.name} has at most ${most.elements} elements`)
  if (held.filter((element) => Reflect.get(Object(element), 'primary') === true).length > 1)
    throw invalidValue(`${attribute.name} has at most one primary element`)
  return held.length > 0 ? held : undefined
}

function readOne(attribute: Attribute, given: unknown): unknown {
  const { name, type, sub = [] } = attribute
  if (given === null || given === '') return undefined
  if (type === 'boolean') {
    if (/^(true|false)$/i.test(String(given))) return String(given).toLowerCase() === 'true'
    throw invalidValue(`${name} must be true or false`)
  }
  if (type === 'complex') {
    // Entra ID sends `"manager": "<id>"` for what has a value.
    const hasValue = sub.some((part) => part.name === 'value')
    const read = readObject(sub, typeof given === 'string' && hasValue ? { value: given } : given, name)
    return Object.keys(read).length > 0 ? read : undefined
  }
  if (typeof given !== 'string' && typeof given !== 'number') throw invalidValue(`${name} must be a text`)
  const text = String(given)
  if (text.length > most.text) throw invalidValue(`${name} must be at most ${most.text} characters long`)
  return text
}

function readObject(attributes: readonly Attribute[], given: unknown, name: string): Resource {
  if (!isJsonObject(given)) throw invalidValue(`${name} must be an object`)
  const known = new Map(attributes.map((attribute) => [attribute.name.toLowerCase(), attribute]))
  const read: Resource = {}
  for (const [key, value] of Object.entries(given)) {
    const attribute = known.get(key.toLowerCase())
    if (!attribute || (attribute.mutability ?? 'readWrite') !== 'readWrite') continue
    const held = readValue(attribute, value)
    if (held !== undefined) read[attribute.name] = held
  }
  return read
}
