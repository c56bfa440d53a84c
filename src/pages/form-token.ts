// What keeps other sites from sending our forms: the browser's Origin, and a token bound to its cookies.
import { createHmac, timingSafeEqual } from 'node:crypto'

/** The name of the field that carries the token. */
export const tokenField = '_token'

/**
 * The token of a browser's forms. It holds for one cookie and one session, so that one that was known before somebody
 * signed in is worth nothing after it.
 */
export const formToken = (key: Buffer, form_cookie: string, handle: string): string =>
  createHmac('sha256', key).update(`${form_cookie}\n${handle}`).digest('base64url')

/** Whether a form carries the token of the browser that sends it. */
export function isFormToken(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Whether a form was sent by a page of this origin: browsers say so in Origin, older ones in Sec-Fetch-Site at least. */
export function isFromOwnOrigin(headers: Headers, origin: string): boolean {
  const given = headers.get('origin')
  return given === null ? headers.get('sec-fetch-site') === 'same-origin' : given === origin
}
