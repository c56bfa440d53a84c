// POST /otp and /pages/otp: a code or link, by mail or to a phone, for known and new addresses.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { findUserById, findUserByPhone, type User } from '../storage/users.ts'
import { requireFitting } from './steps/accounts/merge-metadata.ts'
import { register } from './steps/accounts/register.ts'
import { signInByMail } from './steps/accounts/sign-in-by-mail.ts'
import { signInNewAccount } from './steps/accounts/sign-in-new-account.ts'
import { evenTime } from './steps/answers/even-answer.ts'
import { addressKinds, kindOfAddress } from './steps/one-time-tokens/address-kinds.ts'
import { sendTokenSms } from './steps/one-time-tokens/token-sms.ts'
import { audit } from './steps/records/audit.ts'
import { type Channel, chooseChannel, normalisePhone } from './steps/requests/addresses.ts'
import { optionalBoolean, optionalObject, pkceFields, text } from './steps/requests/fields.ts'
import { readPkceChallenge } from './steps/requests/pkce-challenge.ts'
import { requireAudience } from './steps/requests/require-audience.ts'
import { requireSignUps } from './steps/requests/require-sign-ups.ts'

export const otpBody = z.object({
  email: text,
  phone: text,
  create_user: optionalBoolean,
  data: optionalObject,
  channel: text,
  ...pkceFields,
})

type Body = z.infer<typeof otpBody>

/** Sends the code; without `create_user` only to known addresses. */
export async function sendOneTimePassword(asked: Ctx, body: Body): Promise<Reply> {
  const ctx = requireAudience(asked)
  if (body.email !== '' && body.phone !== '') throw invalid('Only an email address or phone number should be provided')
  if (body.email !== '' && body.channel !== '') throw invalid('Channel should only be specified with Phone OTP')
  readPkceChallenge(body)
  requireFitting(body.data ?? {})
  if (body.create_user === false && !(await isKnown(ctx, body))) return refuseUnknown(ctx, body)
  if (body.email !== '') {
    await evenTime(() => signInByMail(ctx, { ...body, data: body.data ?? {} }))
    return json({})
  }
  if (body.phone === '') throw invalid('One of email or phone must be set')
  return sendToPhone(ctx, body)
}

/** The same for pages, which say the same to everybody: nobody learns who has an account. */
export const sendOneTimePasswordQuietly = (ctx: Ctx, body: Body): Promise<Reply> =>
  sendOneTimePassword({ ...ctx, config: { ...ctx.config, hide_unknown_accounts: true } }, body)

/** @throws AuthError 422 otp_disabled, which tells that nobody has the address; that is recorded, and can be switched off */
async function refuseUnknown(ctx: Ctx, { email, phone }: Body): Promise<Reply> {
  if (!ctx.config.hide_unknown_accounts) throw new AuthError(422, 'otp_disabled', 'Signups not allowed for otp')
  const kind = kindOfAddress({ email })
  const type = kind.name === 'email' ? 'recovery_token' : 'confirmation_token'
  await evenTime(() => kind.feign(ctx, type, kind.normalise(email || phone)))
  return json({})
}

async function isKnown(ctx: Ctx, { email, phone }: Body): Promise<boolean> {
  if (email === '' && phone === '') return true
  try {
    const kind = kindOfAddress({ email })
    return (await kind.find(ctx.db, kind.normalise(email || phone), ctx.aud)) !== null
  } catch (error) {
    if (error instanceof AuthError && error.status === 400) return false
    throw error
  }
}

async function sendToPhone(ctx: Ctx, body: Body): Promise<Reply> {
  const { config } = ctx
  if (!config.external_phone_enabled) throw new AuthError(400, 'phone_provider_disabled', 'Unsupported phone provider')
  const phone = normalisePhone(body.phone)
  const channel = chooseChannel(config, body.channel)
  const known = await findUserByPhone(ctx.db, phone, ctx.aud)
  if (known && known.phone_confirmed_at !== null) return sendCode(ctx, known, phone, channel)
  requireSignUps(ctx)
  const { outcome, user } = await register(ctx, {
    kind: addressKinds.phone,
    address: phone,
    aud: ctx.aud,
    password: null,
    data: body.data ?? {},
    channel,
    challenge: null,
  })
  if (outcome === 'pending' || outcome === 'held') return json({})
  // Its answer is told to nobody.
  if (outcome === 'confirmed') await signInNewAccount({ ...ctx, answer_headers: {} }, addressKinds.phone, user)
  return sendCode(ctx, (await findUserById(ctx.db, user.id)) ?? user, phone, channel)
}

async function sendCode(ctx: Ctx, user: User, phone: string, channel: Channel): Promise<Reply> {
  const message_id = await sendTokenSms(ctx, user, { type: 'confirmation_token', phone, channel }, (tx) =>
    audit(ctx, tx, user, 'user_recovery_requested', { channel }),
  )
  return json(message_id === null ? {} : { message_id })
}
