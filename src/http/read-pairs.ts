// Parameters of queries and forms: of a broken pair nothing counts, as if it had not been sent (Go's net/url, for the reference).

/** A semicolon, which once stood between pairs, or a percent sign that begins no byte. */
const broken = /;|%(?![\da-f]{2})/i

/** Whether a query or form has a pair that cannot be read. */
export const hasBrokenPair = (text: string): boolean => broken.test(text)

/** The pairs of a query or form that can be read. */
export function readPairs(text: string): URLSearchParams {
  if (!broken.test(text)) return new URLSearchParams(text)
  const readable = text
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => !broken.test(pair))
  return new URLSearchParams(readable.join('&'))
}
