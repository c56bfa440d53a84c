// A change of phone number takes effect once its code was shown.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { isUniqueViolation, type Queryable } from '../../../storage/db.ts'
import { upsertOwnIdentity } from '../../../storage/identities.ts'
import { deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { NOW } from '../../../storage/sql.ts'
import { type User, updateUser } from '../../../storage/users.ts'
import { audit } from '../records/audit.ts'
import { notify } from '../records/notify.ts'
import type { Outside } from '../transact.ts'

/**
 * Sets the pending number, its token used up already.
 * @throws AuthError 422 phone_exists when somebody else took the number meanwhile
 */
export async function completePhoneChange(ctx: Ctx, tx: Queryable, outside: Outside, user: User): Promise<void> {
  const phone = user.phone_change ?? ''
  const hadPhone = user.identities.some(({ provider }) => provider === 'phone')
  try {
    await updateUser(tx, user.id, {
      phone,
      phone_change: '',
      phone_change_token: '',
      phone_confirmed_at: NOW,
      is_anonymous: false,
    })
  } catch (error) {
    if (isUniqueViolation(error))
      throw new AuthError(422, 'phone_exists', 'A user with this phone number has already been registered')
    throw error
  }
  await Promise.all([
    upsertOwnIdentity(tx, {
      user_id: user.id,
      provider: 'phone',
      identity_data: { sub: user.id, phone, phone_verified: true },
    }),
    deleteOneTimeTokens(tx, user.id),
    audit(ctx, tx, user, 'user_modified'),
  ])
  if (!user.email) return
  if (!hadPhone) await notify(ctx, tx, outside, 'identity_linked', { user, to: user.email, provider: 'phone' })
  if (user.phone)
    await notify(ctx, tx, outside, 'phone_changed', { user, to: user.email, phone, old_phone: user.phone })
}
