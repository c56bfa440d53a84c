// The words that schemas of the document are written in: short names for pieces of JSON Schema (2020-12).

/** A piece of JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>

export const text: Schema = { type: 'string' }
export const uuid: Schema = { type: 'string', format: 'uuid' }
/** RFC 3339. */
export const time: Schema = { type: 'string', format: 'date-time' }
export const flag: Schema = { type: 'boolean' }
export const whole: Schema = { type: 'integer' }
/** An object of anything, such as metadata. */
export const anything: Schema = { type: 'object', additionalProperties: true }
export const texts: Schema = { type: 'array', items: { type: 'string' } }

/** A list of things of one kind. */
export const list = (items: Schema): Schema => ({ type: 'array', items })

/** One of some texts. */
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values })

/** The same, or null. */
export const orNull = (schema: Schema): Schema =>
  typeof schema.type === 'string' && !('enum' in schema)
    ? { ...schema, type: [schema.type, 'null'] }
    : { anyOf: [schema, { type: 'null' }] }

/** A schema of the document by its name. */
export const named = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** The same with a sentence on what it means. */
export const about = (schema: Schema, description: string): Schema => ({ ...schema, description })

/** An object; fields whose name ends with a question mark may be left out. */
export function object(fields: Readonly<Record<string, Schema>>, more: Schema = {}): Schema {
  const entries = Object.entries(fields).map(([name, schema]) => ({
    name: name.replace(/\?$/, ''),
    is_optional: name.endsWith('?'),
    schema,
  }))
  const required = entries.filter(({ is_optional }) => !is_optional).map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
    ...more,
  }
}
