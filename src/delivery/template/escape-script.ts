// Escaping in scripts.
import { Int, isNil, isObject, sortedEntries } from './values.ts'

const unicode = (mark: string): string => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A value as JSON that cannot leave a script; what could run together with the code around it has spaces. */
export function toScript(value: unknown): string {
  const json = toJson(value).replace(/[<>&\u2028\u2029]/g, unicode)
  return `${/^[\w-]/.test(json) ? ' ' : ''}${json}${/\w$/.test(json) ? ' ' : ''}`
}

function toJson(value: unknown): string {
  if (isNil(value)) return 'null'
  if (value instanceof Int) return String(value.value)
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed())
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const members = sortedEntries(value).map(([name, member]) => `${toJson(name)}:${toJson(member)}`)
  return `{${members.join(',')}}`
}

const short: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '/': '\\/', '\\': '\\\\' }
const escapeMark = (mark: string): string => short[mark] ?? unicode(mark)

/** Text between quotes. */
export const escapeScriptText = (text: string): string => text.replace(/[\0-\x1f"&'+/<>\\`\u2028\u2029]/g, escapeMark)

/** Text between backquotes, where it must start no expression either. */
export const escapeTemplate = (text: string): string => text.replace(/[\0-\x1f"&'+/<>\\`${}\u2028\u2029]/g, escapeMark)

/** Text in a regular expression, which it is to match; nothing is a group that matches nothing. */
export const escapePattern = (text: string): string =>
  text === ''
    ? '(?:)'
    : text.replace(/[\0-\x1f"&'+/<>\\\u2028\u2029]|[$()*\-.?[\]^{|}]/g, (mark) =>
        /[$()*\-.?[\]^{|}]/.test(mark) ? `\\${mark}` : escapeMark(mark),
      )
