// The type of a row of the route table.
import type { ZodType, z } from 'zod'
import type { Ctx } from '../context.ts'
import type { Limiter } from '../limits/rate-limits.ts'
import type { Reply } from '../reply.ts'

/** An endpoint: what guards it, what it reads, and the flow that answers. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with `:name` parameters. */
  path: string
  /** Value of the query's `grant_type` that the row is for. */
  grant?: string
  /** Whether the path with a trailing slash is the same endpoint, as in the reference. */
  slash: boolean
  /** Who may call. */
  guard: 'public' | 'user' | 'admin'
  /** Bucket of requests that the call counts against. */
  limit?: Limiter
  /** Whether a captcha is asked for when captchas are on; never for administrators. */
  captcha: boolean | ((ctx: Ctx) => boolean)
  /** Fields of a JSON body; without it no body is read. */
  body?: ZodType
  /** Whether the body is a form (application/x-www-form-urlencoded) instead. */
  form?: boolean
  /** Whether an empty body counts as `{}`. */
  optional_body: boolean
  flow: (ctx: Ctx, body: never) => Promise<Reply> | Reply
}

type Options<Body extends ZodType> = Partial<
  Pick<Route, 'grant' | 'slash' | 'guard' | 'limit' | 'captcha' | 'optional_body' | 'form'>
> & {
  body: Body
  flow: (ctx: Ctx, body: z.infer<Body>) => Promise<Reply> | Reply
}
type BodilessOptions = Partial<Pick<Route, 'grant' | 'slash' | 'guard' | 'limit' | 'captcha'>> & {
  flow: (ctx: Ctx) => Promise<Reply> | Reply
}

/** Makes a row; guard `public` unless told otherwise. */
export function route<Body extends ZodType>(method: Route['method'], path: string, options: Options<Body>): Route
export function route(method: Route['method'], path: string, options: BodilessOptions): Route
export function route(method: Route['method'], path: string, options: Options<ZodType> | BodilessOptions): Route {
  return { slash: false, guard: 'public', captcha: false, optional_body: false, ...options, method, path }
}
