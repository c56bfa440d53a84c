// One log line a request, without tokens, codes or addresses of people.
import type { Ctx } from '../context.ts'
import { AuthError, OAuthError } from '../errors.ts'

/** Characters of what a request wrote that its line may hold: lines stay under 4 KB. */
const longest = 512

/** Logs how a request ended; the level follows the status. */
export function logRequest(ctx: Ctx, status: number, duration_ms: number, error?: unknown): void {
  const fields: Record<string, unknown> = {
    component: 'api',
    method: ctx.method,
    path: ctx.path.slice(0, longest),
    remote_addr: ctx.client_address,
    request_id: ctx.request_id,
    status,
    duration: Math.round(duration_ms * 1e6),
    ...ctx.log_fields,
  }
  if (ctx.path === '/token') fields.grant_type = (ctx.query.get('grant_type') ?? '').slice(0, 64)
  if (error instanceof AuthError) {
    fields.error_code = error.code
    fields.error = error.message.slice(0, longest)
    if (status >= 500 && error.details.cause !== undefined) fields.err = error.details.cause
  } else if (error instanceof OAuthError) {
    fields.error_code = error.error
    fields.error = error.description.slice(0, longest)
    if (error.cause !== undefined) fields.err = error.cause
  } else if (error !== undefined) fields.err = error
  const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info'
  ctx.log[level](fields, 'request completed')
}
