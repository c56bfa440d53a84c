// Escaping in the text, names and attributes of HTML.
import { attributeKind } from './attributes.ts'

/** What stands in the place of a value that could not be made safe. */
export const unsafe = 'ZgotmplZ'

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '+': '&#43;',
  '\0': '\ufffd',
}

/** Text, and attributes in quotes. */
export const escapeText = (text: string): string => text.replace(/[&<>"'+\0]/g, (mark) => entities[mark] ?? '')

/** An attribute without quotes: what could end it is escaped too; it cannot be empty. */
export const escapeBare = (text: string): string =>
  text === '' ? unsafe : text.replace(/[\0\t-\r "&'+<=>`\ufdd0-\ufdef\ufff0-\uffff]/g, escapeBareMark)

function escapeBareMark(mark: string): string {
  const code = mark.charCodeAt(0)
  if (code === 0) return '&#xfffd;'
  if (code > 0x7f) return `&#x${code.toString(16)};`
  return entities[mark] ?? `&#${code};`
}

/** The name of an attribute: only such as cannot change what a page does. */
export function filterName(text: string): string {
  const name = text.toLowerCase()
  return /^[a-z\d]+$/.test(name) && attributeKind(name) === 'plain' ? name : unsafe
}
