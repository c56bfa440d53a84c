// PUT /admin/users/{user_id}: an administrator changes an account; all of it or nothing.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { isUniqueViolation } from '../../storage/db.ts'
import { upsertOwnIdentity } from '../../storage/identities.ts'
import { clearAllTokens } from '../../storage/one-time-tokens.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { type Changes, NOW } from '../../storage/sql.ts'
import { findUserById, type User, updateProviders, updateUser } from '../../storage/users.ts'
import { emailExists, normaliseEmail, normalisePhone } from '../steps/addresses.ts'
import { audit } from '../steps/audit.ts'
import { bannedUntil } from '../steps/ban-duration.ts'
import { adminRole } from '../steps/caller.ts'
import { requireStrongPassword } from '../steps/check-password.ts'
import { optionalBoolean, optionalObject, optionalText, text } from '../steps/fields.ts'
import { mergeMetadata } from '../steps/merge-metadata.ts'
import { presentUser } from '../steps/present-user.ts'
import { userOfPath } from '../steps/user-of-path.ts'

export const updateAnyUserBody = z.object({
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
export async function updateAnyUser(ctx: Ctx, body: Body): Promise<Reply> {
  const user = await userOfPath(ctx)
  const email = body.email === '' ? null : normaliseEmail(body.email)
  const phone = body.phone === '' ? null : normalisePhone(body.phone)
  if (body.password !== undefined) await requireStrongPassword(ctx, body.password)
  const changes = changesOf(ctx, user, body, email, phone)
  if (body.password !== undefined)
    changes.encrypted_password = ctx.secret_box.seal(await ctx.hasher.hash(body.password), user.id)
  const updated = await ctx.db.transaction(async (tx) => {
    // A pending code was sent to an address that is no longer the account's (security ADM-05).
    const replacesAddress = (email !== null && email !== user.email) || (phone !== null && phone !== user.phone)
    if (body.password !== undefined || replacesAddress) await clearAllTokens(tx, user.id)
    try {
      await updateUser(tx, user.id, changes)
    } catch (error) {
      if (isUniqueViolation(error)) throw email === null ? phoneExists() : emailExists()
      throw error
    }
    const own = (provider: 'email' | 'phone', data: object) =>
      upsertOwnIdentity(tx, { user_id: user.id, provider, identity_data: { sub: user.id, ...data } })
    if (email !== null) await own('email', { email, email_verified: body.email_confirm === true })
    if (phone !== null) await own('phone', { phone, phone_verified: body.phone_confirm === true })
    if (body.password !== undefined) await deleteSessions(tx, user.id)
    if (email !== null || phone !== null) await updateProviders(tx, user.id)
    await audit(ctx, tx, { admin_role: adminRole(ctx) }, 'user_modified', {
      user_id: user.id,
      user_email: email ?? user.email ?? '',
      user_phone: phone ?? user.phone ?? '',
    })
    return findUserById(tx, user.id)
  })
  if (!updated) throw new AuthError(404, 'user_not_found', 'User not found')
  return json(presentUser(updated, { written: true }))
}

const phoneExists = (): AuthError =>
  new AuthError(422, 'phone_exists', 'Phone number already registered by another user')

function changesOf(ctx: Ctx, user: User, body: Body, email: string | null, phone: string | null): Changes {
  const changes: Changes = {}
  if (body.role !== '') changes.role = body.role
  if (email !== null) changes.email = email
  if (phone !== null) changes.phone = phone
  if (body.email_confirm) changes.email_confirmed_at = user.email_confirmed_at ?? NOW
  if (body.phone_confirm) changes.phone_confirmed_at = user.phone_confirmed_at ?? NOW
  const confirmed = { ...(body.email_confirm && email !== null && { email_verified: true }) }
  if (body.user_metadata || Object.keys(confirmed).length > 0)
    changes.raw_user_meta_data = mergeMetadata(user.raw_user_meta_data, { ...body.user_metadata, ...confirmed })
  if (body.app_metadata) changes.raw_app_meta_data = mergeMetadata(user.raw_app_meta_data, body.app_metadata)
  if (body.ban_duration !== '') changes.banned_until = bannedUntil(ctx, body.ban_duration)
  if ((email !== null && body.email_confirm) || (phone !== null && body.phone_confirm)) changes.is_anonymous = false
  return changes
}
