// UUIDs in texts that a caller sends (RFC 9562).

/** The UUID of no row. */
export const nilUuid = '00000000-0000-0000-0000-000000000000'

const canonical = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text is a UUID in its canonical form. */
export const isUuid = (text: string): boolean => canonical.test(text)

/** The canonical form of a UUID that may be written as a URN, in braces or without hyphens; null for anything else. */
export function parseUuid(text: string): string | null {
  const bare = text.replace(/^urn:uuid:/, '').replace(/^\{(.*)\}$/, '$1')
  if (canonical.test(bare)) return bare.toLowerCase()
  const hex = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i.exec(text)
  return hex ? hex.slice(1).join('-').toLowerCase() : null
}
