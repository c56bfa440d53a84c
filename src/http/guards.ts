// What must hold before a flow runs: the rate limit, the caller, the captcha.
import type { Ctx } from '../context.ts'
import { checkCaptcha } from '../flows/steps/requests/check-captcha.ts'
import { requireAdmin, requireUser } from '../flows/steps/sessions/authenticate.ts'
import type { Route } from './route.ts'

/** Runs the guards of a row in the reference's order. */
export async function runGuards(
  row: Pick<Route, 'guard' | 'limit' | 'captcha'>,
  ctx: Ctx,
  body: Record<string, unknown>,
): Promise<void> {
  if (row.guard === 'user') ctx.caller = await requireUser(ctx)
  if (row.guard === 'admin') ctx.admin = await requireAdmin(ctx)
  if (row.limit) await ctx.limits.take(row.limit, ctx.limit_key)
  const asksCaptcha = typeof row.captcha === 'function' ? row.captcha(ctx) : row.captcha
  if (asksCaptcha && ctx.config.security_captcha_enabled) await checkCaptcha(ctx, body)
}
