// The dispatcher: matches a request, lets the guards decide, runs the flow, renders the answer; the one try/catch.
import type { Ctx, Deps } from '../context.ts'
import { AuthError } from '../errors.ts'
import { inTime } from '../in-time.ts'
import type { Reply } from '../reply.ts'
import { corsHeaders, createPreflight } from './cors.ts'
import { type Connection, createContext } from './create-context.ts'
import { guards } from './guards.ts'
import { logRequest } from './log-request.ts'
import { formFields, isForm, isJson, parseObject, readText } from './read-body.ts'
import { commonHeaders, renderError, renderReply, renderScimError } from './render-reply.ts'
import type { Route } from './route.ts'
import { createRouter } from './router.ts'
import { guardedPrefixes } from './routes.ts'
import { requireShortQuery } from './text-limits.ts'

/** Answers a request. */
export type Fetch = (request: Request, connection: Connection) => Promise<Response>

/** Builds the server's `fetch` from the route table; `afterWrite` runs after each request that changed something. */
export function createApp(deps: Deps, routes: readonly Route[], afterWrite: () => void): Fetch {
  const find = createRouter(routes)
  const { cors_allowed_headers, mfa_trusted_devices, oauth_features } = deps.config
  const preflight = createPreflight([
    ...cors_allowed_headers,
    ...(mfa_trusted_devices ? ['x-trusted-device'] : []),
    ...(oauth_features.includes('dpop') ? ['dpop'] : []),
  ])
  const common = commonHeaders(deps.config.api_external_url)
  const base = deps.config.base_path.replace(/\/+$/, '')
  return async (request, connection) => {
    if (request.method === 'OPTIONS' && request.headers.has('access-control-request-method'))
      return preflight(request.headers)
    const started = performance.now()
    const url = new URL(request.url)
    const ctx = createContext(deps, request, url, connection)
    if (base !== '' && (ctx.path === base || ctx.path.startsWith(`${base}/`)))
      ctx.path = ctx.path.slice(base.length) || '/'
    const outcome = await answer(find, ctx, request)
    if (outcome.error && !/^\/(pages|console)\//.test(ctx.path)) deps.activity.recordFailure(codeOf(outcome.error))
    const { method } = request
    const response = render(outcome, ctx, request, common)
    // Refusals and redirects write too: attempts that are counted, round trips that begin.
    if (method !== 'GET' || response.status >= 300) afterWrite()
    const ms = performance.now() - started
    if (ctx.path !== '/health') logRequest(ctx, response.status, ms, outcome.error)
    const { status } = response
    const route = outcome.route?.path ?? 'none'
    deps.meter.time('requests', { method, route, status }, ms)
    deps.meter.count('answers', { code: status, method, route })
    return response
  }
}

/** What a failure is counted as. */
const codeOf = (error: unknown): string => {
  const code: unknown = error instanceof AuthError ? error.code : Reflect.get(Object(error), 'error')
  return typeof code === 'string' && code !== '' ? code : 'unexpected_failure'
}

/** The last catch: an answer that cannot be sent is an error like any other. */
function render(outcome: Outcome, ctx: Ctx, request: Request, common: Record<string, string>): Response {
  const headers = { ...common, ...corsHeaders(request), ...ctx.answer_headers }
  try {
    return renderReply(outcome.reply, request.method, headers)
  } catch (error) {
    outcome.error = error
    return renderReply(renderError(error, ctx.api_version, ctx.request_id), request.method, headers)
  }
}

interface Outcome {
  reply: Reply
  error?: unknown
  /** The row that answered. */
  route?: Route
}

async function answer(find: ReturnType<typeof createRouter>, ctx: Ctx, request: Request): Promise<Outcome> {
  let route: Route | undefined
  try {
    requireShortQuery(ctx.query, ctx.header)
    const match = find(request.method, ctx.path, await grantOf(ctx, request))
    if (match.kind === 'unreadable') return { reply: { status: 400, text: '400 Bad Request' } }
    if (match.kind !== 'route') await guardPrefix(ctx)
    if (match.kind === 'wrong method') return { reply: { status: 405, headers: { allow: match.allowed.join(', ') } } }
    if (match.kind === 'unknown') return { reply: notFound }
    ctx.path_params = match.path_params
    const row = match.route
    route = row
    return { reply: await withinTime(ctx, () => row.answer(ctx, () => readObject(row, request))), route }
  } catch (error) {
    const isScim = route?.errors === 'scim'
    const reply = isScim ? renderScimError(error, ctx.api_version) : renderError(error, ctx.api_version, ctx.request_id)
    return { reply, error, ...(route && { route }) }
  }
}

async function readObject(row: Route, request: Request): Promise<Record<string, unknown>> {
  const text = await readText(request, row.form !== undefined)
  if (row.form && isForm(request)) return formFields(text, row.body)
  if (row.form === true || (row.form && !isJson(request))) return {}
  return row.optional_body && text === '' ? {} : parseObject(text)
}

/** The grant that a request for tokens names: a form's own counts before the query's, though no grant takes a form. */
async function grantOf(ctx: Ctx, request: Request): Promise<string | null> {
  const named = ctx.query.get('grant_type')
  if (ctx.path !== '/token' || request.method !== 'POST' || !isForm(request)) return named
  return formFields(await readText(request.clone(), true)).grant_type ?? named
}

/** Unknown paths and wrong methods below a guarded prefix are guarded like it, and need the account that they name. */
async function guardPrefix(ctx: Ctx): Promise<void> {
  const segments = ctx.path.split('/')
  for (const { prefix, guard, feature, requires } of guardedPrefixes) {
    const names = prefix.split('/')
    // A path that ends where a parameter would begin names none.
    const isNamed = (place: number) => segments.slice(place).join('/') !== ''
    if (!names.every((name, place) => name === segments[place] || (name.startsWith(':') && isNamed(place)))) continue
    for (const [place, name] of names.entries())
      if (name.startsWith(':')) ctx.path_params[name.slice(1)] = segments[place] ?? ''
    feature?.(ctx)
    await guards[guard](ctx)
    requires?.(ctx)
    return
  }
}

const notFound: Reply = {
  status: 404,
  text: '404 page not found\n',
  headers: { 'x-content-type-options': 'nosniff' },
}

/** Answers 504 after GOTRUE_API_MAX_REQUEST_DURATION; what has begun goes on to its own end. */
function withinTime(ctx: Ctx, work: () => Promise<Reply>): Promise<Reply> {
  const limit = ctx.config.api_max_request_duration
  if (limit <= 0) return work()
  return inTime(work(), limit, () => {
    throw new AuthError(504, 'request_timeout', 'Processing this request timed out, please retry after a moment.')
  })
}
