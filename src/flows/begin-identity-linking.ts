// GET /user/identities/authorize: sends a signed-in person to a provider whose identity is to be linked.
import type { UserCtx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { json, type Reply, redirect } from '../reply.ts'
import { startExternalSignIn } from './steps/external/start-external-sign-in.ts'
import { requireAal2 } from './steps/sessions/authenticate.ts'

/** Answers with a redirect to the provider, or with its address for `skip_http_redirect=true`. */
export async function beginIdentityLinking(ctx: UserCtx): Promise<Reply> {
  if (!ctx.config.security_manual_linking_enabled)
    throw new AuthError(404, 'manual_linking_disabled', 'Manual linking is disabled')
  const caller = ctx.caller
  requireAal2(caller)
  const url = await startExternalSignIn(ctx, { user_id: caller.user.id, session_id: caller.session?.id ?? null })
  return ctx.query.get('skip_http_redirect') === 'true' ? json({ url }) : redirect(url, 302)
}
