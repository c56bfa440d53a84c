// Changes of a resource (RFC 7644 §3.5.2), in the forms that the standard, Okta and Entra ID give them.
import { isDeepStrictEqual } from 'node:util'
import { isJsonObject } from '../../json-values.ts'
import { describedElement, type Element, matchFilter } from './match-filter.ts'
import { type PatchPath, parsePatchPath } from './parse-filter.ts'
import { invalidValue, type Resource, readResource, readValue } from './read-resource.ts'
import type { ResourceSchema } from './scim-attributes.ts'
import { scimRefusal } from './scim-refusal.ts'

/** One change. */
export interface PatchOperation {
  op: 'add' | 'replace' | 'remove'
  /** Null: the names of the value say what. */
  path: string | null
  value: unknown
}

/** Changes of one request at most. */
const mostOperations = 1000

/**
 * The changes of a body.
 * @throws AuthError 400 invalidSyntax
 */
export function readOperations(body: Record<string, unknown>): PatchOperation[] {
  const [, listed] = Object.entries(body).find(([name]) => name.toLowerCase() === 'operations') ?? []
  if (!Array.isArray(listed) || listed.length === 0) throw scimRefusal('invalidSyntax', 'Operations must be a list')
  if (listed.length > mostOperations) throw scimRefusal('tooMany', `Operations has at most ${mostOperations} elements`)
  return listed.map((given: unknown) => {
    const fields = new Map(Object.entries(Object(given)).map(([name, value]) => [name.toLowerCase(), value]))
    const op = String(fields.get('op')).toLowerCase()
    const path = fields.get('path') ?? null
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw scimRefusal('invalidSyntax', 'op must be add, replace or remove')
    if (path !== null && typeof path !== 'string') throw scimRefusal('invalidPath', 'path must be a text')
    if (op === 'remove' && !path) throw scimRefusal('noTarget', 'remove needs a path')
    return { op, path: path || null, value: fields.get('value') }
  })
}

/** A change at a path that there is. */
export type Change = Omit<PatchOperation, 'path'> & { path: PatchPath }

/**
 * A change with its path read; one without a path is one for each name of its value, where unknown names count as little as
 * they do in a whole resource.
 * @throws AuthError 400 invalidPath, invalidValue, mutability
 */
export function changesOf(schema: ResourceSchema, { op, path, value }: PatchOperation): Change[] {
  if (path !== null) {
    const found = parsePatchPath(schema, path)
    if (!found) throw scimRefusal('invalidPath', `there is no attribute "${path.slice(0, 80)}"`)
    // What is thrown away in a whole resource is thrown away here too.
    if (found.attribute.mutability === 'writeOnly') return []
    if (isReadOnly(found)) throw scimRefusal('mutability', `"${path.slice(0, 80)}" cannot be changed`)
    return [{ op, path: found, value }]
  }
  if (!isJsonObject(value)) throw invalidValue('without a path, value must be an object')
  return Object.entries(value).flatMap(([name, part]) => {
    const found = parsePatchPath(schema, name)
    return found && !isReadOnly(found) ? [{ op, path: found, value: part }] : []
  })
}

const isReadOnly = ({ attribute, parent }: PatchPath): boolean =>
  [attribute, parent].some((held) => (held?.mutability ?? 'readWrite') !== 'readWrite')

/**
 * The resource after a change.
 * @throws AuthError 400 invalidValue, noTarget
 */
function applyChange(resource: Resource, change: Change): Resource {
  const { names } = change.path
  return setAt(resource, names, (held) =>
    change.path.attribute.multiple ? changeList(held, change) : changeOne(held, change),
  )
}

/** Reads the resource that changes leave, as if it had been sent. */
export const applyPatch = (schema: ResourceSchema, resource: Resource, changes: readonly Change[]): Resource =>
  readResource(schema, changes.reduce(applyChange, resource))

/** Changes what lies at the end of names; what has no value is not there. */
function setAt(
  resource: Resource,
  [name = '', ...rest]: readonly string[],
  change: (held: unknown) => unknown,
): Resource {
  const held = Object.hasOwn(resource, name) ? resource[name] : undefined
  const value = rest.length === 0 ? change(held) : setAt({ ...Object(held) }, rest, change)
  const { [name]: _, ...others } = resource
  return value === undefined ? others : { ...others, [name]: value }
}

function changeOne(held: unknown, { op, path, value }: Change): unknown {
  const read = op === 'remove' ? undefined : readValue(path.attribute, value)
  // Of an object, what is not named stays.
  return read !== undefined && path.attribute.type === 'complex' ? { ...Object(held), ...Object(read) } : read
}

function changeList(held: unknown, change: Change): Element[] | undefined {
  const { op, path, value } = change
  const elements: Element[] = Array.isArray(held) ? held : []
  const changed = path.filter || path.part !== null ? changeElements(elements, change) : null
  if (changed) return changed.length > 0 ? changed : undefined
  const read = readValue(path.attribute, value)
  const given: Element[] = Array.isArray(read) ? read : []
  if (op === 'remove') {
    // Entra ID names what to remove by its value; without one all of it goes.
    const left =
      given.length === 0 ? [] : elements.filter((element) => !given.some(({ value }) => value === element.value))
    return left.length > 0 ? left : undefined
  }
  if (op === 'replace') return given.length > 0 ? given : undefined
  const added = given.filter((element) => !elements.some((old) => isDeepStrictEqual(old, element)))
  return [...withoutPrimary(elements, added), ...added]
}

/** Changes the elements that fit a filter, or a part of them. */
function changeElements(elements: Element[], { op, path, value }: Change): Element[] {
  const { filter, part, attribute } = path
  const fits = (element: Element) => filter === null || matchFilter(filter, element)
  const isRemoval = op === 'remove' || value === null
  if (isRemoval && part === null) return elements.filter((element) => !fits(element))
  const definition = attribute.sub?.find(({ name }) => name === part)
  const given: Element = definition
    ? { [definition.name]: isRemoval ? undefined : readValue(definition, value) }
    : Object(
        Array.isArray(value) ? (readValue(attribute, value) as Element[] | undefined)?.[0] : firstOf(attribute, value),
      )
  if (elements.some(fits))
    return elements.map((element) =>
      fits(element) ? { ...element, ...given } : demoted(element, given.primary === true),
    )
  if (isRemoval) return elements
  const made = filter === null ? {} : describedElement(filter)
  if (!made) throw scimRefusal('noTarget', 'no element fits the filter of the path')
  return [...withoutPrimary(elements, [{ ...made, ...given }]), { ...made, ...given }]
}

function firstOf(attribute: PatchPath['attribute'], value: unknown): unknown {
  const read = readValue(attribute, value)
  return Array.isArray(read) ? read[0] : read
}

const demoted = (element: Element, isSo: boolean): Element =>
  isSo && element.primary === true ? { ...element, primary: false } : element

/** Of a list, at most one element is the preferred one: the last that was named so. */
const withoutPrimary = (elements: Element[], added: readonly Element[]): Element[] =>
  elements.map((element) =>
    demoted(
      element,
      added.some(({ primary }) => primary === true),
    ),
  )
