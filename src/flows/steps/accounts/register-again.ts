// A sign-up for an address that is registered but was never confirmed: another code, and what it asked for kept apart.
import { isDeepStrictEqual } from 'node:util'
import type { Ctx } from '../../../context.ts'
import { isUnusableHash, unusableHash } from '../../../crypto/codes.ts'
import { AuthError } from '../../../errors.ts'
import { deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { hasTrust, storeRepeatedCredentials, takePendingCredentials } from '../../../storage/pending-credentials.ts'
import { NOW } from '../../../storage/sql.ts'
import { stripAccount } from '../../../storage/strip-account.ts'
import { findUserById, lockUser, type User, updateUser } from '../../../storage/users.ts'
import { ownIdentityData, ownMetadata } from '../one-time-tokens/own-metadata.ts'
import { audit } from '../records/audit.ts'
import { transact } from '../transact.ts'
import { mergeMetadata } from './merge-metadata.ts'
import { type NewAccount, signUpTraits } from './new-account.ts'

/** What a sign-up has in common with the account that is there. */
interface Agreement {
  /** It has the account's password, or neither has one. */
  password: boolean
  /** Its metadata may be kept: whoever has the password says what they like, without one all must say the same. */
  metadata: boolean
}

/**
 * Sends the confirmation again. What this sign-up asked for waits for its proof: with another password than the account's
 * nobody can tell afterwards whose mail was followed, and none of them lives (security REV-02).
 * @param confirmed whether the address counts as confirmed without a code
 * @returns null where the account belongs to somebody though nothing proved it, or somebody has just confirmed it
 */
export async function registerAgain(
  ctx: Ctx,
  account: NewAccount,
  user: User,
  confirmed: boolean,
): Promise<User | null> {
  const agreed = await agreement(ctx, account, user)
  if (confirmed) {
    // What an administrator prepared is for whoever they told of it, not for whoever comes first.
    if (!agreed.password && (user.invited_at !== null || (await hasTrust(ctx.db, user.id)))) return null
    if (!(await confirmNow(ctx, account, user, agreed))) return null
  } else await tellAgain(ctx, account, user, agreed)
  const fresh = await findUserById(ctx.db, user.id)
  if (!fresh) throw new AuthError(500, 'unexpected_failure', 'Database error finding user')
  return fresh
}

/** Takes as long as the hash of a new account's password. */
async function agreement(ctx: Ctx, account: NewAccount, user: User): Promise<Agreement> {
  const { encrypted_password } = user
  const stored = encrypted_password === null ? null : ctx.column_cipher.decrypt(encrypted_password, user.id)
  const hasNone = stored !== null && isUnusableHash(stored)
  if (account.password === null) return { password: hasNone, metadata: hasNone && saysTheSame(account, user) }
  if (stored !== null && !hasNone) {
    const isRight = await ctx.hasher.verify(account.password, stored)
    return { password: isRight, metadata: isRight }
  }
  await ctx.hasher.verifyNothing(account.password)
  return { password: false, metadata: false }
}

function saysTheSame(account: NewAccount, user: User): boolean {
  const flags = { email_verified: false, phone_verified: false }
  return isDeepStrictEqual(mergeMetadata(null, ownMetadata(user.id, account)), { ...user.raw_user_meta_data, ...flags })
}

async function tellAgain(ctx: Ctx, account: NewAccount, user: User, agreed: Agreement): Promise<void> {
  const { kind, address: to, channel, challenge } = account
  await kind.send(ctx, user, { purpose: 'confirmation', to, channel, challenge }, (tx, { token_hash }) =>
    Promise.all([
      audit(ctx, tx, user, 'user_confirmation_requested', { provider: kind.name }),
      storeRepeatedCredentials(tx, user.id, {
        token_hash,
        encrypted_password: agreed.password ? user.encrypted_password : null,
        user_metadata: agreed.metadata ? account.data : null,
      }),
    ]),
  )
}

/**
 * Nothing is proved: whoever comes with the account's password goes on with it, anybody else begins anew.
 * @returns false where somebody was faster, whose account it is by now
 */
async function confirmNow(ctx: Ctx, account: NewAccount, user: User, agreed: Agreement): Promise<boolean> {
  const { kind } = account
  const hash = account.password === null ? unusableHash(ctx.random) : await ctx.hasher.hash(account.password)
  return transact(ctx, async (tx) => {
    const now = await lockUser(tx, user.id)
    if (!now || now[kind.confirmed_at] !== null) return false
    await takePendingCredentials(tx, user.id)
    await deleteOneTimeTokens(tx, user.id)
    if (!agreed.password) {
      const identity = { provider: kind.name, identity_data: ownIdentityData(user.id, account) }
      await stripAccount(tx, { user_id: user.id, identity, loses: kind.other })
    }
    const metadata = agreed.password ? user.raw_user_meta_data : mergeMetadata(null, ownMetadata(user.id, account))
    await updateUser(tx, user.id, {
      [kind.confirmed_at]: NOW,
      confirmation_token: '',
      encrypted_password: agreed.password ? undefined : ctx.column_cipher.encrypt(hash, user.id),
      raw_user_meta_data: { ...metadata, ...kind.confirmed_metadata },
    })
    await audit(ctx, tx, user, 'user_signedup', signUpTraits(account))
    return true
  })
}
