// Takes a way to sign in from an account, which keeps at least one.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import type { Queryable } from '../../../storage/db.ts'
import { deleteIdentity, type Identity, isEmailTaken } from '../../../storage/identities.ts'
import { clearAllTokens } from '../../../storage/one-time-tokens.ts'
import { deleteProviderTokens } from '../../../storage/provider-tokens.ts'
import { lockUser, type User, updateProviders, updateUser } from '../../../storage/users.ts'
import { audit } from '../records/audit.ts'
import { notify } from '../records/notify.ts'
import { transact } from '../transact.ts'

/**
 * Removes an identity; the account's address moves to another one where it was this one's alone.
 * @throws AuthError 422 single_identity_not_deletable, identity_not_found, email_conflict_identity_not_deletable
 */
export async function removeIdentity(ctx: Ctx, user_id: string, identity_id: string): Promise<void> {
  await transact(ctx, async (tx) => {
    // Locked, so that of two identities unlinked at once one stays.
    const user = await lockUser(tx, user_id)
    if (!user || user.identities.length <= 1)
      throw new AuthError(422, 'single_identity_not_deletable', 'User must have at least 1 identity after unlinking')
    const identity = user.identities.find(({ id }) => id === identity_id)
    if (!identity || !(await deleteIdentity(tx, identity_id, user.id)))
      throw new AuthError(422, 'identity_not_found', "Identity doesn't exist")
    const { provider, provider_id } = identity
    await audit(ctx, tx, user, 'identity_unlinked', { identity_id, provider, provider_id })
    await deleteProviderTokens(tx, identity_id)
    if (provider === 'phone') await updateUser(tx, user.id, { phone: null, phone_confirmed_at: null })
    else await moveEmail(tx, user, identity_id)
    await updateProviders(tx, user.id)
    if (user.email) await notify(ctx, tx, 'identity_unlinked', { user, to: user.email, provider })
  })
}

const isVerified = ({ identity_data }: Identity): boolean => identity_data.email_verified === true

/**
 * Moves the address after an identity of a locked account was deleted: to the oldest one left that a provider proved, else
 * to none (security REV-03).
 * @throws AuthError 422 email_conflict_identity_not_deletable when other accounts have all its addresses
 */
async function moveEmail(tx: Queryable, user: User, unlinked_id: string): Promise<void> {
  const left = user.identities.filter(({ id }) => id !== unlinked_id)
  if (left.some(({ email }) => (email ?? '') === (user.email ?? ''))) return
  const proved = left.filter((identity) => identity.email && isVerified(identity))
  const email = await firstFree(tx, user, proved)
  await clearAllTokens(tx, user.id)
  await updateUser(tx, user.id, {
    email,
    email_change: '',
    email_change_confirm_status: 0,
    phone_change: '',
    ...(email === null && {
      email_confirmed_at: null,
      raw_user_meta_data: { ...user.raw_user_meta_data, email_verified: false },
    }),
  })
}

async function firstFree(tx: Queryable, user: User, proved: Identity[]): Promise<string | null> {
  for (const { email } of proved)
    if (email && (user.is_sso_user || !(await isEmailTaken(tx, email, user.id)))) return email
  if (proved.length === 0) return null
  throw new AuthError(422, 'email_conflict_identity_not_deletable', 'Unable to unlink identity due to email conflict')
}
