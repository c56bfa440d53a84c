// Bodies of requests in the document: the zod schemas of the route table, with what parameters.ts says of their fields.
import { type ZodType, z } from 'zod'
import type { Route } from '../route.ts'
import type { Operation } from './operation.ts'
import { bodyFields, captchaField } from './parameters.ts'
import type { Schema } from './schema-words.ts'

/** What zod says of a field, without what only says that it may be left out. */
function describeField(name: string, { default: _, ...made }: Schema): Schema {
  const told = bodyFields[name]
  if (told && (Object.keys(made).length === 0 || made.type === told.type)) return told
  if (!isObject(made.properties)) return made
  return { ...made, properties: describeFields(made.properties) }
}

const isObject = (value: unknown): value is Record<string, Schema> => typeof value === 'object' && value !== null

const describeFields = (fields: Record<string, Schema>): Record<string, Schema> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, describeField(name, field)]))

function schemaOf(body: ZodType, { captcha }: Route, needs: readonly string[]): Schema {
  const { properties } = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })
  if (!isObject(properties)) return { type: 'object', additionalProperties: true }
  return {
    type: 'object',
    properties: { ...describeFields(properties), ...(captcha && { gotrue_meta_security: captchaField }) },
    ...(needs.length > 0 && { required: needs }),
  }
}

/** The body of an operation; undefined where none is read. */
export function describeBody(rows: readonly [Route, ...Route[]], { needs = [] }: Operation): object | undefined {
  const schemas = rows.flatMap((row) => (row.body ? [schemaOf(row.body, row, needs)] : []))
  const [first] = schemas
  if (!first) return undefined
  const [{ form, optional_body, body_for, errors }] = rows
  const schema = schemas.length > 1 ? { anyOf: schemas } : first
  const types = [
    ...(form === true ? [] : ['application/json']),
    ...(form ? ['application/x-www-form-urlencoded'] : []),
    ...(errors === 'scim' ? ['application/scim+json'] : []),
  ]
  return {
    required: !optional_body && !body_for && form !== true,
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  }
}
