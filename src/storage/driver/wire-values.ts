// How values travel as text: what a parameter becomes on its way to PostgreSQL, and what a column becomes on its way back.
import { parseExactJson } from '../../exact-json.ts'
import type { Param } from '../db.ts'

/** A list or object whose text depends on the type that PostgreSQL finds for its place. */
export interface Structured {
  /** The text where that type is json or jsonb. */
  json: string
  /** The text everywhere else: an array literal for a list. */
  toString(): string
}

/**
 * Makes text of a parameter before a driver sees it, since a driver that fails half way through a pipeline loses its place.
 * @throws TypeError for `undefined`, and for what JSON cannot hold
 */
export function encodeParam(value: Param | undefined): string | Structured | null {
  if (value === null || typeof value === 'string') return value
  if (value === undefined) throw new TypeError('A parameter of a statement is undefined')
  if (typeof value !== 'object') return String(value)
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  const json = JSON.stringify(value)
  const text = Array.isArray(value) ? arrayLiteral(value) : json
  return { json, toString: () => text }
}

/** The text of an encoded parameter where the type is json or jsonb; text is taken as JSON as it is. */
const jsonText = (value: string | Structured): string => (typeof value === 'string' ? value : value.json)

function arrayLiteral(list: readonly unknown[]): string {
  const elements = list.map((element) => {
    if (Array.isArray(element)) return arrayLiteral(element)
    const text = encodeParam(element as Param)
    return text === null ? 'NULL' : `"${text.toString().replace(/["\\]/g, '\\$&')}"`
  })
  return `{${elements.join(',')}}`
}

/** Reads an array literal of PostgreSQL; `read` makes a value of each element's text. */
function parseArray(text: string, read: (element: string) => unknown): unknown[] {
  // A literal with bounds other than 1 starts with them: [0:1]={a,b}
  let at = text.indexOf('{')
  const readElement = (): unknown => {
    if (text[at] === '{') return readList()
    if (text[at] !== '"') {
      const start = at
      while (text[at] !== ',' && text[at] !== '}') at++
      const plain = text.slice(start, at)
      return plain === 'NULL' ? null : read(plain)
    }
    let quoted = ''
    for (at++; text[at] !== '"'; at++) {
      if (text[at] === '\\') at++
      quoted += text[at]
    }
    at++
    return read(quoted)
  }
  const readList = (): unknown[] => {
    const list: unknown[] = []
    at++
    while (text[at] !== '}') {
      list.push(readElement())
      if (text[at] === ',') at++
    }
    at++
    return list
  }
  return readList()
}

/** RFC 3339 text in UTC of a timestamp of PostgreSQL (DateStyle ISO); `infinity` and years before Christ stay as they are. */
function parseTimestamp(text: string): string {
  const parts = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d(?::\d\d)*)?$/.exec(text)
  if (!parts) return text
  const [, date, time, fraction = '', offset = '+00'] = parts
  if (offset === '+00') return `${date}T${time}${fraction}Z`
  const [hours = '', minutes = '0', seconds = '0'] = offset.slice(1).split(':')
  const shift = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * (offset[0] === '-' ? 1 : -1)
  const instant = new Date(Date.parse(`${date}T${time}Z`) + shift * 1000)
  return instant.toISOString().replace('.000Z', `${fraction}Z`)
}

const asText = (text: string): string => text
const scalars: [oid: number, array_oid: number, read: (text: string) => unknown][] = [
  [16, 1000, (text) => text === 't'],
  [17, 1001, (text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'))],
  [19, 1003, asText],
  [20, 1016, Number],
  [21, 1005, Number],
  [23, 1007, Number],
  [25, 1009, asText],
  [26, 1028, Number],
  [114, 199, parseExactJson],
  [700, 1021, Number],
  [701, 1022, Number],
  [869, 1041, asText],
  [1042, 1014, asText],
  [1043, 1015, asText],
  [1082, 1182, asText],
  [1083, 1183, asText],
  [1114, 1115, parseTimestamp],
  [1184, 1185, parseTimestamp],
  [1186, 1187, asText],
  [1700, 1231, asText],
  [2950, 2951, asText],
  [3802, 3807, parseExactJson],
]

/** Makes a value of the text of a column, by the OID of its type; types that are not listed stay text. */
export const parsers: Record<number, (text: string) => unknown> = Object.fromEntries(
  scalars.flatMap(([oid, array_oid, read]) => [
    // Number takes a second argument, which drivers fill with something else.
    [oid, (text: string) => read(text)],
    [array_oid, (text: string) => parseArray(text, read)],
  ]),
)

/** Makes text of an encoded parameter, by the OID of the type that PostgreSQL found for it; `toString` does for the rest. */
export const serializers: Record<number, (value: string | Structured) => string> = Object.fromEntries(
  Object.keys(parsers).map((oid) => [oid, oid === '114' || oid === '3802' ? jsonText : String]),
)
