// POST /signup: an account for an e-mail address or a phone number; without either, an anonymous one.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { signUpAnonymously } from './sign-up-anonymously.ts'
import { requireStrongPassword } from './steps/accounts/check-password.ts'
import { requireFitting } from './steps/accounts/merge-metadata.ts'
import type { NewAccount } from './steps/accounts/new-account.ts'
import { register } from './steps/accounts/register.ts'
import { signInNewAccount } from './steps/accounts/sign-in-new-account.ts'
import { presentUser } from './steps/answers/present-user.ts'
import { kindOfAddress, requireEnabled } from './steps/one-time-tokens/address-kinds.ts'
import { audit } from './steps/records/audit.ts'
import { optionalObject, pkceFields, text } from './steps/requests/fields.ts'

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
  if (outcome === 'confirmed') return signInNewAccount(ctx, account.kind, user)
  if (outcome === 'pending') return json(presentUser(user, { written: true }))
  await audit(ctx, ctx.db, user, 'user_repeated_signup', { provider: account.kind.name })
  if (ctx.config.mailer_autoconfirm || ctx.config.sms_autoconfirm)
    throw new AuthError(422, 'user_already_exists', 'User already registered')
  return json(fakeUser(ctx, account))
}

/** The checks of a sign-up, in the reference's order; the password is hashed whether the address is known or not. */
async function checkSignUp(ctx: Ctx, body: z.infer<typeof signUpBody>): Promise<NewAccount> {
  const { config } = ctx
  await ctx.limits.take('signup', ctx.client)
  if (config.disable_signup) throw new AuthError(422, 'signup_disabled', 'Signups not allowed for this instance')
  if (body.password === '') throw invalid('Signup requires a valid password')
  await requireStrongPassword(ctx, body.password)
  if (body.email !== '' && body.phone !== '')
    throw invalid('Only an email address or phone number should be provided on signup.')
  const kind = kindOfAddress(body)
  const way = kind.way(ctx, body)
  requireEnabled(ctx, kind, 400, 'signups')
  const address = kind.normalise(body[kind.name])
  const encrypted_password = await ctx.hasher.hash(body.password)
  return { kind, address, aud: ctx.aud, encrypted_password, data: body.data ?? {}, ...way }
}

/** What an unknown address would get, with another id: nobody learns who has an account (security ENU-04). */
function fakeUser(ctx: Ctx, { kind, address, aud, data }: NewAccount): Record<string, unknown> {
  const now = new Date(ctx.now()).toISOString()
  return {
    id: crypto.randomUUID(),
    aud,
    role: ctx.config.jwt_default_group_name,
    email: '',
    phone: '',
    [kind.name]: address,
    confirmation_sent_at: now,
    app_metadata: { provider: kind.name, providers: [kind.name] },
    user_metadata: data,
    identities: [],
    created_at: now,
    updated_at: now,
    is_anonymous: false,
  }
}
