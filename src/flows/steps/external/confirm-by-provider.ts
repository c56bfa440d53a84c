// The address of an account that came from a provider: proved by the provider, or by a mail.
import type { Ctx } from '../../../context.ts'
import type { Queryable } from '../../../storage/db.ts'
import type { Metadata } from '../../../storage/metadata.ts'
import { deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { takePendingCredentials } from '../../../storage/pending-credentials.ts'
import { NOW } from '../../../storage/sql.ts'
import { stripAccount } from '../../../storage/strip-account.ts'
import { type User, updateProviders, updateUser } from '../../../storage/users.ts'
import { claimMail } from '../one-time-tokens/require-pause.ts'
import { aboutUser, prepareTokenMail, storeTokenMail } from '../one-time-tokens/token-mail.ts'
import type { Tx } from '../transact.ts'

/**
 * Confirms an account by the address of an identity. Whatever people who never proved the address had set is gone:
 * password, number, factors, metadata, sessions and other identities (security rules 5 and 11).
 * `is_owner` says that the account's own person, who proved its number, had this identity before.
 */
export async function confirmByProvider(
  tx: Queryable,
  user: User,
  { identity_id, identity_data, is_owner }: { identity_id: string; identity_data: Metadata; is_owner: boolean },
): Promise<void> {
  if (!is_owner) await stripAccount(tx, { user_id: user.id, identity: { id: identity_id }, loses: 'phone' })
  const metadata = is_owner ? { ...user.raw_user_meta_data, ...identity_data } : identity_data
  await updateUser(tx, user.id, {
    email_confirmed_at: NOW,
    confirmation_token: '',
    is_anonymous: false,
    raw_user_meta_data: { ...metadata, email_verified: true },
    ...(!is_owner && { encrypted_password: null }),
  })
  await deleteOneTimeTokens(tx, user.id)
  if (is_owner) return
  await Promise.all([takePendingCredentials(tx, user.id), updateProviders(tx, user.id)])
}

/** What a person is told who waits for that mail. */
export const proofSent = (provider: string): string =>
  `Unverified email with ${provider}. A confirmation email has been sent to your ${provider} email`

/**
 * Sends the mail that proves the address of an account.
 * @throws AuthError 429 over_email_send_rate_limit, and mail errors
 */
export async function sendProof(ctx: Ctx, tx: Tx, user: User): Promise<void> {
  await claimMail(ctx, tx, user.id, 'confirmation_token')
  const mail = await tx.outside(`confirmation mail ${user.id}`, () =>
    prepareTokenMail(ctx, {
      kind: 'confirmation',
      type: 'confirmation_token',
      to: user.email ?? '',
      user: aboutUser(user),
    }),
  )
  await storeTokenMail(ctx, tx, mail)
}
