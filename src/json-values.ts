// JSON of others, which may be anything: whether it is an object, and its value where it is JSON at all (RFC 8259).

/** A JSON object whose members are not known yet. */
export type JsonObject = Record<string, unknown>

/** Whether a value is a JSON object, neither null nor a list. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value of a text; null for what is no JSON. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The object of a text; null for every other value and for what is no JSON. */
export function jsonObjectOrNull(text: string): JsonObject | null {
  const value = jsonOrNull(text)
  return isJsonObject(value) ? value : null
}
