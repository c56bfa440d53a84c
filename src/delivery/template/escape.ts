// Escapes a value for the place in HTML that it stands in.
import { formatValue, Int } from './format.ts'
import type { Place } from './html-context.ts'

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '+': '&#43;',
  '\0': '\ufffd',
}
const unsafe = 'ZgotmplZ'

/** Text and quoted attributes. */
const escapeText = (text: string): string => text.replace(/[&<>"'+\0]/g, (character) => entities[character] ?? '')

/** Attributes without quotes end at white space, and more characters are special. */
const escapeBare = (text: string): string =>
  escapeText(text).replace(/[\t\n\v\f\r =`]/g, (character) => `&#${character.charCodeAt(0)};`)

/** The value as the place needs it. */
export function escapeFor(place: Place, value: unknown): string {
  const text = formatValue(value)
  if (place.kind === 'text' || place.kind === 'title') return escapeText(text)
  if (place.kind === 'script') return toScript(value)
  if (place.kind === 'style') return toStyle(text)
  if (place.kind === 'tag') return /^[a-zA-Z0-9-]*$/.test(text) && !/^(on|style|src|href)/i.test(text) ? text : unsafe
  const quoted = place.quote === '' ? escapeBare : escapeText
  if (place.type === 'url') return quoted(toUrl(text, place.written))
  if (place.type === 'script') return quoted(toScript(value))
  if (place.type === 'style') return quoted(toStyle(text))
  return quoted(text)
}

/** A value of JSON that cannot leave a script; within quotes of the script it keeps its own. */
function toScript(value: unknown): string {
  const plain = value instanceof Int ? value.value : value
  const json = JSON.stringify(plain ?? null) ?? 'null'
  return json.replace(
    /[<>&'+\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Only what cannot end or extend a declaration. */
const toStyle = (text: string): string =>
  /^[\w #%.,!-]*$/.test(text) && !/expression|javascript|-moz-binding/i.test(text) ? text : unsafe

/** At the beginning a scheme is checked; after `?` or `#` everything is encoded. */
function toUrl(text: string, written: string): string {
  if (/[?#]/.test(written)) return percent(text, /[A-Za-z0-9\-._~]/)
  if (written === '' || written === '"') {
    const scheme = /^([^/?#]*?):/.exec(text)?.[1]
    if (scheme !== undefined && !/^(https?|mailto)$/i.test(scheme)) return `#${unsafe}`
  }
  return percent(text, /[A-Za-z0-9\-._~!#$&*+,/:;=?@[\]%]/)
}

const percent = (text: string, kept: RegExp): string =>
  Array.from(text, (character) =>
    kept.test(character)
      ? character
      : Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  ).join('')
