// An address is proved: the account counts as confirmed, and what unproved people had set does not survive.
import { isDeepStrictEqual } from 'node:util'
import type { Ctx } from '../../../context.ts'
import { unusableHash } from '../../../crypto/codes.ts'
import type { Queryable } from '../../../storage/db.ts'
import { upsertOwnIdentity, verifyEmailIdentity } from '../../../storage/identities.ts'
import type { Metadata } from '../../../storage/metadata.ts'
import { clearAllTokens, deleteOneTimeTokens } from '../../../storage/one-time-tokens.ts'
import { TRUSTED, takePendingCredentials } from '../../../storage/pending-credentials.ts'
import { deleteSessions } from '../../../storage/sessions.ts'
import { NOW } from '../../../storage/sql.ts'
import { stripAccount } from '../../../storage/strip-account.ts'
import { type User, updateUser } from '../../../storage/users.ts'
import { type AddressKind, addressKinds } from '../one-time-tokens/address-kinds.ts'
import { ownIdentityData, ownMetadata } from '../one-time-tokens/own-metadata.ts'
import { audit } from '../records/audit.ts'
import type { Tx } from '../transact.ts'

/** Confirms the e-mail address of an account by the token of a sign-up or an invitation. */
export async function confirmEmail(ctx: Ctx, tx: Tx, user: User, token_hash: string): Promise<void> {
  const kept = await settleAccount(tx, user, addressKinds.email, token_hash)
  const password = kept.encrypted_password === undefined ? user.encrypted_password : kept.encrypted_password
  const needsPassword = user.invited_at !== null && !password
  if (needsPassword) await clearAllTokens(tx, user.id)
  await Promise.all([
    updateUser(tx, user.id, {
      encrypted_password: needsPassword
        ? ctx.column_cipher.encrypt(unusableHash(ctx.random), user.id)
        : kept.encrypted_password,
      email_confirmed_at: NOW,
      raw_user_meta_data: { ...kept.user_metadata, email_verified: true },
    }),
    verifyEmailIdentity(tx, user.id, user.email ?? ''),
    deleteOneTimeTokens(tx, user.id),
    needsPassword && deleteSessions(tx, user.id),
    audit(ctx, tx, user, 'user_signedup', { provider: 'email' }),
  ])
}

/** Confirms the phone number of an account. */
export async function confirmPhone(ctx: Ctx, tx: Tx, user: User, token_hash: string): Promise<void> {
  const kept = await settleAccount(tx, user, addressKinds.phone, token_hash)
  await Promise.all([
    updateUser(tx, user.id, {
      encrypted_password: kept.encrypted_password,
      raw_user_meta_data: kept.encrypted_password === undefined ? undefined : kept.user_metadata,
      phone_confirmed_at: NOW,
      is_anonymous: false,
    }),
    deleteOneTimeTokens(tx, user.id),
    audit(ctx, tx, user, 'user_signedup', { provider: 'phone' }),
  ])
}

/** A recovery or magic link: signs in, and confirms an address that was not. */
export async function recover(ctx: Ctx, tx: Tx, user: User): Promise<void> {
  if (user.email_confirmed_at !== null) {
    await Promise.all([deleteOneTimeTokens(tx, user.id), audit(ctx, tx, user, 'login')])
    return
  }
  const kept = await settleAccount(tx, user, addressKinds.email, null)
  await Promise.all([
    updateUser(tx, user.id, {
      confirmation_token: '',
      encrypted_password: kept.encrypted_password,
      email_confirmed_at: NOW,
      raw_user_meta_data: { ...kept.user_metadata, email_verified: true },
    }),
    deleteOneTimeTokens(tx, user.id),
    audit(ctx, tx, user, 'user_signedup', { provider: 'email' }),
  ])
}

/** What an account goes on with; an undefined password stays as it is. */
interface Kept {
  encrypted_password: string | null | undefined
  user_metadata: Metadata | null
}

/**
 * Settles whose account it is, once an address of it is proved (security rules 5 and 11). It keeps all where an
 * administrator made it, or where only one sign-up ever asked for it and its own mail is followed; it keeps the password
 * of sign-ups that agreed; else it is stripped, since nobody can tell one mail from another.
 * @param token_hash the sign-up's token, or null when another kind of mail proves the address
 */
async function settleAccount(tx: Queryable, user: User, kind: AddressKind, token_hash: string | null): Promise<Kept> {
  const own = { encrypted_password: undefined, user_metadata: user.raw_user_meta_data }
  const rows = await takePendingCredentials(tx, user.id)
  // An invitation of a reference server that shares the database has no row; without a password nobody signed up beside it.
  const isInvitation = user.invited_at !== null && user.encrypted_password === null && rows.length === 0
  const isTrusted = isInvitation || rows.some((row) => row.token_hash === TRUSTED)
  if (user[kind.confirmed_at] !== null || isTrusted) return own
  if (token_hash !== null && rows.length === 0) return own
  const followed = rows.find((row) => row.token_hash === token_hash)
  const encrypted_password = rows.some((row) => row.encrypted_password === null)
    ? null
    : (followed?.encrypted_password ?? null)
  const isSamePerson = encrypted_password !== null && encrypted_password === user.encrypted_password
  // Somebody who was invited keeps what the administrator said of them; a sign-up beside it changes nothing.
  const isInvited = user.invited_at !== null && token_hash !== null
  const data = followed?.user_metadata ?? (isInvited ? (user.raw_user_meta_data ?? {}) : {})
  const said = { kind, address: user[kind.name] ?? '', data }
  const identity_data = ownIdentityData(user.id, { ...said, data: saidBefore(user, kind, data) })
  const identity = { provider: kind.name, identity_data }
  if (isSamePerson) await upsertOwnIdentity(tx, { user_id: user.id, ...identity })
  else await stripAccount(tx, { user_id: user.id, identity, loses: kind.other })
  return { encrypted_password, user_metadata: isInvited ? data : ownMetadata(user.id, said) }
}

/** Data that the identity has from the sign-up that made it: another one, or an administrator's link, adds nothing there. */
function saidBefore({ identities }: User, { name }: AddressKind, data: Metadata): Metadata {
  const known = identities.find(({ provider }) => provider === name)?.identity_data ?? {}
  return Object.fromEntries(Object.entries(data).filter(([key, value]) => isDeepStrictEqual(known[key], value)))
}
