// The address of an account that came from a provider: proved by the provider, or by a mail.
import type { Ctx } from '../../../context.ts'
import type { Queryable } from '../../../storage/db.ts'
import { deleteOtherIdentities } from '../../../storage/identities.ts'
import type { Metadata } from '../../../storage/metadata.ts'
import { deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { takePendingCredentials } from '../../../storage/pending-credentials.ts'
import { deleteProviderTokens } from '../../../storage/provider-tokens.ts'
import { deleteSessions } from '../../../storage/sessions.ts'
import { NOW } from '../../../storage/sql.ts'
import { type User, updateProviders, updateUser } from '../../../storage/users.ts'
import { claimMail } from '../one-time-tokens/require-pause.ts'
import { aboutUser, prepareTokenMail, storeTokenMail } from '../one-time-tokens/token-mail.ts'
import type { Tx } from '../transact.ts'

/**
 * Confirms an account by the address of an identity. Whatever people who never proved the address had set is gone:
 * password, metadata, sessions and other identities (security rule 5).
 */
export async function confirmByProvider(
  tx: Queryable,
  user: User,
  identity: { identity_id: string; identity_data: Metadata },
): Promise<void> {
  // A phone number that was proved makes the account its owner's already.
  const isOwned = user.phone_confirmed_at !== null
  const metadata = isOwned ? { ...user.raw_user_meta_data, ...identity.identity_data } : identity.identity_data
  await updateUser(tx, user.id, {
    email_confirmed_at: NOW,
    confirmation_token: '',
    is_anonymous: false,
    raw_user_meta_data: { ...metadata, email_verified: true },
    ...(!isOwned && { encrypted_password: null }),
  })
  await deleteOneTimeTokens(tx, user.id)
  if (isOwned) return
  const [gone] = await Promise.all([
    deleteOtherIdentities(tx, user.id, identity.identity_id),
    takePendingCredentials(tx, user.id),
    deleteSessions(tx, user.id),
  ])
  await Promise.all([updateProviders(tx, user.id), ...gone.map((id) => deleteProviderTokens(tx, id))])
}

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
