// Escaping in URLs.
import { unsafe } from './escape-html.ts'

const percent = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

/** A part of a query or fragment: everything but letters, digits and `-._~`. */
export const escapeUrl = (text: string): string => text.replace(/[^A-Za-z\d\-._~]+/g, percent)

/** A URL, or the beginning of one: what has a meaning in it is kept, and so is what is encoded already. */
export const normaliseUrl = (text: string): string =>
  text.replace(/%(?![\dA-Fa-f]{2})|[^A-Za-z\d\-._~!#$%&*+,/:;=?@[\]]+/g, percent)

/** Whether a URL is relative, or of a scheme that runs nothing. */
function isSafe(url: string): boolean {
  const [scheme = '', rest] = url.split(':', 2)
  return rest === undefined || scheme.includes('/') || /^(?:https?|mailto)$/i.test(scheme)
}

/** A URL that may have any scheme is replaced when it could run something. */
export const filterUrl = (text: string): string => (isSafe(text) ? text : `#${unsafe}`)

/** The list of an attribute `srcset`: URLs with a width or density each. */
export const filterSources = (text: string): string =>
  text
    .split(',')
    .map((source) => {
      const [, space = '', url = '', size = ''] = /^([\t\n\f\r ]*)([^\t\n\f\r ]*)([\s\S]*)$/.exec(source) ?? []
      return isSafe(url) && /^[A-Za-z\d\t\n\f\r ]*$/.test(size) ? space + normaliseUrl(url) + size : `#${unsafe}`
    })
    .join(',')
