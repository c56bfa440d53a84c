// One description of a kind of thing, from which its list, its forms and its removal are made.
import { jsonObjectOrNull } from '../../json-values.ts'
import type { OperatorCtx } from '../page.ts'
import { textOf } from './console-view.ts'
import type { Row } from './tables.ts'

/** A field of a thing, by the name that the API has for it. */
export interface ResourceField {
  name: string
  label: string
  hint?: string
  /** `lines` is a list with one entry a line, `json` an object. */
  kind: 'text' | 'secret' | 'lines' | 'json' | 'check' | 'choice' | 'long'
  options?: readonly string[]
  /** Whether it is given only when the thing is made. */
  only_new?: boolean
  /** The value where a new thing has none. */
  initial?: unknown
  /** What it is in a thing, where that is not a member of its name. */
  read?(row: Row): unknown
}

/** The value of a field as a form shows it. */
export function shownField({ kind, name, read }: ResourceField, row: Row): string {
  const value = read ? read(row) : row[name]
  if (kind === 'secret') return ''
  if (kind === 'lines') return Array.isArray(value) ? value.map(textOf).join('\n') : ''
  if (kind === 'json') return value === undefined || value === null ? '' : JSON.stringify(value, null, 2)
  return textOf(value)
}

/** What was filled in, as the API takes it; or the field that is wrong. */
export function readFields(
  ctx: OperatorCtx,
  fields: readonly ResourceField[],
  isNew: boolean,
): { body: Row } | { wrong: string } {
  const body: Row = {}
  for (const { name, kind, only_new } of fields) {
    if (only_new && !isNew) continue
    const text = ctx.form[name] ?? ''
    if (kind === 'check') body[name] = text === 'true'
    else if (kind === 'lines') body[name] = text.split(/[\s,]+/).filter((line) => line !== '')
    else if (kind === 'json') {
      const value = text.trim() === '' ? {} : jsonObjectOrNull(text)
      if (value === null) return { wrong: name }
      body[name] = value
    } else if (text.trim() !== '' || (kind === 'text' && !isNew)) body[name] = kind === 'secret' ? text : text.trim()
  }
  return { body }
}
