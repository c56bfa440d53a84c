// An address is proved: the account counts as confirmed, and what unproved people had set does not survive.
import type { Ctx } from '../../../context.ts'
import { unusableHash } from '../../../crypto/codes.ts'
import type { Queryable } from '../../../storage/db.ts'
import { deleteExternalIdentities, upsertOwnIdentity, verifyEmailIdentity } from '../../../storage/identities.ts'
import { clearAllTokens, deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { TRUSTED, takePendingCredentials } from '../../../storage/pending-credentials.ts'
import { deleteSessions } from '../../../storage/sessions.ts'
import { type Changes, NOW } from '../../../storage/sql.ts'
import { type User, updateUser } from '../../../storage/users.ts'
import { audit } from '../records/audit.ts'

/** Confirms the e-mail address of an account by the token of a sign-up or an invitation. */
export async function confirmEmail(ctx: Ctx, tx: Queryable, user: User, token_hash: string): Promise<void> {
  const credentials = await credentialsOf(tx, user, token_hash)
  const password =
    'encrypted_password' in credentials.changes ? credentials.changes.encrypted_password : user.encrypted_password
  const needsPassword = user.invited_at !== null && !password
  if (needsPassword) await clearAllTokens(tx, user.id)
  await Promise.all([
    updateUser(tx, user.id, {
      ...credentials.changes,
      ...(needsPassword && { encrypted_password: unusableHash(ctx.random) }),
      email_confirmed_at: NOW,
      raw_user_meta_data: { ...credentials.metadata, email_verified: true },
    }),
    verifyEmailIdentity(tx, user.id, user.email ?? ''),
    deleteOneTimeTokens(tx, user.id),
    needsPassword && deleteSessions(tx, user.id),
    audit(ctx, tx, user, 'user_signedup', { provider: 'email' }),
  ])
}

/** Confirms the phone number of an account. */
export async function confirmPhone(ctx: Ctx, tx: Queryable, user: User, token_hash: string): Promise<void> {
  const credentials = await credentialsOf(tx, user, token_hash)
  await Promise.all([
    updateUser(tx, user.id, {
      ...credentials.changes,
      ...(credentials.changes.raw_user_meta_data !== undefined && { raw_user_meta_data: credentials.metadata }),
      phone_confirmed_at: NOW,
      is_anonymous: false,
    }),
    deleteOneTimeTokens(tx, user.id),
    audit(ctx, tx, user, 'user_signedup', { provider: 'phone' }),
  ])
}

/** A recovery or magic link: signs in, and confirms an address that was not. */
export async function recover(ctx: Ctx, tx: Queryable, user: User): Promise<void> {
  if (user.email_confirmed_at !== null) {
    await Promise.all([deleteOneTimeTokens(tx, user.id), audit(ctx, tx, user, 'login')])
    return
  }
  const credentials = await credentialsOf(tx, user, null)
  await Promise.all([
    updateUser(tx, user.id, {
      ...credentials.changes,
      confirmation_token: '',
      email_confirmed_at: NOW,
      raw_user_meta_data: { ...credentials.metadata, email_verified: true },
    }),
    deleteOneTimeTokens(tx, user.id),
    audit(ctx, tx, user, 'user_signedup', { provider: 'email' }),
  ])
}

interface Credentials {
  changes: Changes
  metadata: Record<string, unknown>
}

/**
 * The password and metadata that an account keeps once an address is proved (security rule 5): those of the mail that
 * was followed; the account's own when it has only ever had one; none of somebody who never proved the address.
 * @param token_hash the sign-up's token, or null when another kind of mail proves the address
 */
async function credentialsOf(tx: Queryable, user: User, token_hash: string | null): Promise<Credentials> {
  const own = user.raw_user_meta_data ?? {}
  const confirmed = user.email_confirmed_at !== null || user.phone_confirmed_at !== null
  const rows = await takePendingCredentials(tx, user.id)
  // An invitation of a reference server that shares the database has no row; without a password nobody signed up beside it.
  const isInvitation = user.invited_at !== null && !user.encrypted_password && rows.length === 0
  if (confirmed || isInvitation || rows.some((row) => row.token_hash === TRUSTED)) return { changes: {}, metadata: own }
  const followed = rows.find((row) => row.token_hash === token_hash)
  // Somebody who was invited keeps what the administrator said of them; a sign-up beside it changes nothing.
  if (user.invited_at !== null && followed?.encrypted_password)
    return { changes: { encrypted_password: null }, metadata: own }
  if (!followed && token_hash !== null && rows.length === 0) return { changes: {}, metadata: own }
  // By a mail of its own: identities that somebody else brought along before go, as a password would.
  if (followed || token_hash === null) await deleteExternalIdentities(tx, user.id)
  const by = user.email ? 'email' : 'phone'
  const bare = { sub: user.id, ...(user.email && { email: user.email }), email_verified: false, phone_verified: false }
  const metadata = followed?.user_metadata ?? bare
  await upsertOwnIdentity(tx, { user_id: user.id, provider: by, identity_data: metadata })
  return {
    changes: { encrypted_password: followed?.encrypted_password ?? null, raw_user_meta_data: metadata },
    metadata,
  }
}
