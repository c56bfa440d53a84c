// A row of the route table, and how it is answered: guard, limit, body, captcha, flow, in this order.
import type { ZodType, z } from 'zod'
import type { Ctx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { checkCaptcha } from '../flows/steps/requests/check-captcha.ts'
import type { ReadFields } from '../flows/steps/requests/fields.ts'
import { requireOwnHand, requireOwnSession } from '../flows/steps/sessions/authenticate.ts'
import { requireShownFactor } from '../flows/steps/sessions/mfa-policy.ts'
import type { Limiter } from '../limits/rate-limits.ts'
import type { Reply } from '../reply.ts'
import { type Guard, type GuardedCtx, guards } from './guards.ts'
import { parseFields } from './read-body.ts'

interface Facts {
  /** Who may call. */
  guard: Guard
  /** Value of the query's `grant_type` that the row is for. */
  grant?: string
  /** Whether the path with a trailing slash is the same endpoint, as in the reference. */
  slash?: boolean
  /** Bucket of requests that the call counts against. */
  limit?: Limiter
  /** Whether a captcha is asked for when captchas are on; never for administrators. */
  captcha?: boolean
  /** Refuses what is switched off, before the body is looked at. */
  requires?: (ctx: Ctx) => void
  /** Answers for a feature that is switched off, before anybody is asked who they are. */
  feature?: (ctx: Ctx) => void
  /** Whether the body is a form (application/x-www-form-urlencoded) instead of JSON, or either by its type. */
  form?: boolean | 'or JSON'
  /**
   * What is told of a body that cannot be read, where the reference has words of its own: a text stands before the problem, a
   * rule of its flow may read other fields of a body that is an object.
   */
  bad_body?: Error | string | ((ctx: Ctx, readFields: ReadFields | null) => Promise<Error>)
  /** Whether people may call who must show a second factor and have not yet. */
  before_mfa?: boolean
  /** Whether applications that a person let in may call in their name. */
  for_applications?: boolean | 'unless strict'
  /** Fields of the body that may hold a token, however short they must be elsewhere. */
  long?: readonly string[]
  /** Whether an empty body counts as `{}`. */
  optional_body?: boolean
  /** For which requests a body counts, where it does not for all; for others it is as good as `{}`, whatever it holds. */
  body_for?(ctx: Ctx): boolean
  /** Whose form errors have, where it is not that of the API (RFC 7644 §3.12). */
  errors?: 'scim'
}

/** An endpoint. */
export interface Route extends Facts {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'
  /** Path with `:name` parameters. */
  path: string
  /** Fields of a body; without it none is read. */
  body?: ZodType
  /** Lets the guards decide and runs the flow; `readFields` reads the body once it is due. */
  answer(ctx: Ctx, readFields: () => Promise<Record<string, unknown>>): Promise<Reply>
}

type Bodiless<Name extends Guard> = Facts & {
  guard: Name
  body?: undefined
  flow: (ctx: GuardedCtx[Name]) => Promise<Reply> | Reply
}
type Bodied<Name extends Guard, Body extends ZodType> = Facts & {
  guard: Name
  body: Body
  flow: (ctx: GuardedCtx[Name], body: z.infer<Body>) => Promise<Reply> | Reply
}

const readsNothing = <Name extends Guard, Body extends ZodType>(
  options: Bodiless<Name> | Bodied<Name, Body>,
): options is Bodiless<Name> => options.body === undefined

async function parse<Body extends ZodType>(
  ctx: Ctx,
  body: Body,
  fields: Record<string, unknown> | Promise<Record<string, unknown>>,
  { bad_body, long }: Facts,
): Promise<z.infer<Body>> {
  let object: Record<string, unknown> | undefined
  try {
    object = await fields
    return parseFields(body, object, long)
  } catch (error) {
    if (bad_body === undefined || !(error instanceof AuthError) || error.code !== 'bad_json') throw error
    const held = object
    if (typeof bad_body === 'function') throw await bad_body(ctx, held ? (schema) => parseFields(schema, held) : null)
    if (typeof bad_body !== 'string') throw bad_body
    throw new AuthError(error.status, error.code, error.message.replace(/^[^:]*/, bad_body))
  }
}

const isForApplications = ({ config }: Ctx, { for_applications }: Facts): boolean =>
  for_applications === true || (for_applications === 'unless strict' && !config.oauth_strict)

/** Makes a row; the guard gives the flow the type of its context, the schema that of its body. */
export function route<Name extends Guard, Body extends ZodType>(
  method: Route['method'],
  path: string,
  options: Bodiless<Name> | Bodied<Name, Body>,
): Route {
  const { flow: _, ...facts } = options
  return {
    ...facts,
    method,
    path,
    async answer(ctx, readFields) {
      facts.feature?.(ctx)
      const guarded = await guards[options.guard](ctx)
      if (ctx.caller && !isForApplications(ctx, facts)) requireOwnSession(ctx.caller)
      if (ctx.caller && facts.for_applications !== true) requireOwnHand(ctx.caller)
      if (ctx.caller && !facts.before_mfa) requireShownFactor(ctx, ctx.caller)
      if (facts.limit) await ctx.limits.take(facts.limit, ctx.client)
      const asksCaptcha = facts.captcha === true && ctx.config.security_captcha_enabled
      const asked = asksCaptcha ? await readFields() : undefined
      if (asked) await checkCaptcha(ctx, asked)
      facts.requires?.(ctx)
      if (readsNothing(options)) return options.flow(guarded)
      if (facts.body_for?.(guarded) === false) return options.flow(guarded, parseFields(options.body, {}))
      return options.flow(guarded, await parse(ctx, options.body, asked ?? readFields(), facts))
    },
  }
}
