// DELETE /user/identities/{identity_id}: a person gives up one of several ways to sign in.
import type { Ctx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { deleteIdentity } from '../storage/identities.ts'
import { deleteProviderTokens } from '../storage/provider-tokens.ts'
import { lockUser, updateProviders, updateUser } from '../storage/users.ts'
import { moveEmail } from './steps/link-move-email.ts'
import { audit } from './steps/records/audit.ts'
import { notify } from './steps/records/notify.ts'
import { callerOf } from './steps/requests/caller.ts'
import { parseUuid } from './steps/requests/uuid.ts'
import { requireAal2 } from './steps/sessions/require-aal2.ts'
import { transact } from './steps/transact.ts'

/** Answers `{}`; the account's address moves to another identity where it was this one's alone. */
export async function unlinkIdentity(ctx: Ctx): Promise<Reply> {
  if (!ctx.config.security_manual_linking_enabled)
    throw new AuthError(404, 'manual_linking_disabled', 'Manual linking is disabled')
  const caller = callerOf(ctx)
  const identity_id = parseUuid(ctx.path_params.identity_id ?? '')
  if (identity_id === null) throw new AuthError(404, 'validation_failed', 'identity_id must be an UUID')
  if (![caller.claims.aud].flat().includes(ctx.aud))
    throw new AuthError(403, 'unexpected_audience', "Token audience doesn't match request audience")
  requireAal2(caller)
  await transact(ctx, async (tx, outside) => {
    // Locked, so that of two identities unlinked at once one stays.
    const user = await lockUser(tx, caller.user.id)
    if (!user || user.identities.length <= 1)
      throw new AuthError(422, 'single_identity_not_deletable', 'User must have at least 1 identity after unlinking')
    const identity = user.identities.find(({ id }) => id === identity_id)
    if (!identity || !(await deleteIdentity(tx, identity_id, user.id)))
      throw new AuthError(422, 'identity_not_found', "Identity doesn't exist")
    const { provider, provider_id } = identity
    await audit(ctx, tx, user, 'identity_unlinked', { identity_id, provider, provider_id })
    await deleteProviderTokens(tx, identity_id)
    if (provider === 'phone') await updateUser(tx, user.id, { phone: null, phone_confirmed_at: null })
    else await moveEmail(ctx, tx, user, identity_id)
    await updateProviders(tx, user.id)
    if (user.email) await notify(ctx, tx, outside, 'identity_unlinked', { user, to: user.email, provider })
  })
  ctx.delivery.kick()
  return json({})
}
