// What a request for resources asks for: which, in what order, how many, and which of their attributes (RFC 7644 §3.4.2, §3.9).
import type { ScimSearch } from '../../storage/scim-users.ts'
import { findAttribute, scimPath } from './find-attribute.ts'
import { parseFilter } from './parse-filter.ts'
import type { Resource } from './read-resource.ts'
import type { ResourceSchema } from './scim-attributes.ts'
import { scimRefusal } from './scim-refusal.ts'

/** Resources of a page at most. */
export const mostResults = 200

const usualResults = 100

/** Parameters of a query, or fields of a body of /.search, as texts by their names. */
export type Asked = (name: string) => string | null

/** Which resources, and the number of the first, counted from 1. */
export function readSearch(schema: ResourceSchema, asked: Asked): { search: ScimSearch; start: number } {
  const filter = asked('filter')
  const sort = asked('sortBy')
  const path = sort ? findAttribute(schema, sort) : null
  if (sort && !path) throw scimRefusal('invalidPath', `sortBy: there is no attribute "${sort.slice(0, 80)}"`)
  // RFC 7644 §3.4.2.4: less than the least counts as the least.
  const start = Math.max(1, readNumber('startIndex', asked('startIndex'), 1))
  const search: ScimSearch = {
    filter: filter === null ? null : parseFilter(schema, filter),
    sort_by: path && scimPath(path),
    descending: asked('sortOrder')?.toLowerCase() === 'descending',
    limit: Math.min(mostResults, Math.max(0, readNumber('count', asked('count'), usualResults))),
    offset: start - 1,
  }
  return { search, start }
}

function readNumber(name: string, text: string | null, usual: number): number {
  if (text === null || text === '') return usual
  if (!/^[+-]?\d{1,9}$/.test(text)) throw scimRefusal('invalidValue', `${name} must be a whole number`)
  return Number(text)
}

/** A choice of attributes: those that are asked for, or all but some. */
export interface Projection {
  only: readonly string[] | null
  except: readonly string[]
}

/** Reads `attributes` and `excludedAttributes`. */
export function readProjection(schema: ResourceSchema, asked: Asked): Projection {
  const names = (text: string | null) =>
    (text ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => findAttribute(schema, name)?.names.join('\n') ?? '')
  const only = names(asked('attributes'))
  return { only: only.length > 0 ? only : null, except: names(asked('excludedAttributes')) }
}

/** Whether an attribute of the first level is shown. */
export const shows = ({ only, except }: Projection, name: string): boolean =>
  (only === null || only.some((path) => path.split('\n')[0] === name)) && !except.includes(name)

/** Whether an attribute of the first level is shown with all its parts, if it is shown. */
export const choosesWhole = ({ only, except }: Projection, name: string): boolean =>
  [...(only ?? []), ...except].every((path) => !path.startsWith(`${name}\n`))

/** What is always shown. */
const always = ['id', 'schemas']

/** A resource with the attributes that are asked for. */
export function project(resource: Resource, projection: Projection): Resource {
  if (projection.only === null && projection.except.length === 0) return resource
  return Object.fromEntries(
    Object.entries(resource).flatMap(([name, value]) => {
      if (always.includes(name)) return [[name, value]]
      return shows(projection, name) ? [[name, projectValue(value, name, projection)]] : []
    }),
  )
}

function projectValue(value: unknown, name: string, { only, except }: Projection): unknown {
  const parts = (paths: readonly string[]) =>
    paths.flatMap((path) => (path.startsWith(`${name}\n`) ? [path.slice(name.length + 1).split('\n')[0] ?? ''] : []))
  const wanted = only?.includes(name) ? [] : parts(only ?? [])
  const unwanted = parts(except)
  if (wanted.length === 0 && unwanted.length === 0) return value
  const pick = (element: unknown) =>
    Object.fromEntries(
      Object.entries(Object(element)).filter(
        ([key]) => (wanted.length === 0 || wanted.includes(key)) && !unwanted.includes(key),
      ),
    )
  return Array.isArray(value) ? value.map(pick) : pick(value)
}
