// The OpenAPI 3.1 document of the API, made from the route table, the schemas of bodies and what operations.ts tells.
import { version } from '../../version.ts'
import type { Route } from '../route.ts'
import { routes } from '../routes.ts'
import { answerSchemas } from './answer-schemas.ts'
import { describeBody } from './describe-body.ts'
import { errorResponses, responsesOf } from './describe-responses.ts'
import { type Operation, tags } from './operation.ts'
import { operations } from './operations.ts'
import { type Parameter, parameters, pathParameters } from './parameters.ts'

const about = `The API of Supabase Auth, as Postern speaks it.

A field of a body that is \`null\` counts as one that is not there, names of fields count in any case, and unknown ones are
ignored. Paths below \`/admin/users\` are served under \`/admin/user\` too. Which endpoints a server has depends on its
configuration: what is switched off answers 404 or 422 with a code of its own.`

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a session.' },
  service_role: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token whose role is one of GOTRUE_JWT_ADMIN_ROLES.',
  },
  scim: { type: 'http', scheme: 'bearer', description: 'A token made for an identity provider of a company.' },
  client: { type: 'http', scheme: 'basic', description: 'Id and secret of an application (RFC 6749 §2.3.1).' },
  apikey: {
    type: 'apiKey',
    in: 'header',
    name: 'apikey',
    description: 'What a gateway in front of the server asks for; the server itself does not.',
  },
}

/** Who may call a row, by its guard. */
const securityOf = ({ guard, path }: Route): Record<string, string[]>[] => {
  if (guard === 'scim') return [{ scim: [] }]
  if (/^(admin|account|oauth_client|sso_provider)/.test(guard)) return [{ service_role: [] }]
  if (guard !== 'public') return [{ bearer: [] }]
  return /^\/oauth\/(token|revoke|introspect|par|device_authorization)$/.test(path)
    ? [{ client: [] }, {}]
    : [{}, { apikey: [] }]
}

/** `/admin/user` is another spelling, and SCIM answers other methods below a path for politeness only. */
const isShown = ({ method, path }: Route): boolean =>
  !/^\/admin\/user(\/|$)/.test(path) && (method === 'GET' || !path.endsWith('*'))

/** The path as OpenAPI writes it. */
const templateOf = (path: string): string => path.replace(/:kind\{(\w+)\}/, '$1').replace(/:(\w+)/g, '{$1}')

const describeParameter = (key: string, { name = key, in: place = 'query', ...more }: Parameter) => ({
  name,
  in: place,
  ...more,
})

function parametersOf(template: string, { query = [], headers = [] }: Operation): object[] {
  const named = Array.from(template.matchAll(/\{(\w+)\}/g), ([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...pathParameters[name],
  }))
  const others = [...query, ...headers].map((key) => describeParameter(key, parameters[key]))
  return [...named, ...others]
}

/** What the rows of one method and path make: several are one operation, whose body depends on the grant. */
function describeOperation(template: string, rows: readonly [Route, ...Route[]], operation: Operation) {
  const [row] = rows
  const given = parametersOf(template, operation)
  const body = describeBody(rows, operation)
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    security: securityOf(row),
    ...(given.length > 0 && { parameters: given }),
    ...(body && { requestBody: body }),
    responses: responsesOf(rows, operation),
  }
}

function describePaths(): Record<string, Record<string, object>> {
  const groups = new Map<string, [Route, ...Route[]]>()
  for (const row of routes.filter(isShown)) {
    const key = `${row.method} ${row.path}`
    const rows = groups.get(key)
    if (rows) rows.push(row)
    else groups.set(key, [row])
  }
  const paths: Record<string, Record<string, object>> = {}
  for (const [key, rows] of groups) {
    const operation = operations[key]
    if (!operation) throw new Error(`operations.ts tells nothing of ${key}`)
    for (const [id, path] of Object.entries(operation.paths ?? { [operation.id]: rows[0].path })) {
      const template = templateOf(path)
      paths[template] ??= {}
      paths[template][rows[0].method.toLowerCase()] = describeOperation(template, rows, { ...operation, id })
    }
  }
  return paths
}

/** Where the server of the document in docs/ is reached: that of `postern dev`. */
export const documentedUrl = 'http://127.0.0.1:54321/auth/v1'

const documentAt = (url: string): object => ({
  openapi: '3.1.1',
  info: {
    title: 'Postern',
    version,
    summary: 'An authentication server',
    description: about,
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url }],
  tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  paths: describePaths(),
  components: { schemas: answerSchemas, responses: errorResponses, securitySchemes },
})

/** The document; `url` is where the server is reached. */
export const openApiText = (url: string): string => `${JSON.stringify(documentAt(url), null, 2)}\n`
