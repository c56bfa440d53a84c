// Escaping in style sheets.
import { unsafe } from './escape-html.ts'

/** A value of a declaration: only what cannot end or extend it, nor run anything in an old browser. */
export function filterStyle(text: string): string {
  if (/[\0"'()/;<>@[\\\]`{}]|--/.test(text)) return unsafe
  const letters = text.toLowerCase().replace(/[^a-z\d]/g, '')
  return /expression|mozbinding/.test(letters) ? unsafe : text
}

/** Text between quotes. A space ends an escape that what follows could lengthen. */
export const escapeStyleText = (text: string): string =>
  text.replace(/[\0\t\n\f\r"&'()+/:;<>\\{}]/g, (mark, at: number) => {
    if (mark === '\\') return '\\\\'
    const next = text.charAt(at + 1)
    return `\\${mark.charCodeAt(0).toString(16)}${/^[^\da-fA-F\t\n\f\r ]/.test(next) ? '' : ' '}`
  })
