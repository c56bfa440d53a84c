// DELETE /user/identities/{identity_id}: a person gives up one of several ways to sign in.
import type { UserCtx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { removeIdentity } from './steps/accounts/remove-identity.ts'
import { parseUuid } from './steps/requests/uuid.ts'
import { requireAal2 } from './steps/sessions/authenticate.ts'

/** Answers `{}`; the account's address moves to another identity where it was this one's alone. */
export async function unlinkIdentity(ctx: UserCtx): Promise<Reply> {
  if (!ctx.config.security_manual_linking_enabled)
    throw new AuthError(404, 'manual_linking_disabled', 'Manual linking is disabled')
  const caller = ctx.caller
  const identity_id = parseUuid(ctx.path_params.identity_id ?? '')
  if (identity_id === null) throw new AuthError(404, 'validation_failed', 'identity_id must be an UUID')
  if (![caller.claims.aud].flat().includes(ctx.aud))
    throw new AuthError(403, 'unexpected_audience', "Token audience doesn't match request audience")
  requireAal2(caller)
  await removeIdentity(ctx, caller.user.id, identity_id)
  return json({})
}
