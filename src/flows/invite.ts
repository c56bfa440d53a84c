// POST /invite: an administrator invites an address.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { AdminCtx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { storePendingCredentials, TRUSTED } from '../storage/pending-credentials.ts'
import { NOW } from '../storage/sql.ts'
import { findUserByEmail, findUserById, updateUser } from '../storage/users.ts'
import { asDatabaseFailure } from './steps/accounts/as-database-failure.ts'
import { emailProviders, insertEmailAccount } from './steps/accounts/insert-email-account.ts'
import { askBeforeUserCreated, tellAfterUserCreated } from './steps/accounts/user-created-hooks.ts'
import { presentUser } from './steps/answers/present-user.ts'
import { prepareTokenMail, storeTokenMail } from './steps/one-time-tokens/token-mail.ts'
import { administrator, audit } from './steps/records/audit.ts'
import { emailExists, normaliseEmail } from './steps/requests/addresses.ts'
import { optionalObject, text } from './steps/requests/fields.ts'
import { transact } from './steps/transact.ts'

export const inviteBody = z.object({ email: text, data: optionalObject })

/** Creates the account, or takes one that was never confirmed, and sends the invitation. */
export async function invite(ctx: AdminCtx, body: z.infer<typeof inviteBody>): Promise<Reply> {
  const email = normaliseEmail(body.email)
  const existing = await findUserByEmail(ctx.db, email, ctx.aud)
  if (existing && existing.email_confirmed_at !== null) throw emailExists()
  const id = existing?.id ?? randomUUID()
  const identity_id = randomUUID()
  const user_metadata = existing?.raw_user_meta_data ?? body.data ?? {}
  if (!existing)
    await askBeforeUserCreated(ctx, { id, aud: ctx.aud, email, app_metadata: emailProviders, user_metadata })
  const order = { kind: 'invite', type: 'confirmation_token', to: email, user: { id, email, user_metadata } } as const
  const mail = await prepareTokenMail(ctx, order)
  const user = await transact(ctx, async (tx) => {
    if (!existing) {
      const account = { id, identity_id, email, hash: null, user_metadata, invited: true }
      await insertEmailAccount(ctx, tx, account)
      await storePendingCredentials(tx, id, { token_hash: TRUSTED, encrypted_password: null, user_metadata: null })
    } else {
      await updateUser(tx, id, { invited_at: NOW })
      // Whoever follows the invitation proves the address: a password set before that does not survive it.
      await storePendingCredentials(tx, id, {
        token_hash: mail.token.token_hash,
        encrypted_password: null,
        user_metadata: existing.invited_at === null ? (body.data ?? {}) : user_metadata,
      })
    }
    const traits = { user_id: id, user_email: email }
    await audit(ctx, tx, administrator(ctx), 'user_invited', traits)
    await storeTokenMail(ctx, tx, mail)
    return findUserById(tx, id)
  }).catch(asDatabaseFailure('Database error saving new user'))
  if (!user) throw new AuthError(500, 'unexpected_failure', 'Database error inviting user')
  await tellAfterUserCreated(ctx, user)
  return json(presentUser(user, { written: true }))
}
