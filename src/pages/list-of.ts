// Lists in answers of the API.

/** Objects of a list, whatever it is. */
export const listOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.map((item) => Object(item)) : []
