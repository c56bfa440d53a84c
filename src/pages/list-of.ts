// Lists in answers of the API.

/** Objects of a list, whatever it is. */
export const listOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.map((item) => Object(item)) : []

/** The same, oldest first: factors come in the order of their last change. */
export const listByAge = (value: unknown): Record<string, unknown>[] =>
  listOf(value).sort((one, other) => Date.parse(String(one.created_at)) - Date.parse(String(other.created_at)))
