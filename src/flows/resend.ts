// POST /resend: the mail or message of a sign-up or a change of address once more.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import type { TokenType } from '../storage/one-time-tokens.ts'
import { movePendingCredentials } from '../storage/pending-credentials.ts'
import type { User } from '../storage/users.ts'
import { evenAnswer } from './steps/answers/even-answer.ts'
import { type AddressKind, addressKinds, kindOfAddress, requireEnabled } from './steps/one-time-tokens/address-kinds.ts'
import { sendTokenSms } from './steps/one-time-tokens/token-sms.ts'
import { type AuditAction, audit } from './steps/records/audit.ts'
import { pkceFields, text } from './steps/requests/fields.ts'
import { type PkceChallenge, readPkceChallenge } from './steps/requests/pkce-challenge.ts'
import { transact } from './steps/transact.ts'
import { beginEmailChange, prepareEmailChange } from './steps/verification/email-change.ts'

export const resendBody = z.object({ type: text, email: text, phone: text, ...pkceFields })

type Body = z.infer<typeof resendBody>

/** Answers `{}` whether there is anything to send or not. */
export async function resend(ctx: Ctx, body: Body): Promise<Reply> {
  checkResend(ctx, body)
  const challenge = readPkceChallenge(body)
  return evenAnswer(ctx, (even) => resendTo(even, body, challenge))
}

async function resendTo(ctx: Ctx, body: Body, challenge: PkceChallenge | null): Promise<Reply> {
  const kind = kindOfAddress(body)
  const user = await kind.find(ctx.db, kind.normalise(body[kind.name]), ctx.aud)
  const message_id = user ? await sendAgain(ctx, body, user, challenge) : nothing
  if (message_id === nothing) {
    await kind.feign(ctx, feignedTypes[body.type] ?? 'confirmation_token', body[kind.name].toLowerCase())
    return json({})
  }
  return json(message_id === null ? {} : { message_id })
}

function checkResend(ctx: Ctx, { type, email, phone }: Body): void {
  if (!['signup', 'email_change', 'sms', 'phone_change'].includes(type))
    throw invalid('Missing one of these types: signup, email_change, sms, phone_change')
  if (email === '' && type === 'signup') throw invalid('Type provided requires an email address')
  if (phone === '' && type === 'sms') throw invalid('Type provided requires a phone number')
  if (email !== '' && phone !== '') throw invalid('Only an email address or phone number should be provided.')
  if (email === '' && phone === '') throw invalid('Missing email address or phone number')
  requireEnabled(ctx, kindOfAddress({ email }), 400, 'logins')
}

/** There is nothing to send. */
const nothing = Symbol('nothing')

/** What would be sent. */
const feignedTypes: Record<string, TokenType> = {
  email_change: 'email_change_token_new',
  phone_change: 'phone_change_token',
}

async function sendAgain(
  ctx: Ctx,
  { type }: Body,
  user: User,
  challenge: PkceChallenge | null,
): Promise<string | null | typeof nothing> {
  if (type === 'signup' && user.email_confirmed_at === null)
    return resendConfirmation(
      ctx,
      user,
      addressKinds.email,
      challenge && asResent(challenge),
      'user_confirmation_requested',
    )
  if (type === 'sms' && user.phone_confirmed_at === null)
    return resendConfirmation(ctx, user, addressKinds.phone, null, 'user_recovery_requested')
  if (type === 'phone_change' && user.phone_change) {
    const order = { type: 'phone_change_token', phone: user.phone_change, channel: 'sms' } as const
    return sendTokenSms(ctx, user, order, async () => {})
  }
  if (type === 'email_change' && user.email_change) {
    const change = await prepareEmailChange(ctx, user, user.email_change, challenge)
    await transact(ctx, (tx) => beginEmailChange(ctx, tx, user, change))
    return null
  }
  return nothing
}

/** As recorded, the exchange after a mail that was sent again says of which method it is. */
const asResent = (challenge: PkceChallenge): PkceChallenge => ({ ...challenge, provider_type: 'email/signup' })

function resendConfirmation(
  ctx: Ctx,
  user: User,
  kind: AddressKind,
  challenge: PkceChallenge | null,
  action: AuditAction,
): Promise<string | null> {
  const order = { purpose: 'confirmation', to: user[kind.name] ?? '', channel: null, challenge } as const
  return kind.send(ctx, user, order, (tx, { token_hash }) =>
    Promise.all([audit(ctx, tx, user, action), movePendingCredentials(tx, user.id, token_hash)]),
  )
}
