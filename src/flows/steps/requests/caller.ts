// The caller that a guard has let pass.
import type { Caller, Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'

/** The signed-in person of a route that is guarded for people. */
export function callerOf(ctx: Ctx): Caller {
  if (!ctx.caller) throw new AuthError(401, 'no_authorization', 'This endpoint requires a valid Bearer token')
  return ctx.caller
}

/** The role of an administrator's token, as the audit log names the actor. */
export const adminRole = (ctx: Ctx): string => String(ctx.admin?.role ?? '')
