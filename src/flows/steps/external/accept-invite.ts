// An invitation that is accepted with a provider: its token is used up, and the identity becomes the account's only one.
import type { Ctx } from '../../../context.ts'
import { AuthError, invalid } from '../../../errors.ts'
import { insertIdentity } from '../../../storage/identities.ts'
import { consumeOneTimeToken } from '../../../storage/one-time-tokens.ts'
import { lockUser, type User } from '../../../storage/users.ts'
import { addressKinds } from '../one-time-tokens/address-kinds.ts'
import { findByLink } from '../one-time-tokens/one-time-token.ts'
import { audit } from '../records/audit.ts'
import { requireNoBan } from '../requests/require-no-ban.ts'
import type { Tx } from '../transact.ts'
import { isExpired, provesEmail } from '../verification/use-token.ts'
import { confirmByProvider } from './confirm-by-provider.ts'
import type { ExternalPerson } from './decide-linking.ts'

/**
 * Accepts an invitation: one address of the person must be the invited one, exactly.
 * @throws AuthError 404 invite_not_found; 400 validation_failed; 403 user_banned
 */
export async function acceptInvite(
  ctx: Ctx,
  tx: Tx,
  carried: string,
  person: ExternalPerson,
): Promise<{ user: User; identity_id: string }> {
  const notFound = new AuthError(404, 'invite_not_found', 'Invite not found')
  const found = await findByLink(tx, carried, ['confirmation_token'], { known_hash: true })
  if (!found || !provesEmail(found) || isExpired(ctx, addressKinds.email, found)) throw notFound
  const { id: user_id, email: invited } = found.user
  if (!person.emails.some(({ email }) => email === invited))
    throw invalid('Invited email does not match emails from external provider')
  if (!(await consumeOneTimeToken(tx, user_id, 'confirmation_token', found.token_hash))) throw notFound
  const user = await lockUser(tx, user_id)
  if (!user) throw notFound
  requireNoBan(user)
  const { provider, sub: provider_id, identity_data, new_identity_id: identity_id } = person
  await insertIdentity(tx, { id: identity_id, user_id, provider, provider_id, identity_data })
  await audit(ctx, tx, user, 'invite_accepted', { provider })
  await confirmByProvider(tx, user, { identity_id, identity_data, is_owner: false })
  return { user, identity_id }
}
