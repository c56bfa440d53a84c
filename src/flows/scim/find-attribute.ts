// Attributes by the names that requests write: in any case, with or without the name of their schema (RFC 7644 §3.10).
import type { ScimPath } from '../../storage/scim-filter.ts'
import { type Attribute, attributesOf, type ResourceSchema } from './scim-attributes.ts'

/** An attribute with the names that lead to it, in the spelling of its schema. */
export interface FoundAttribute {
  names: readonly string[]
  attribute: Attribute
  /** The attribute that holds it, of an element of a list or of an object. */
  parent: Attribute | null
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** An attribute of a list, or null. */
export const namedAttribute = (attributes: readonly Attribute[], name: string): Attribute | null =>
  attributes.find((attribute) => sameName(attribute.name, name)) ?? null

/** What a path without a filter leads to, or null for nothing that there is. */
export function findAttribute(schema: ResourceSchema, path: string): FoundAttribute | null {
  const all = attributesOf(schema)
  const core = `${schema.core.id}:`
  const bare = sameName(path.slice(0, core.length), core) ? path.slice(core.length) : path
  for (const { id } of schema.extensions) {
    const extension = namedAttribute(all, id)
    if (!extension) continue
    if (sameName(bare, id)) return { names: [id], attribute: extension, parent: null }
    if (!sameName(bare.slice(0, id.length + 1), `${id}:`)) continue
    return below(extension.sub ?? [], bare.slice(id.length + 1).split('.'), [id], extension)
  }
  return below(all, bare.split('.'), [], null)
}

function below(
  attributes: readonly Attribute[],
  [name = '', ...rest]: readonly string[],
  before: readonly string[],
  parent: Attribute | null,
): FoundAttribute | null {
  const attribute = namedAttribute(attributes, name)
  if (!attribute) return null
  const names = [...before, attribute.name]
  if (rest.length === 0) return { names, attribute, parent }
  return below(attribute.sub ?? [], rest, names, attribute)
}

/** The same as a filter has it. */
export const scimPath = ({ names, attribute, parent }: FoundAttribute): ScimPath => ({
  names,
  type: attribute.type,
  multiple: parent?.multiple ?? attribute.multiple ?? false,
  // Of a list itself, its values are compared.
  exact: (attribute.multiple ? attribute.sub?.find(({ name }) => name === 'value') : attribute)?.exact ?? false,
})
