// POST /signup: an account for an e-mail address or a phone number; without either, an anonymous one.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { signUpAnonymously } from './sign-up-anonymously.ts'
import { requireStrongPassword } from './steps/accounts/check-password.ts'
import type { NewAccount } from './steps/accounts/create-account.ts'
import { requireFitting } from './steps/accounts/merge-metadata.ts'
import { register } from './steps/accounts/register.ts'
import { signInNewAccount } from './steps/accounts/sign-in-new-account.ts'
import { presentUser } from './steps/answers/present-user.ts'
import { audit } from './steps/records/audit.ts'
import { chooseChannel, normaliseEmail, normalisePhone } from './steps/requests/addresses.ts'
import { optionalObject, pkceFields, text } from './steps/requests/fields.ts'
import { readChallenge } from './steps/requests/pkce.ts'

export const signUpBody = z.object({
  email: text,
  phone: text,
  password: text,
  data: optionalObject,
  channel: text,
  ...pkceFields,
})

/** Answers with the account, or with a session where addresses are confirmed at once. */
export async function signUp(ctx: Ctx, body: z.infer<typeof signUpBody>): Promise<Reply> {
  requireFitting(body.data ?? {})
  if (body.email === '' && body.phone === '') return signUpAnonymously(ctx, body.data ?? {})
  const account = await checkSignUp(ctx, body)
  const { outcome, user } = await register(ctx, account)
  if (outcome === 'confirmed') return signInNewAccount(ctx, account, user)
  if (outcome === 'pending') {
    const shown = presentUser(user, { written: true })
    return json(user.invited_at === null ? shown : { ...shown, user_metadata: {}, identities: [] })
  }
  await audit(ctx, ctx.db, user, 'user_repeated_signup', { provider: account.by })
  if (ctx.config.mailer_autoconfirm || ctx.config.sms_autoconfirm)
    throw new AuthError(422, 'user_already_exists', 'User already registered')
  return json(fakeUser(ctx, account))
}

/** The checks of a sign-up, in the reference's order; the password is hashed whether the address is known or not. */
async function checkSignUp(ctx: Ctx, body: z.infer<typeof signUpBody>): Promise<NewAccount> {
  const { config } = ctx
  await ctx.limits.take('signup', ctx.limit_key)
  if (config.disable_signup) throw new AuthError(422, 'signup_disabled', 'Signups not allowed for this instance')
  if (body.password === '') throw invalid('Signup requires a valid password')
  await requireStrongPassword(ctx, body.password)
  if (body.email !== '' && body.phone !== '')
    throw invalid('Only an email address or phone number should be provided on signup.')
  const by = body.email === '' ? 'phone' : 'email'
  const channel =
    by === 'phone' ? chooseChannel(body.channel, config.sms_provider, config.hooks.send_sms.enabled) : 'sms'
  if (by === 'phone' && body.code_challenge !== '') throw invalid('PKCE not supported for phone signups')
  const challenge = by === 'email' ? readChallenge(body) : null
  if (by === 'email' && !config.external_email_enabled)
    throw new AuthError(400, 'email_provider_disabled', 'Email signups are disabled')
  if (by === 'phone' && !config.external_phone_enabled)
    throw new AuthError(400, 'phone_provider_disabled', 'Phone signups are disabled')
  const address = by === 'email' ? normaliseEmail(body.email) : normalisePhone(body.phone)
  const encrypted_password = await ctx.hasher.hash(body.password)
  return { by, address, aud: ctx.aud, encrypted_password, data: body.data ?? {}, channel, challenge }
}

/** What an unknown address would get, with another id: nobody learns who has an account (security ENU-04). */
function fakeUser(ctx: Ctx, { by, address, aud, data }: NewAccount): Record<string, unknown> {
  const now = new Date(ctx.now()).toISOString()
  return {
    id: crypto.randomUUID(),
    aud,
    role: ctx.config.jwt_default_group_name,
    email: by === 'email' ? address : '',
    phone: by === 'phone' ? address : '',
    confirmation_sent_at: now,
    app_metadata: { provider: by, providers: [by] },
    user_metadata: data,
    identities: [],
    created_at: now,
    updated_at: now,
    is_anonymous: false,
  }
}
