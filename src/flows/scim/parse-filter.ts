// The language of filters (RFC 7644 §3.4.2.2) and of the paths of changes (§3.5.2), read into trees; depth and length are bounded.
import type { AuthError, ScimType } from '../../errors.ts'
import type { ScimFilter, ScimOperator, ScimPath } from '../../storage/scim-filter.ts'
import { type FoundAttribute, findAttribute, namedAttribute, scimPath } from './find-attribute.ts'
import type { ResourceSchema } from './scim-attributes.ts'
import { scimRefusal } from './scim-refusal.ts'

const operators: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'])
const isOperator = (word: string): word is ScimOperator => operators.has(word)

/** Characters, comparisons, and brackets within brackets. */
const most = { length: 2048, tests: 50, depth: 10 }

/** What a filter may name: attributes of a resource, or parts of an element of a list. */
type Resolve = (name: string) => FoundAttribute | null

interface Reader {
  /** The next token, in lower case when it is a word of the language. */
  peek(): string | undefined
  next(): string
  fail(problem: string): AuthError
  /** Counts a comparison. */
  count(): void
}

/** Texts in quotes, brackets, and words, which may hold a dot, a colon and a dollar sign. */
const token = /\s*("(?:[^"\\]|\\.)*"|[()[\]]|[^\s()[\]"]+)/y

function reader(text: string, type: ScimType): Reader {
  const fail = (problem: string) => scimRefusal(type, `${type === 'invalidPath' ? 'path' : 'filter'}: ${problem}`)
  if (text.length > most.length) throw fail(`at most ${most.length} characters are read`)
  const tokens: string[] = []
  token.lastIndex = 0
  const end = text.trimEnd().length
  for (let at = 0; at < end; at = token.lastIndex) {
    token.lastIndex = at
    const found = token.exec(text)?.[1]
    if (found === undefined) throw fail(`a quotation mark is not closed at character ${at + 1}`)
    tokens.push(found)
  }
  let [place, tests] = [0, 0]
  return {
    fail,
    peek: () => tokens[place]?.toLowerCase(),
    next() {
      const found = tokens[place++]
      if (found === undefined) throw fail('the text ends too early')
      return found
    },
    count() {
      if (++tests > most.tests) throw fail(`at most ${most.tests} comparisons are made`)
    },
  }
}

/**
 * Reads a filter of a kind of resource.
 * @throws AuthError 400 invalidFilter
 */
export function parseFilter(schema: ResourceSchema, text: string): ScimFilter {
  const from = reader(text, 'invalidFilter')
  const filter = readOr(from, (name) => findAttribute(schema, name), 0)
  if (from.peek() !== undefined) throw from.fail(`"${from.next().slice(0, 40)}" is not expected`)
  return filter
}

type Read = (from: Reader, resolve: Resolve, depth: number) => ScimFilter

/** Reads parts that are joined by a word, from left to right. */
const joinedBy =
  (kind: 'and' | 'or', readPart: Read): Read =>
  (from, resolve, depth) => {
    let left = readPart(from, resolve, depth)
    while (from.peek() === kind) {
      from.next()
      left = { kind, left, right: readPart(from, resolve, depth) }
    }
    return left
  }

const readAnd = joinedBy('and', readTerm)
const readOr = joinedBy('or', readAnd)

function readTerm(from: Reader, resolve: Resolve, depth: number): ScimFilter {
  if (depth > most.depth) throw from.fail(`at most ${most.depth} brackets are opened within one another`)
  const word = from.next()
  if (word === '(') return closed(from, ')', readOr(from, resolve, depth + 1))
  if (word.toLowerCase() === 'not' && from.peek() === '(') {
    from.next()
    return { kind: 'not', filter: closed(from, ')', readOr(from, resolve, depth + 1)) }
  }
  const found = resolve(word)
  if (!found) throw from.fail(`there is no attribute "${word.slice(0, 80)}"`)
  if (from.peek() !== '[') return readTest(from, scimPath(found))
  from.next()
  if (!found.attribute.multiple) throw from.fail(`"${word}" is no list`)
  const filter = closed(from, ']', readOr(from, elementOf(found), depth + 1))
  // `emails[type eq "work"].value co "x"`: the same element has to fit both.
  const part = from.peek()?.startsWith('.') ? from.next().slice(1) : null
  if (part === null) return { kind: 'some', path: scimPath(found), filter }
  const inner = elementOf(found)(part)
  if (!inner) throw from.fail(`"${word}" has no "${part.slice(0, 80)}"`)
  return {
    kind: 'some',
    path: scimPath(found),
    filter: { kind: 'and', left: filter, right: readTest(from, scimPath(inner)) },
  }
}

function closed(from: Reader, bracket: string, filter: ScimFilter): ScimFilter {
  if (from.next() !== bracket) throw from.fail(`"${bracket}" is expected`)
  return filter
}

/** Names within the brackets of a list are those of its elements. */
const elementOf =
  ({ attribute }: FoundAttribute): Resolve =>
  (name) => {
    const found = namedAttribute(attribute.sub ?? [], name)
    return found && { names: [found.name], attribute: found, parent: null }
  }

function readTest(from: Reader, path: ScimPath): ScimFilter {
  from.count()
  const operator = from.next().toLowerCase()
  if (operator === 'pr') return { kind: 'present', path }
  if (!isOperator(operator)) throw from.fail(`"${operator.slice(0, 40)}" is no operator`)
  return { kind: 'compare', path, operator, value: readValue(from, path, operator) }
}

function readValue(from: Reader, { names, type, multiple }: ScimPath, operator: ScimOperator) {
  const text = from.next()
  let value: unknown
  try {
    value = JSON.parse(/^(true|false|null)$/i.test(text) ? text.toLowerCase() : text)
  } catch {
    throw from.fail(`"${text.slice(0, 40)}" is no value: texts stand in quotation marks`)
  }
  const name = names.join('.')
  if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()))
    throw from.fail(`the value of "${name}" holds a character that cannot be stored`)
  if (value !== null && !['string', 'number', 'boolean'].includes(typeof value))
    throw from.fail(`"${name}" has no such value`)
  const isEquality = operator === 'eq' || operator === 'ne'
  const fits =
    value === null
      ? isEquality
      : type === 'boolean'
        ? isEquality && /^(true|false)$/i.test(String(value))
        : type === 'dateTime'
          ? !['co', 'sw', 'ew'].includes(operator) && isTime(value)
          : type === 'string' || multiple
  if (!fits) throw from.fail(`"${name}" cannot be compared like this`)
  if (type === 'dateTime' && value !== null) return new Date(String(value)).toISOString()
  return value as string | number | boolean | null
}

/** Times that both JavaScript and PostgreSQL have. */
const isTime = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.test(value) &&
  !Number.isNaN(Date.parse(value))

/** What a change is about (RFC 7644 §3.5.2): an attribute, some elements of a list, or a part of either. */
export interface PatchPath extends FoundAttribute {
  /** The elements of the list; null for all. */
  filter: ScimFilter | null
  /** The part of the elements. */
  part: string | null
}

/**
 * Reads the path of a change; null for a name that there is not.
 * @throws AuthError 400 invalidPath for what is no path
 */
export function parsePatchPath(schema: ResourceSchema, text: string): PatchPath | null {
  // The bracket comes after the name, which may be one of a schema and has none itself.
  const [, name = '', within, part] = /^([^[\]]+)(?:\[(.*)\](?:\.([\w$]+))?)?$/s.exec(text.trim()) ?? []
  const from = reader(within ?? '', 'invalidPath')
  if (name === '') throw from.fail(`"${text.slice(0, 80)}" is no path`)
  const found = findAttribute(schema, name)
  if (!found) return null
  if (within === undefined) return asPatchPath(found)
  if (!found.attribute.multiple) throw from.fail(`"${name}" is no list`)
  const filter = readOr(from, elementOf(found), 0)
  if (from.peek() !== undefined) throw from.fail(`"${from.next().slice(0, 40)}" is not expected`)
  if (part === undefined) return { ...found, filter, part: null }
  const inner = namedAttribute(found.attribute.sub ?? [], part)
  return inner && { ...found, filter, part: inner.name }
}

/** A path to a part of a list's elements is one to the list. */
function asPatchPath(found: FoundAttribute): PatchPath {
  if (!found.parent?.multiple) return { ...found, filter: null, part: null }
  return {
    names: found.names.slice(0, -1),
    attribute: found.parent,
    parent: null,
    filter: null,
    part: found.attribute.name,
  }
}
