// Errors of sign-ins with providers as redirects tell of them.
import type { Ctx } from '../../../context.ts'
import { AuthError, unexpected } from '../../../errors.ts'
import { DatabaseError } from '../../../storage/db.ts'
import { errorParameters } from '../answers/redirect-with.ts'

const denied = new Set(['signup_disabled', 'user_banned', 'provider_email_needs_verification'])

/** The parameters that tell of an error; every one has a name. */
export function externalErrorParameters(error: AuthError): Record<string, string> {
  const parameters = errorParameters(error)
  if (denied.has(error.code)) return { ...parameters, error: 'access_denied' }
  return { error: 'server_error', ...parameters }
}

/** Any thrown value as the error that a redirect tells of; what is nobody's business goes to the log only. */
export function toRedirectError(ctx: Ctx, error: unknown): AuthError {
  if (error instanceof AuthError) {
    ctx.log_fields.error_code = error.code
    if (error.status >= 500)
      ctx.log.error({ err: error, request_id: ctx.request_id }, 'a sign-in with a provider failed')
    return error
  }
  ctx.log.error({ err: error, request_id: ctx.request_id }, 'a sign-in with a provider failed')
  // What an application's own function raises on purpose is its message to the person.
  if (error instanceof DatabaseError && /^(P0001|PT\d{3})$/.test(error.sqlstate))
    return new AuthError(500, 'unexpected_failure', error.message)
  return unexpected()
}
