// JSON whose numbers keep their digits: ids of other systems are longer than a double can hold (RFC 8259 §6).

declare global {
  interface JSON {
    parse(text: string, reviver: (name: string, value: unknown, context: { source?: string }) => unknown): unknown
    rawJSON(text: string): object
    isRawJSON(value: unknown): boolean
  }
}

/** Numbers that may lose digits: more than fifteen of them, or an exponent; rare, so that most texts are parsed as fast as ever. */
const suspicious = /(?:^|[[:,\s])-?(?:[\d.]{16}|[\d.]+e)/i

/**
 * Parses JSON. A number that a double cannot hold stands as a raw number, which `JSON.stringify` writes digit by digit;
 * `digitsOf` reads it.
 * @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  return suspicious.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)
}

/** The digits of a number that a double cannot hold; undefined for every other value. */
export const digitsOf = (value: unknown): string | undefined =>
  JSON.isRawJSON(value) ? String(Reflect.get(Object(value), 'rawJSON')) : undefined

function keepDigits(_name: string, value: unknown, context: { source?: string }): unknown {
  const { source = '' } = context
  return typeof value !== 'number' || isExact(value, source) ? value : JSON.rawJSON(source)
}

/** Whether nothing of a number's text was lost; fifteen digits always survive (IEEE 754 double precision). */
function isExact(value: number, source: string): boolean {
  if (String(value) === source) return true
  const digits = source
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '')
  return digits === '' || (digits.length <= 15 && Number.isFinite(value) && value !== 0)
}
