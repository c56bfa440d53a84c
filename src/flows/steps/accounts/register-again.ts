// A sign-up for an address that is registered but was never confirmed: another code, and what it asked for kept apart.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { storePendingCredentials, takePendingCredentials } from '../../../storage/pending-credentials.ts'
import { NOW } from '../../../storage/sql.ts'
import { findUserById, type User, updateUser } from '../../../storage/users.ts'
import { audit } from '../records/audit.ts'
import { transact } from '../transact.ts'
import { type NewAccount, ownIdentityData, signUpTraits } from './new-account.ts'

/**
 * Sends the confirmation again. The password and metadata of this sign-up belong to this mail alone: the account takes
 * them over when its link is followed (security rule 5, ACC-10).
 * @param confirmed whether the address counts as confirmed without a code
 */
export async function registerAgain(ctx: Ctx, account: NewAccount, user: User, confirmed: boolean): Promise<User> {
  if (confirmed) await confirmNow(ctx, account, user)
  else await tellAgain(ctx, account, user)
  const fresh = await findUserById(ctx.db, user.id)
  if (!fresh) throw new AuthError(500, 'unexpected_failure', 'Database error finding user')
  return fresh
}

async function tellAgain(ctx: Ctx, account: NewAccount, user: User): Promise<void> {
  const { kind, address: to, channel, challenge, encrypted_password } = account
  const user_metadata = ownIdentityData(user.id, account)
  await kind.send(ctx, user, { purpose: 'confirmation', to, channel, challenge }, (tx, { token_hash }) =>
    Promise.all([
      audit(ctx, tx, user, 'user_confirmation_requested', { provider: kind.name }),
      storePendingCredentials(tx, user.id, { token_hash, encrypted_password, user_metadata }),
    ]),
  )
}

/** Without a code nothing is proved anew: password and metadata stay as they are. */
async function confirmNow(ctx: Ctx, account: NewAccount, user: User): Promise<void> {
  const { kind } = account
  await transact(ctx, async (tx) => {
    await takePendingCredentials(tx, user.id)
    await deleteOneTimeTokens(tx, user.id)
    await updateUser(tx, user.id, {
      [kind.confirmed_at]: NOW,
      confirmation_token: '',
      raw_user_meta_data: { ...user.raw_user_meta_data, ...kind.confirmed_metadata },
    })
    await audit(ctx, tx, user, 'user_signedup', signUpTraits(account))
  })
}
