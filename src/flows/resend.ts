// POST /resend: the mail or message of a sign-up or a change of address once more.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { insertPkceFlow } from '../storage/flow-state.ts'
import { movePendingCredentials } from '../storage/pending-credentials.ts'
import { findUserByEmail, findUserById, findUserByPhone, type User } from '../storage/users.ts'
import { evenTime } from './steps/answers/even-time.ts'
import {
  claimMail,
  newEmailToken,
  prepareTokenMail,
  requirePause,
  storeTokenMail,
} from './steps/one-time-tokens/token-mail.ts'
import { prepareSms, storeSms } from './steps/one-time-tokens/token-sms.ts'
import { audit } from './steps/records/audit.ts'
import { normaliseEmail, normalisePhone } from './steps/requests/addresses.ts'
import { pkceFields, text } from './steps/requests/fields.ts'
import { type Challenge, readChallenge } from './steps/requests/pkce.ts'
import { transact } from './steps/transact.ts'
import { beginEmailChange, prepareEmailChange } from './steps/verification/email-change.ts'

export const resendBody = z.object({ type: text, email: text, phone: text, ...pkceFields })

type Body = z.infer<typeof resendBody>

/** Answers `{}` whether there is anything to send or not. */
export async function resend(ctx: Ctx, body: Body): Promise<Reply> {
  checkResend(ctx, body)
  const challenge = readChallenge(body)
  return evenTime(() => resendTo(ctx, body, challenge))
}

async function resendTo(ctx: Ctx, body: Body, challenge: Challenge | null): Promise<Reply> {
  const user =
    body.email === ''
      ? await findUserByPhone(ctx.db, normalisePhone(body.phone), ctx.aud)
      : await findUserByEmail(ctx.db, normaliseEmail(body.email), ctx.aud)
  if (!user) return json({})
  const message_id = await sendAgain(ctx, body, user, challenge)
  return json(message_id === null ? {} : { message_id })
}

function checkResend(ctx: Ctx, { type, email, phone }: Body): void {
  if (!['signup', 'email_change', 'sms', 'phone_change'].includes(type))
    throw invalid('Missing one of these types: signup, email_change, sms, phone_change')
  if (email === '' && type === 'signup') throw invalid('Type provided requires an email address')
  if (phone === '' && type === 'sms') throw invalid('Type provided requires a phone number')
  if (email !== '' && phone !== '') throw invalid('Only an email address or phone number should be provided.')
  if (email === '' && phone === '') throw invalid('Missing email address or phone number')
  if (email !== '' && !ctx.config.external_email_enabled)
    throw new AuthError(400, 'email_provider_disabled', 'Email logins are disabled')
  if (phone !== '' && !ctx.config.external_phone_enabled)
    throw new AuthError(400, 'phone_provider_disabled', 'Phone logins are disabled')
}

async function sendAgain(ctx: Ctx, { type }: Body, user: User, challenge: Challenge | null): Promise<string | null> {
  if (type === 'signup' && user.email_confirmed_at === null) return confirmAgain(ctx, user, challenge)
  if (type === 'sms' && user.phone_confirmed_at === null) return textAgain(ctx, user, 'confirmation_token', user.phone)
  if (type === 'phone_change' && user.phone_change) return textAgain(ctx, user, 'phone_change_token', user.phone_change)
  if (type === 'email_change' && user.email_change) {
    const change = await prepareEmailChange(ctx, user, user.email_change, challenge)
    await transact(ctx, (tx) => beginEmailChange(ctx, tx, user, change))
  }
  return null
}

async function confirmAgain(ctx: Ctx, user: User, challenge: Challenge | null): Promise<null> {
  requirePause(ctx, user.confirmation_sent_at)
  const email = user.email ?? ''
  const token = newEmailToken(ctx, 'confirmation_token', email, challenge !== null)
  const about = { id: user.id, email, user_metadata: user.raw_user_meta_data }
  const mail = await prepareTokenMail(ctx, { kind: 'confirmation', to: email, token, user: about })
  await transact(ctx, async (tx) => {
    await claimMail(ctx, tx, user.id, 'confirmation_token')
    await Promise.all([
      audit(ctx, tx, user, 'user_confirmation_requested'),
      movePendingCredentials(tx, user.id, token.token_hash),
      challenge && insertPkceFlow(tx, { user_id: user.id, authentication_method: 'email/signup', ...challenge }),
      storeTokenMail(ctx, tx, mail, () => findUserById(tx, user.id)),
    ])
  })
  return null
}

async function textAgain(
  ctx: Ctx,
  user: User,
  type: 'confirmation_token' | 'phone_change_token',
  phone: string | null,
): Promise<string | null> {
  const sms = await prepareSms(ctx, type, phone ?? '', 'sms')
  return transact(ctx, async (tx) => {
    if (type === 'confirmation_token') {
      await audit(ctx, tx, user, 'user_recovery_requested')
      await movePendingCredentials(tx, user.id, sms.token.token_hash)
    }
    return storeSms(ctx, tx, sms, user.id)
  })
}
