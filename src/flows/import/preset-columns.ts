// How a preset says what becomes of each column: data, from which records are made and what is unknown is found.
import { isJsonObject } from '../../json-values.ts'
import { fieldNames } from './record-form.ts'

/** An account as another system writes it. */
export type Raw = Record<string, unknown>

/** An account with its place in the file (from 1), or what is wrong there. */
export type Line = { line: number; raw: Raw } | { line: number; problem: string }

/** Values that a preset needs beside the file. */
export interface PresetOptions {
  signer_key: string
  salt_separator: string
  rounds: string
  mem_cost: string
}

/** What becomes of a column. */
export interface Column {
  /** The fields of a record that a value says; none for a column that another one reads. @throws LineError */
  read(value: unknown, all: Raw, options: PresetOptions): Raw
  /** What becomes of the columns within: of an object, or of each object of a list. */
  inside?: Columns
  /** Why a value is left out, and whether somebody loses by that. */
  left?: { why: string; is_lost: boolean }
  /** Whether a value has something to lose; otherwise any has. */
  counts?(value: unknown): boolean
}

/** Columns by name; a name that ends in a star stands for all that begin so. */
export type Columns = Record<string, Column>

/** A form of exports. */
export interface Preset {
  title: string
  /** What the file is. */
  file: string
  columns: Columns
  /** Makes columns of an account that is written otherwise. */
  prepare?(raw: Raw): Raw
  /** Names of the columns of a CSV that has no header. */
  order?: readonly string[]
  /** Tables in files of their own, of which each row belongs to an account. */
  tables?: PartTable[]
  /** Looks at a whole record. */
  finish?(record: Raw, raw: Raw): Raw
}

/** A table whose rows belong to accounts: they are put into their account as a list. */
export interface PartTable {
  /** The column of an account that holds the rows. */
  column: string
  /** The column of a row that names its account. */
  by: string
  /** Columns that no other table of the preset has all of. */
  known_by: readonly string[]
}

/** Whether there is something to lose. */
const isPresent = (value: unknown): boolean => {
  if (value === undefined || value === null || value === '') return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

/** `{ a: { b: value } }` of `a.b`. */
const nested = (path: string, value: unknown): Raw => {
  const at = path.indexOf('.')
  return at < 0 ? { [path]: value } : { [path.slice(0, at)]: nested(path.slice(at + 1), value) }
}

/** The value of a field of the record, `a.b` for a member of an object. */
export const to = (field: string, as: (value: unknown) => unknown = (value) => value): Column => ({
  read: (value) => nested(field, as(value)),
})
/** Read together with another column. */
export const partOf = (_other: string): Column => ({ read: () => ({}) })
/** What only the other system has a use for. */
export const bookkeeping = (why: string): Column => ({ read: () => ({}), left: { why, is_lost: false } })
/** What there is no place for. */
export const lost = (why: string, counts: Column['counts'] = () => true): Column => ({
  read: () => ({}),
  left: { why, is_lost: true },
  counts,
})
/** A list of objects, each of which says something. */
export const each = (inside: Columns, read: (item: Raw, all: Raw, options: PresetOptions) => Raw): Column => ({
  inside,
  read: (value, all, options) =>
    itemsOf(value).reduce<Raw>((record, item) => merged(record, read(item, all, options)), {}),
})
/** Columns that are read by what stands around them. */
export const known = (...names: string[]): Columns =>
  Object.fromEntries(names.map((name) => [name, partOf('what it lies in')]))

/** The objects of a list, or one alone; in a CSV they are texts of JSON. */
function itemsOf(value: unknown): Raw[] {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return [value].flat().filter(isJsonObject)
  try {
    return [JSON.parse(value)].flat().filter(isJsonObject)
  } catch {
    return []
  }
}

/** Both records in one: lists behind each other, objects into each other. */
function merged(a: Raw, b: Raw): Raw {
  const made: Raw = { ...a }
  for (const [name, value] of Object.entries(b)) {
    const there = made[name]
    if (Array.isArray(there) && Array.isArray(value)) made[name] = [...there, ...value]
    else if (isJsonObject(there) && isJsonObject(value)) made[name] = merged(there, value)
    else made[name] = value
  }
  return made
}

/** Names as people write them in headers: case, spaces and hyphens do not matter. */
const plain = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')

/** What becomes of a column; undefined for one that is not known. */
export function findColumn(columns: Columns, name: string): Column | undefined {
  if (Object.hasOwn(columns, name)) return columns[name]
  for (const [pattern, column] of Object.entries(columns)) {
    if (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))) return column
    if (plain(pattern) === plain(name)) return column
  }
  return undefined
}

/** The columns of a preset with those that the command line names. */
export function withMapped(columns: Columns, mapped: ReadonlyMap<string, string>): Columns {
  return { ...columns, ...Object.fromEntries(Array.from(mapped, ([name, field]) => [name, to(field)])) }
}

/** Whether --map may name a field. */
export const isField = (field: string): boolean => fieldNames.includes(field.split('.')[0] ?? '')

/** The record of an account in the form of our own. @throws LineError naming the field */
export function readRecord(preset: Preset, columns: Columns, raw: Raw, options: PresetOptions): Raw {
  let record: Raw = {}
  for (const [name, value] of Object.entries(raw))
    if (isPresent(value)) record = merged(record, findColumn(columns, name)?.read(value, raw, options) ?? {})
  return preset.finish ? preset.finish(record, raw) : record
}

/** A column with content that is not taken; `why` is absent where it is unknown. */
export interface Leftover {
  path: string
  why?: string
  is_lost: boolean
}

/** The columns of an account that are not taken. */
export function findLeftovers(columns: Columns, raw: Raw, place = ''): Leftover[] {
  return Object.entries(raw).flatMap(([name, value]) => {
    if (!isPresent(value)) return []
    const column = findColumn(columns, name)
    const path = `${place}${name}`
    if (!column) return [{ path, is_lost: true }]
    if (column.left) return column.counts?.(value) === false ? [] : [{ path, ...column.left }]
    const { inside } = column
    if (!inside) return []
    return itemsOf(value).flatMap((item) => findLeftovers(inside, item, `${path}${isJsonObject(value) ? '' : '[]'}.`))
  })
}
