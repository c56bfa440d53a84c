// Tells where an exchange departs from the OpenAPI document: its path, parameters, bodies, status and answer.
import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** A request and its answer. */
export interface Exchange {
  method: string
  /** With its query. */
  path: string
  request_type: string
  request_body: string
  status: number
  type: string
  body: string
  location: string | null
}

type Json = Record<string, unknown>

interface Content {
  content?: Record<string, { schema: Json }>
  $ref?: string
}
interface Described {
  parameters?: { name: string; in: string; required?: boolean; schema: Json }[]
  requestBody?: Content & { required: boolean }
  responses: Record<string, Content & { headers?: Record<string, unknown> }>
}
/** What is read of the document. */
export interface ApiDocument {
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, Json>; responses: Record<string, Content> }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same schema without room for members that it does not name: what is not described is found. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (!isObject(schema)) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, closed(part)]))
  return 'properties' in schema && !('additionalProperties' in schema)
    ? { ...parts, additionalProperties: false }
    : parts
}

/** The same of docs/openapi.json. */
export const publishedApi = () =>
  describedApi(JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')))

/** Reads the document once; the function tells what is wrong with an exchange. */
export function describedApi(document: ApiDocument): (exchange: Exchange) => string[] {
  const answers = validators(document, true)
  const questions = validators(document, false)
  const paths = Object.entries(document.paths)
    .sort(([a], [b]) => a.split('{').length - b.split('{').length)
    .map(([template, methods]) => ({ template, pattern: patternOf(template), methods }))

  const find = (method: string, path: string) => {
    for (const { pattern, methods, template } of paths) {
      const operation = methods[method.toLowerCase()]
      const found = pattern.exec(path)
      if (found && operation) return { operation, template, values: found.groups ?? {} }
    }
    return null
  }

  return (exchange) => {
    // What browsers ask before a request is no operation.
    if (exchange.method === 'OPTIONS' || exchange.method === 'HEAD') return []
    const [bare = '', query = ''] = exchange.path.split('?')
    const path = (bare.replace(/\/$/, '') || '/').replace(/^\/admin\/user(?=\/|$)/, '/admin/users')
    const found = find(exchange.method, path)
    // Not every path with a slash at its end is the same as without.
    const isUnknown = bare.endsWith('/') && exchange.status === 404
    if (!found || isUnknown) return exchange.status < 400 ? [`no such operation: ${exchange.method} ${path}`] : []
    const { operation, values } = found
    const problems = answerProblems(document, operation, exchange, answers)
    if (exchange.status < 400)
      problems.push(
        ...parameterProblems(operation, { path: values, query: new URLSearchParams(query) }, questions),
        ...bodyProblems(operation, exchange, questions),
      )
    return problems.map((problem) => `${exchange.method} ${found.template} ${exchange.status}: ${problem}`)
  }
}

const patternOf = (template: string): RegExp =>
  new RegExp(`^${template.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)

type Check = (schema: Json, value: unknown) => string[]

/** A function that validates by schemas of the document, each of which is compiled once. */
function validators({ components }: ApiDocument, is_closed: boolean): Check {
  const ajv = new Ajv2020({ strict: false, allErrors: false, coerceTypes: false })
  formats.default(ajv)
  const schemas = is_closed ? closed(components.schemas) : components.schemas
  ajv.addSchema({ $id: 'api', components: { schemas } })
  const made = new Map<Json, ValidateFunction>()
  return (schema, value) => {
    const text = JSON.stringify(is_closed ? closed(schema) : schema).replaceAll('"#/', '"api#/')
    const validate = made.get(schema) ?? ajv.compile(JSON.parse(text))
    made.set(schema, validate)
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath, message, JSON.stringify(params)].join(' '),
    )
  }
}

const resolve = ({ components }: ApiDocument, response: Content): Content =>
  response.$ref === undefined ? response : (components.responses[response.$ref.replace(/^.*\//, '')] ?? {})

function answerProblems(document: ApiDocument, operation: Described, exchange: Exchange, check: Check): string[] {
  const { status, body, location } = exchange
  const response = operation.responses[status] ?? operation.responses[`${String(status)[0]}XX`]
  if (!response) return ['no such status']
  if (status >= 300 && status < 400 && status !== 304) return location === null ? ['no location'] : []
  const { content } = resolve(document, response)
  if (!content) return body === '' ? [] : ['a body where none is described']
  const type = exchange.type.replace(/;.*/, '')
  const media = content[type]
  if (!media) return [`no such media type: ${type}`]
  if (!/[/+]json$/.test(type)) return []
  return check(media.schema, JSON.parse(body))
}

function parameterProblems(
  { parameters = [] }: Described,
  given: { path: Record<string, string>; query: URLSearchParams },
  check: Check,
): string[] {
  return parameters.flatMap(({ name, in: place, required, schema }) => {
    if (place === 'header') return []
    const text = place === 'path' ? given.path[name] : given.query.get(name)
    if (text === null || text === undefined || text === '') return required ? [`${name} is missing`] : []
    const isWritten = ['integer', 'boolean'].includes(String(schema.type)) && /^(\d+|true|false)$/.test(text)
    return check(schema, isWritten ? JSON.parse(text) : schema.type === 'array' ? given.query.getAll(name) : text)
  })
}

/** A null counts as a field that is not there, and names count in any case; both are in the document's words, not in its schemas. */
const asRead = (body: Json, schema: Json): Json => {
  const names = new Map(Object.keys(Object(schema.properties)).map((name) => [name.toLowerCase(), name]))
  const fields = Object.entries(body).filter(([, value]) => value !== null)
  return Object.fromEntries(fields.map(([name, value]) => [names.get(name.toLowerCase()) ?? name, value]))
}

function bodyProblems({ requestBody }: Described, exchange: Exchange, check: Check): string[] {
  const { request_body: text, request_type } = exchange
  if (!requestBody) return []
  if (text === '') return requestBody.required ? ['a body is missing'] : []
  const isForm = request_type.startsWith('application/x-www-form-urlencoded')
  const content = requestBody.content ?? {}
  const media = content[isForm ? 'application/x-www-form-urlencoded' : 'application/json']
  if (!media) return [`no such body: ${request_type}`]
  const given: unknown = isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text)
  return isObject(given) ? check(media.schema, asRead(given, media.schema)) : []
}
