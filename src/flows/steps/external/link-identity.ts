// Adds an identity to the account of the person who asked for it, whatever its address.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { onUniqueViolation, type Queryable } from '../../../storage/db.ts'
import { findIdentity, insertIdentity } from '../../../storage/identities.ts'
import { deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { endTrust } from '../../../storage/pending-credentials.ts'
import { NOW } from '../../../storage/sql.ts'
import { findUserById, lockUser, type User, updateProviders, updateUser } from '../../../storage/users.ts'
import { audit } from '../records/audit.ts'
import { notify } from '../records/notify.ts'
import { requireNoBan } from '../requests/require-no-ban.ts'
import type { Tx } from '../transact.ts'
import { proofSent, sendProof } from './confirm-by-provider.ts'
import { type ExternalPerson, shownEmail } from './decide-linking.ts'

/** What came of it; a refusal that the identity and a mail must survive. */
export interface Linked {
  identity_id: string
  refusal: AuthError | null
}

/**
 * Refuses an identity that is linked already.
 * @throws AuthError 422 identity_already_exists
 */
export async function requireUnlinked(db: Queryable, person: ExternalPerson, user_id: string): Promise<void> {
  const identity = await findIdentity(db, person.provider, person.sub)
  if (!identity) return
  const whose = identity.user_id === user_id ? '' : ' to another user'
  throw new AuthError(422, 'identity_already_exists', `Identity is already linked${whose}`)
}

/**
 * Links in the caller's transaction. An account without an address takes the identity's.
 * @throws AuthError 422 identity_already_exists or user_not_found; 400 email_exists; 403 user_banned
 */
export async function linkIdentity(ctx: Ctx, tx: Tx, person: ExternalPerson, user_id: string): Promise<Linked> {
  const user = await lockUser(tx, user_id)
  if (!user) throw new AuthError(422, 'user_not_found', 'Linking target user not found')
  requireNoBan(user)
  await requireUnlinked(tx, person, user_id)
  const { provider, sub: provider_id, identity_data, new_identity_id: identity_id } = person
  await insertIdentity(tx, { id: identity_id, user_id, provider, provider_id, identity_data })
  await audit(ctx, tx, user, 'identity_linked', { identity_id, provider, provider_id })
  const refusal = user.email ? null : await takeEmail(ctx, tx, user, person)
  await updateProviders(tx, user_id)
  if (refusal === null && user.email) await notify(ctx, tx, 'identity_linked', { user, to: user.email, provider })
  return { identity_id, refusal }
}

/** The account's first address; null when it needs no proof any more. */
async function takeEmail(ctx: Ctx, tx: Tx, user: User, person: ExternalPerson): Promise<AuthError | null> {
  const email = shownEmail(person)
  if (email === null) {
    await updateUser(tx, user.id, { is_anonymous: false })
    return null
  }
  await updateUser(tx, user.id, { email }).catch(
    onUniqueViolation(
      () => new AuthError(400, 'email_exists', 'A user with this email address has already been registered'),
    ),
  )
  if (person.identity_data.email_verified !== true) {
    await endTrust(tx, user.id)
    const fresh = await findUserById(tx, user.id)
    if (fresh) await sendProof(ctx, tx, fresh)
    return new AuthError(422, 'email_not_confirmed', proofSent(person.provider))
  }
  await updateUser(tx, user.id, {
    email_confirmed_at: NOW,
    confirmation_token: '',
    is_anonymous: false,
    raw_user_meta_data: { ...user.raw_user_meta_data, email_verified: true },
  })
  await deleteOneTimeTokens(tx, user.id)
  return null
}
