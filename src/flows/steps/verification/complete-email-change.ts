// A change of e-mail address: with secure change both addresses must agree before it takes effect.
import type { Ctx } from '../../../context.ts'
import type { Queryable } from '../../../storage/db.ts'
import { isUniqueViolation } from '../../../storage/db.ts'
import { upsertOwnIdentity } from '../../../storage/identities.ts'
import { deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { NOW } from '../../../storage/sql.ts'
import { type User, updateUser } from '../../../storage/users.ts'
import { audit } from '../records/audit.ts'
import { notify } from '../records/notify.ts'
import { emailExists } from '../requests/addresses.ts'
import type { Outside } from '../transact.ts'

/**
 * Takes one side's agreement, its token used up already; the account row is locked by that.
 * @returns false when the other side has still to agree
 * @throws AuthError 422 email_exists when somebody else took the address meanwhile
 */
export async function completeEmailChange(ctx: Ctx, tx: Queryable, outside: Outside, user: User): Promise<boolean> {
  const { mailer_secure_email_change_enabled, mailer_autoconfirm } = ctx.config
  const needsBoth = mailer_secure_email_change_enabled && !mailer_autoconfirm && Boolean(user.email)
  if (needsBoth && user.email_change_confirm_status === 0) {
    await updateUser(tx, user.id, { email_change_confirm_status: 1 })
    return false
  }
  const email = user.email_change ?? ''
  try {
    await updateUser(tx, user.id, {
      email,
      email_change: '',
      email_change_token_current: '',
      email_change_token_new: '',
      email_change_confirm_status: 0,
      email_confirmed_at: user.email_confirmed_at === null ? NOW : undefined,
      is_anonymous: false,
      raw_user_meta_data:
        user.email_confirmed_at === null ? { ...user.raw_user_meta_data, email_verified: true } : undefined,
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw emailExists()
    throw error
  }
  const identity_data = { sub: user.id, email, email_verified: true }
  await Promise.all([
    upsertOwnIdentity(tx, { user_id: user.id, provider: 'email', identity_data }),
    deleteOneTimeTokens(tx, user.id),
    audit(ctx, tx, user, 'user_modified'),
  ])
  if (user.email)
    await notify(ctx, tx, outside, 'email_changed', { user, to: user.email, email, old_email: user.email })
  return true
}
