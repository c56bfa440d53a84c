// The JSON of files that are imported: ids of more digits than a double holds become texts, metadata keep them as numbers.
import { digitsOf, parseExactJson } from '../../exact-json.ts'

/** What people or applications wrote, which is kept as it is. */
const keptAsIs = /data$|metadata|attributes|traits|custom|claims/i

/**
 * The JSON of a file, digit by digit: two accounts whose ids differ in the last digit of seventeen stay two.
 * @throws SyntaxError
 */
export function parseFileJson(text: string): unknown {
  const value = parseExactJson(text)
  return /\d{16}/.test(text) ? withTextIds(value) : value
}

function withTextIds(value: unknown): unknown {
  const digits = digitsOf(value)
  if (digits !== undefined) return digits
  if (Array.isArray(value)) return value.map(withTextIds)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, keptAsIs.test(name) ? member : withTextIds(member)]),
  )
}
