// Whether a Content-Type header announces JSON (RFC 9110 §8.3), with the reference's words where it does not.

const token = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`
const parameter = String.raw`\s*;\s*${token}\s*=\s*(?:${token}|"(?:[^"\\\r\n]|\\.)*")`
const parameters = new RegExp(`^(?:${parameter})*[\\s;]*$`)
const leading = new RegExp(`^${token}`)

/** What is wrong with the Content-Type of a hook's reply; null when it is `application/json`. */
export function mediaTypeError(header: string): string | null {
  if (header === '') return 'Invalid Content-Type: Missing Content-Type header'
  const end = header.includes(';') ? header.indexOf(';') : header.length
  const type = header.slice(0, end).trim().toLowerCase()
  const problem = typeError(type) ?? (parameters.test(header.slice(end)) ? null : 'mime: invalid media parameter')
  if (problem !== null) return `Invalid Content-Type header: ${problem}`
  return type === 'application/json' ? null : `Invalid JSON response. Received content-type: ${header}`
}

function typeError(type: string): string | null {
  const [first] = leading.exec(type) ?? []
  if (first === undefined) return 'mime: no media type'
  const rest = type.slice(first.length)
  if (rest === '') return null
  if (!rest.startsWith('/')) return 'mime: expected slash after first token'
  const [second] = leading.exec(rest.slice(1)) ?? []
  if (second === undefined) return 'mime: expected token after slash'
  return rest.length > second.length + 1 ? 'mime: unexpected content after media subtype' : null
}
