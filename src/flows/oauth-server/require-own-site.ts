// Where people are asked for their consent: on no page of another site.
import type { Ctx } from '../../context.ts'
import { invalid } from '../../errors.ts'
import { isAllowedRedirect } from '../steps/answers/allowed-redirect.ts'

/**
 * A page of another site cannot ask or agree for the person.
 * @throws AuthError 400 validation_failed
 */
export function requireOwnSite(ctx: Ctx): void {
  const origin = ctx.header('origin')
  if (origin && !isAllowedRedirect(origin, ctx.config.site_url, ctx.config.uri_allow_list))
    throw invalid('unauthorized request origin')
}
