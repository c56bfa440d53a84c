// PUT /admin/users/{user_id}: an administrator changes an account; all of it or nothing.
import { z } from 'zod'
import type { AccountCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import type { Queryable } from '../../storage/db.ts'
import { upsertOwnIdentity } from '../../storage/identities.ts'
import { clearAllTokens, deleteOneTimeTokens } from '../../storage/one-time-tokens.ts'
import { storePendingCredentials, TRUSTED } from '../../storage/pending-credentials.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { type Changes, NOW } from '../../storage/sql.ts'
import { deleteTrustedDevices } from '../../storage/trusted-devices.ts'
import { findUserById, lockUser, type User, updateUser } from '../../storage/users.ts'
import { asDatabaseFailure } from '../steps/accounts/as-database-failure.ts'
import { addIdentityOfPassword } from '../steps/accounts/change-password.ts'
import { requireStrongPassword } from '../steps/accounts/check-password.ts'
import { mergeMetadata } from '../steps/accounts/merge-metadata.ts'
import { presentUser } from '../steps/answers/present-user.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { normaliseEmail, normalisePhone } from '../steps/requests/addresses.ts'
import { bannedUntil } from '../steps/requests/banned-until.ts'
import { optionalBoolean, optionalObject, optionalText, text } from '../steps/requests/fields.ts'
import { transact } from '../steps/transact.ts'

export const updateAnyUserBody = z.object({
  // Read for their types alone, as in the reference: neither can be changed.
  id: text,
  aud: text,
  password_hash: text,
  role: text,
  email: text,
  phone: text,
  password: optionalText,
  email_confirm: optionalBoolean,
  phone_confirm: optionalBoolean,
  user_metadata: optionalObject,
  app_metadata: optionalObject,
  ban_duration: text,
})

type Body = z.infer<typeof updateAnyUserBody>

/** Changes the account and answers with it. */
export async function updateAnyUser(ctx: AccountCtx, body: Body): Promise<Reply> {
  const { id } = ctx.account
  const email = body.email === '' ? null : normaliseEmail(body.email)
  const phone = body.phone === '' ? null : normalisePhone(body.phone)
  if (body.password !== undefined) await requireStrongPassword(ctx, body.password)
  const banned_until = body.ban_duration === '' ? undefined : bannedUntil(ctx, body.ban_duration)
  const encrypted_password =
    body.password === undefined ? undefined : ctx.column_cipher.encrypt(await ctx.hasher.hash(body.password), id)
  const updated = await transact(ctx, async (tx) => {
    // Locked, so that of two changes of metadata at once neither is lost.
    const user = await lockUser(tx, id)
    if (!user) return null
    await endTokens(tx, user, body, email, phone)
    const changes = definedOf({ ...changesOf(user, body, email, phone), banned_until, encrypted_password })
    if (Object.keys(changes).length > 0) await updateUser(tx, id, changes)
    await updateIdentities(tx, user, body, email, phone)
    if (body.password !== undefined) await addIdentityOfPassword(ctx, tx, user, await findUserById(tx, id))
    if (body.password !== undefined) await deleteSessions(tx, id)
    // Lifted or not: whoever was banned shows the second factor again.
    if (banned_until) await deleteTrustedDevices(tx, id)
    await audit(ctx, tx, administrator(ctx), 'user_modified', {
      user_id: id,
      user_email: email ?? user.email ?? '',
      user_phone: phone ?? user.phone ?? '',
    })
    const now = await findUserById(tx, id)
    return now && asTold(user, now)
  }).catch(asDatabaseFailure('Error updating user'))
  if (!updated) throw new AuthError(404, 'user_not_found', 'User not found')
  return json(presentUser(updated))
}

/** The account as it is now, but identities that were there and the generated time as they were before. */
function asTold(before: User, { identities, ...now }: User): User {
  const known = new Map(before.identities.map((identity) => [identity.id, identity]))
  return {
    ...now,
    confirmed_at: before.confirmed_at,
    identities: identities.map((identity) => known.get(identity.id) ?? identity),
  }
}

/** Codes that were sent to an address that is no longer the account's, or confirm what is confirmed, end (ADM-05). */
async function endTokens(tx: Queryable, user: User, body: Body, email: string | null, phone: string | null) {
  const isAnother = (given: string | null, had: string | null) => given !== null && Boolean(had) && given !== had
  const replacesAddress = isAnother(email, user.email) || isAnother(phone, user.phone)
  const trusted = { token_hash: TRUSTED, encrypted_password: null, user_metadata: null }
  if (body.password !== undefined) await storePendingCredentials(tx, user.id, trusted)
  // As recorded, an address that is replaced leaves the times at which codes were sent.
  if (body.password !== undefined) await clearAllTokens(tx, user.id)
  else if (replacesAddress) await clearAllTokens(tx, user.id, { keepsTimes: true })
  else if (body.email_confirm || body.phone_confirm) await deleteOneTimeTokens(tx, user.id)
}

async function updateIdentities(tx: Queryable, user: User, body: Body, email: string | null, phone: string | null) {
  const own = (provider: 'email' | 'phone', data: object) =>
    upsertOwnIdentity(tx, { user_id: user.id, provider, identity_data: { sub: user.id, ...data } })
  if (email !== null) await own('email', { email, email_verified: body.email_confirm === true })
  if (phone !== null) await own('phone', { phone, phone_verified: body.phone_confirm === true })
}

/** A write that changes nothing leaves `updated_at` where it was. */
const definedOf = (changes: Changes): Changes =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))

function changesOf(user: User, body: Body, email: string | null, phone: string | null): Changes {
  const changes: Changes = {}
  if (body.role !== '') changes.role = body.role.trim()
  if (email !== null) changes.email = email
  if (phone !== null) changes.phone = phone
  if (body.email_confirm) changes.email_confirmed_at = NOW
  if (body.phone_confirm) changes.phone_confirmed_at = NOW
  if (body.email_confirm || body.phone_confirm) changes.confirmation_token = ''
  const confirmed = body.email_confirm ? { email_verified: true } : {}
  if (body.user_metadata || body.email_confirm)
    changes.raw_user_meta_data = mergeMetadata(user.raw_user_meta_data, { ...confirmed, ...body.user_metadata })
  if (body.app_metadata) changes.raw_app_meta_data = mergeMetadata(user.raw_app_meta_data, body.app_metadata)
  if ((email !== null && body.email_confirm) || (phone !== null && body.phone_confirm)) changes.is_anonymous = false
  return changes
}
