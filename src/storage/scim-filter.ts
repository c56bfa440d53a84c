// Filters of SCIM (RFC 7644 §3.4.2.2) as conditions of SQL; names and values are parameters, never text.
import type { Param } from './db.ts'

/** An attribute as a filter names it, in the spelling of its schema. */
export interface ScimPath {
  names: readonly string[]
  type: 'string' | 'boolean' | 'dateTime' | 'complex'
  /** Whether the first name holds a list. */
  multiple: boolean
  /** Whether case counts. */
  exact: boolean
}

/** Operators that compare. */
export type ScimOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

/** A filter, parsed. */
export type ScimFilter =
  | { kind: 'and' | 'or'; left: ScimFilter; right: ScimFilter }
  | { kind: 'not'; filter: ScimFilter }
  | { kind: 'present'; path: ScimPath }
  | { kind: 'compare'; path: ScimPath; operator: ScimOperator; value: string | boolean | number | null }
  /** An element of a list that fits, whose attributes the inner filter names. */
  | { kind: 'some'; path: ScimPath; filter: ScimFilter }

/** Where attributes of a kind of resource lie. */
export interface ScimColumns {
  /** Expressions of attributes that have a column of their own, by their names with dots. */
  own: Readonly<Record<string, string>>
  /** Lists that are rows of other tables: what follows FROM, and expressions of what an element has. */
  lists: Readonly<Record<string, { from: string; fields: Readonly<Record<string, string>> }>>
  /** The JSON object of all others; null where there are none. */
  json: string | null
}

/** Adds a parameter, and gives its place. */
export type Place = (value: Param) => string

/** The condition of a filter. */
export function scimCondition(filter: ScimFilter, columns: ScimColumns, place: Place): string {
  return condition(filter, rootScope(columns, place), place)
}

/** What rows are sorted by: as text without case, or the column itself; of a list, its first element. */
export function scimOrder(path: ScimPath, columns: ScimColumns, place: Place): string {
  const own = columns.own[path.names.join('.')]
  if (own !== undefined) return path.type === 'string' && !path.exact ? `lower(${own})` : own
  const [first = '', ...rest] = path.names
  if (columns.json === null || Object.hasOwn(columns.lists, first)) return 'null::text'
  const names = path.multiple ? [first, '0', ...(rest.length > 0 ? rest : ['value'])] : [...path.names]
  return `lower(${columns.json} #>> ${place(names)}::text[])`
}

/** How the names of a filter are found: those of a resource, or of an element of a list. */
interface Scope {
  text(names: readonly string[]): string
  /** A condition that some element of a list fits. */
  some(name: string, test: (element: Scope) => string): string
}

function rootScope({ own, lists, json }: ScimColumns, place: Place): Scope {
  const jsonText = (names: readonly string[]) =>
    json === null ? 'null::text' : `(${json} #>> ${place([...names])}::text[])`
  return {
    text: (names) => own[names.join('.')] ?? jsonText(names),
    some(name, test) {
      const list = Object.hasOwn(lists, name) ? lists[name] : undefined
      if (list) {
        const field = ([key = '']: readonly string[]) => list.fields[key] ?? 'null::text'
        return `exists (select from ${list.from} and ${test({ text: field, some: () => 'false' })})`
      }
      if (json === null) return 'false'
      const held = `(${json} -> ${place(name)}::text)`
      const element: Scope = { text: (names) => `(e.v #>> ${place([...names])}::text[])`, some: () => 'false' }
      return `exists (select from jsonb_array_elements(case jsonb_typeof(${held}) when 'array' then ${held} else '[]' end) e (v)
        where ${test(element)})`
    },
  }
}

function condition(filter: ScimFilter, scope: Scope, place: Place): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${condition(filter.left, scope, place)} ${filter.kind} ${condition(filter.right, scope, place)})`
    case 'not':
      return `(not coalesce(${condition(filter.filter, scope, place)}, false))`
    case 'some':
      return scope.some(filter.path.names[0] ?? '', (element) => condition(filter.filter, element, place))
    case 'present':
      return within(filter.path, scope, (expression) => `(${expression})::text <> ''`)
    case 'compare': {
      const { path, operator, value } = filter
      // What is not there is unlike everything, also where it is a list.
      const test = (expression: string) =>
        comparison(expression, path, operator === 'ne' ? 'eq' : operator, value, place)
      return operator === 'ne' ? `(not coalesce(${within(path, scope, test)}, false))` : within(path, scope, test)
    }
  }
}

/** A test of an attribute, or of one in any element of a list. */
function within(path: ScimPath, scope: Scope, test: (expression: string) => string): string {
  const [first = '', ...rest] = path.names
  if (!path.multiple) return test(scope.text(path.names))
  return scope.some(first, (element) => test(element.text(rest.length > 0 ? rest : ['value'])))
}

const ordering = { gt: '>', ge: '>=', lt: '<', le: '<=' } as const

function comparison(
  expression: string,
  { type, exact }: ScimPath,
  operator: Exclude<ScimOperator, 'ne'>,
  value: string | boolean | number | null,
  place: Place,
): string {
  if (value === null) return `coalesce((${expression})::text, '') = ''`
  if (type === 'dateTime')
    return `${expression} ${operator === 'eq' ? '=' : dateOrder(operator)} ${place(value)}::timestamptz`
  if (type === 'boolean') return `coalesce((${expression})::text, 'false') = ${place(String(value).toLowerCase())}`
  const held = exact ? expression : `lower(${expression})`
  const given = `${exact ? '' : 'lower'}(${place(String(value))}::text)`
  if (operator === 'eq') return `${held} = ${given}`
  if (operator === 'co') return `strpos(${held}, ${given}) > 0`
  if (operator === 'sw') return `starts_with(${held}, ${given})`
  if (operator === 'ew') return `right(${held}, length(${given})) = ${given}`
  return `${held} ${ordering[operator]} ${given}`
}

const dateOrder = (operator: string): string => ordering[operator as keyof typeof ordering] ?? '='
