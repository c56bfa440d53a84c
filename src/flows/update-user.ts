// PUT /user: a person changes their own password, metadata, e-mail address or phone number.
import { z } from 'zod'
import type { Ctx, UserCtx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { hasVerifiedFactor } from '../storage/factors.ts'
import {
  findRegisteredByEmail,
  findRegisteredByPhone,
  findUserById,
  lockUser,
  type User,
  updateUser,
} from '../storage/users.ts'
import { changePassword, planPasswordChange } from './steps/accounts/change-password.ts'
import { requireStrongPassword } from './steps/accounts/check-password.ts'
import { mergeMetadata, requireFitting } from './steps/accounts/merge-metadata.ts'
import { presentUser } from './steps/answers/present-user.ts'
import { audit } from './steps/records/audit.ts'
import { chooseChannel, emailExists, normaliseEmail, normalisePhone, phoneExists } from './steps/requests/addresses.ts'
import { optionalObject, optionalText, pkceFields, text } from './steps/requests/fields.ts'
import { readPkceChallenge } from './steps/requests/pkce-challenge.ts'
import { transact } from './steps/transact.ts'
import { beginEmailChange, prepareEmailChange } from './steps/verification/email-change.ts'
import { beginPhoneChange, preparePhoneChange } from './steps/verification/phone-change.ts'

export const updateUserBody = z.object({
  email: text,
  phone: text,
  channel: text,
  password: optionalText,
  current_password: optionalText,
  nonce: text,
  data: optionalObject,
  app_metadata: optionalObject,
  ...pkceFields,
})

/** What is asked for, with addresses in their stored form. */
export type UserChanges = z.infer<typeof updateUserBody>

/** Changes the account in one transaction and answers with it. */
export async function updateOwnUser(ctx: UserCtx, body: UserChanges): Promise<Reply> {
  const changes = await checkChanges(ctx, body)
  const { user } = ctx.caller
  const newEmail = changes.email !== '' && changes.email !== (user.email ?? '') ? changes.email : null
  const newPhone = changes.phone !== '' && changes.phone !== (user.phone ?? '') ? changes.phone : null
  await requireFree(ctx, newEmail, newPhone)
  const password = await planPasswordChange(ctx, changes)
  const challenge = newEmail === null || changes.code_challenge === '' ? null : readPkceChallenge(changes)
  const asker = asMailed(user, changes)
  const email = newEmail === null ? null : await prepareEmailChange(ctx, asker, newEmail, challenge)
  const way = { channel: chooseChannel(ctx.config, changes.channel), is_first: password !== null }
  const phone = newPhone === null ? null : await preparePhoneChange(ctx, newPhone, way)
  const updated = await transact(ctx, async (tx) => {
    const current = await lockUser(tx, user.id)
    if (!current) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist')
    if (password) await changePassword(ctx, tx, current, password)
    if (changes.data)
      await updateUser(tx, user.id, {
        raw_user_meta_data: requireFitting(mergeMetadata(current.raw_user_meta_data, changes.data)),
      })
    if (changes.app_metadata)
      await updateUser(tx, user.id, {
        raw_app_meta_data: mergeMetadata(current.raw_app_meta_data, changes.app_metadata),
      })
    const isWritten = Boolean(password ?? changes.data ?? changes.app_metadata)
    const now = email && isWritten ? await findUserById(tx, user.id) : current
    if (email) await beginEmailChange(ctx, tx, now ?? current, email)
    if (phone) await beginPhoneChange(ctx, tx, current, phone)
    const fresh = await findUserById(tx, user.id)
    await audit(ctx, tx, fresh ?? user, 'user_modified')
    return fresh
  })
  // The reference does not read back what is generated from what it confirms at once.
  return json(presentUser({ ...(updated ?? user), confirmed_at: user.confirmed_at }))
}

/** The account as the mails of a change see it: with its new metadata, and without the pause that a new password ends. */
const asMailed = (user: User, { data, password }: UserChanges): User => ({
  ...user,
  ...(data && { raw_user_meta_data: mergeMetadata(user.raw_user_meta_data, data) }),
  ...(password !== undefined && { email_change_sent_at: null }),
})

/** The checks in the reference's order. */
async function checkChanges(ctx: UserCtx, body: UserChanges): Promise<UserChanges> {
  const { user, session } = ctx.caller
  const changes = { ...body }
  if (body.email !== '') changes.email = normaliseEmail(body.email)
  if (body.phone !== '') {
    changes.phone = normalisePhone(body.phone)
    chooseChannel(ctx.config, body.channel)
  }
  if (body.password !== undefined) await requireStrongPassword(ctx, body.password)
  if (body.app_metadata && !isAdministrator(ctx, user))
    throw new AuthError(403, 'not_admin', 'Updating app_metadata requires admin privileges')
  const isSensitive =
    body.password !== undefined ||
    (changes.email !== '' && changes.email !== (user.email ?? '')) ||
    (changes.phone !== '' && changes.phone !== (user.phone ?? ''))
  if (isSensitive && hasVerifiedFactor(user.factors) && session?.aal !== 'aal2')
    throw new AuthError(
      401,
      'insufficient_aal',
      'AAL2 session is required to update email or password when MFA is enabled.',
    )
  requirePermanent(user, changes)
  return changes
}

/** By the account's own role, whatever its token says: a hook may have given that another. */
const isAdministrator = ({ config }: Ctx, { aud, role }: User): boolean =>
  aud === config.jwt_aud && role === config.jwt_admin_group_name

function requirePermanent(user: User, changes: UserChanges): void {
  if (user.is_anonymous && changes.password !== undefined && changes.email === '' && changes.phone === '')
    throw new AuthError(
      422,
      'validation_failed',
      'Updating password of an anonymous user without an email or phone is not allowed',
    )
  const touches =
    changes.password !== undefined ||
    changes.nonce !== '' ||
    (changes.email !== '' && changes.email !== user.email) ||
    (changes.phone !== '' && changes.phone !== user.phone)
  if (user.is_sso_user && touches)
    throw new AuthError(
      422,
      'user_sso_managed',
      'Updating email, phone, password of a SSO account only possible via SSO',
    )
}

async function requireFree(ctx: UserCtx, email: string | null, phone: string | null): Promise<void> {
  const { id } = ctx.caller.user
  const isOthers = (user: User | null) => user !== null && user.id !== id
  if (email !== null && isOthers(await findRegisteredByEmail(ctx.db, email))) throw emailExists()
  if (phone !== null && isOthers(await findRegisteredByPhone(ctx.db, phone))) throw phoneExists()
}
