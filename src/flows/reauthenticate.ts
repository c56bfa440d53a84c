// GET /reauthenticate: a code that a person needs to set a new password.
import type { UserCtx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { findUserById } from '../storage/users.ts'
import {
  claimMail,
  newEmailToken,
  prepareTokenMail,
  requirePause,
  storeTokenMail,
} from './steps/one-time-tokens/token-mail.ts'
import { prepareSms, storeSms } from './steps/one-time-tokens/token-sms.ts'
import { audit } from './steps/records/audit.ts'
import { transact } from './steps/transact.ts'

/** Sends the code to the confirmed address of the account, by mail if it has one. */
export async function reauthenticate(ctx: UserCtx): Promise<Reply> {
  const { user } = ctx.caller
  if (!user.email && !user.phone) throw invalid('Reauthentication requires the user to have an email or a phone number')
  if (user.email) {
    if (user.email_confirmed_at === null)
      throw new AuthError(422, 'email_not_confirmed', 'Please verify your email first.')
    requirePause(ctx, user.reauthentication_sent_at)
    const mail = await prepareTokenMail(ctx, {
      kind: 'reauthentication',
      to: user.email,
      token: newEmailToken(ctx, 'reauthentication_token', user.email),
      user: { id: user.id, email: user.email, user_metadata: user.raw_user_meta_data },
    })
    await transact(ctx, async (tx) => {
      await claimMail(ctx, tx, user.id, 'reauthentication_token')
      await audit(ctx, tx, user, 'user_reauthenticate_requested')
      await storeTokenMail(ctx, tx, mail, () => findUserById(tx, user.id))
    })
    return json({})
  }
  if (user.phone_confirmed_at === null)
    throw new AuthError(422, 'phone_not_confirmed', 'Please verify your phone first.')
  const sms = await prepareSms(ctx, 'reauthentication_token', user.phone ?? '', 'sms')
  const message_id = await transact(ctx, async (tx) => {
    await audit(ctx, tx, user, 'user_reauthenticate_requested')
    return storeSms(ctx, tx, sms, user.id)
  })
  return json(message_id === null ? {} : { message_id })
}
