// A change of phone number begins: a code to the new number, or at once where numbers are confirmed automatically.
import type { Ctx } from '../../../context.ts'
import { onUniqueViolation } from '../../../storage/db.ts'
import { upsertOwnIdentity } from '../../../storage/identities.ts'
import { deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { NOW } from '../../../storage/sql.ts'
import { type User, updateUser } from '../../../storage/users.ts'
import { prepareTokenSms, storeTokenSms, type TokenSms } from '../one-time-tokens/token-sms.ts'
import { audit } from '../records/audit.ts'
import { notify } from '../records/notify.ts'
import { type Channel, phoneExists } from '../requests/addresses.ts'
import type { Tx } from '../transact.ts'

/** A change that may begin; without a message it takes effect at once. */
export interface PhoneChange {
  phone: string
  sms: TokenSms | null
}

/** Makes the code of a change; with a new password the codes of before, and the pause after them, are over. */
export async function preparePhoneChange(
  ctx: Ctx,
  phone: string,
  { channel, is_first }: { channel: Channel; is_first: boolean },
): Promise<PhoneChange> {
  if (ctx.config.sms_autoconfirm) return { phone, sms: null }
  return { phone, sms: prepareTokenSms(ctx, { type: 'phone_change_token', phone, channel, is_first }) }
}

/** Stores the pending number and sends its code, or sets it. */
export async function beginPhoneChange(ctx: Ctx, tx: Tx, user: User, { phone, sms }: PhoneChange): Promise<void> {
  if (!sms) return completePhoneChange(ctx, tx, { ...user, phone_change: phone })
  await storeTokenSms(ctx, tx, sms, user.id)
  await updateUser(tx, user.id, { phone_change: phone })
}

/**
 * Sets the pending number, its token used up already.
 * @throws AuthError 422 phone_exists when somebody else took the number meanwhile
 */
export async function completePhoneChange(ctx: Ctx, tx: Tx, user: User): Promise<void> {
  const phone = user.phone_change ?? ''
  const hadPhone = user.identities.some(({ provider }) => provider === 'phone')
  await updateUser(tx, user.id, {
    phone,
    phone_change: '',
    phone_change_token: '',
    phone_confirmed_at: NOW,
    is_anonymous: false,
  }).catch(onUniqueViolation(phoneExists))
  const identity_data = { sub: user.id, phone, phone_verified: true }
  await Promise.all([
    upsertOwnIdentity(tx, { user_id: user.id, provider: 'phone', identity_data }, { is_moved: true }),
    deleteOneTimeTokens(tx, user.id),
    audit(ctx, tx, user, 'user_modified'),
  ])
  if (!user.email) return
  if (!hadPhone) await notify(ctx, tx, 'identity_linked', { user, to: user.email, provider: 'phone' })
  if (user.phone) await notify(ctx, tx, 'phone_changed', { user, to: user.email, phone, old_phone: user.phone })
}
