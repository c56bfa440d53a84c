// A sign-up for an address that is registered but was never confirmed: another code, and what it asked for kept apart.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { insertPkceFlow } from '../../../storage/flow-state.ts'
import { storePendingCredentials, takePendingCredentials } from '../../../storage/pending-credentials.ts'
import { NOW } from '../../../storage/sql.ts'
import { findUserById, type User, updateUser } from '../../../storage/users.ts'
import {
  claimMail,
  newEmailToken,
  prepareTokenMail,
  requirePause,
  storeTokenMail,
} from '../one-time-tokens/token-mail.ts'
import { prepareSms, storeSms } from '../one-time-tokens/token-sms.ts'
import { audit } from '../records/audit.ts'
import { transact } from '../transact.ts'
import { type NewAccount, ownIdentityData } from './create-account.ts'

/**
 * Sends the confirmation again. The password and metadata of this sign-up belong to this mail alone: the account takes
 * them over when its link is followed (security rule 5, ACC-10).
 * @param confirmed whether the address counts as confirmed without a code
 */
export async function confirmAgain(ctx: Ctx, account: NewAccount, user: User, confirmed: boolean): Promise<User> {
  const fresh = confirmed
    ? await confirmNow(ctx, account, user)
    : account.by === 'email'
      ? await mailAgain(ctx, account, user)
      : await textAgain(ctx, account, user)
  if (!fresh) throw new AuthError(500, 'unexpected_failure', 'Database error finding user')
  return fresh
}

/** The credentials that this sign-up asked for, as they take effect when its code proves the address. */
const pending = (account: NewAccount, user: User, token_hash: string) => ({
  token_hash,
  encrypted_password: account.encrypted_password,
  user_metadata: ownIdentityData(user.id, account.by, account.address, account.data),
})

async function mailAgain(ctx: Ctx, account: NewAccount, user: User): Promise<User | null> {
  requirePause(ctx, user.confirmation_sent_at)
  const token = newEmailToken(ctx, 'confirmation_token', account.address, account.challenge !== null)
  const mail = await prepareTokenMail(ctx, {
    kind: 'confirmation',
    to: account.address,
    token,
    user: { id: user.id, email: account.address, user_metadata: user.raw_user_meta_data },
  })
  return transact(ctx, async (tx) => {
    await claimMail(ctx, tx, user.id, 'confirmation_token')
    await Promise.all([
      audit(ctx, tx, user, 'user_confirmation_requested', { provider: 'email' }),
      account.challenge &&
        insertPkceFlow(tx, { user_id: user.id, authentication_method: 'email/signup', ...account.challenge }),
      storePendingCredentials(tx, user.id, pending(account, user, token.token_hash)),
      storeTokenMail(ctx, tx, mail, () => findUserById(tx, user.id)),
    ])
    return findUserById(tx, user.id)
  })
}

async function textAgain(ctx: Ctx, account: NewAccount, user: User): Promise<User | null> {
  const sms = await prepareSms(ctx, 'confirmation_token', account.address, account.channel)
  return transact(ctx, async (tx) => {
    await Promise.all([
      audit(ctx, tx, user, 'user_confirmation_requested', { provider: 'phone' }),
      storePendingCredentials(tx, user.id, pending(account, user, sms.token.token_hash)),
      storeSms(ctx, tx, sms, user.id),
    ])
    return findUserById(tx, user.id)
  })
}

/** Without a code nothing is proved anew: password and metadata stay as they are. */
async function confirmNow(ctx: Ctx, account: NewAccount, user: User): Promise<User | null> {
  return transact(ctx, async (tx) => {
    await takePendingCredentials(tx, user.id)
    await updateUser(tx, user.id, {
      [account.by === 'email' ? 'email_confirmed_at' : 'phone_confirmed_at']: NOW,
    })
    await audit(ctx, tx, user, 'user_signedup', { provider: account.by })
    return findUserById(tx, user.id)
  })
}
