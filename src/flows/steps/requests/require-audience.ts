// An account is made only for an audience that the configuration names.
import type { Ctx } from '../../../context.ts'
import { invalid } from '../../../errors.ts'

/**
 * Lets requests pass that may make an account: whoever made one for an audience of their choice would have a token for it
 * (security REV-07). Call it before anything is looked up, so that known and unknown addresses are answered alike. The
 * audience of a bearer token, which nobody asked for, gives way to the configured one.
 * @throws AuthError 400 validation_failed
 */
export function requireAudience(ctx: Ctx): Ctx {
  const { aud, config } = ctx
  if (aud === config.jwt_aud || config.audiences.includes(aud)) return ctx
  if (ctx.header('x-jwt-aud'))
    throw invalid('X-JWT-AUD names an audience that no account can be made for; POSTERN_AUDIENCES lists those that can')
  return { ...ctx, aud: config.jwt_aud }
}
