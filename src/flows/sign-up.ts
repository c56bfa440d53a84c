// POST /signup: an account for an e-mail address or a phone number; without either, an anonymous one.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import type { Metadata } from '../storage/metadata.ts'
import type { User } from '../storage/users.ts'
import { signUpAnonymously } from './sign-up-anonymously.ts'
import { requireStrongPassword } from './steps/accounts/check-password.ts'
import { mergeMetadata, requireFitting } from './steps/accounts/merge-metadata.ts'
import type { NewAccount } from './steps/accounts/new-account.ts'
import { register } from './steps/accounts/register.ts'
import { signInNewAccount } from './steps/accounts/sign-in-new-account.ts'
import { presentIdentity, presentUser, utcTime } from './steps/answers/present-user.ts'
import { kindOfAddress, requireEnabled } from './steps/one-time-tokens/address-kinds.ts'
import { ownIdentityData, ownMetadata } from './steps/one-time-tokens/own-metadata.ts'
import { audit } from './steps/records/audit.ts'
import { optionalObject, pkceFields, text } from './steps/requests/fields.ts'
import { requireAudience } from './steps/requests/require-audience.ts'
import { requireSignUps } from './steps/requests/require-sign-ups.ts'

export const signUpBody = z.object({
  email: text,
  phone: text,
  password: text,
  data: optionalObject,
  channel: text,
  ...pkceFields,
})

/** Answers with the account, or with a session where addresses are confirmed at once. */
export async function signUp(asked: Ctx, body: z.infer<typeof signUpBody>): Promise<Reply> {
  const ctx = requireAudience(asked)
  requireFitting(body.data ?? {})
  if (body.email === '' && body.phone === '') return signUpAnonymously(ctx, body.data ?? {})
  const account = await checkSignUp(ctx, body)
  const { outcome, user, is_new } = await register(ctx, account)
  if (outcome === 'confirmed') return signInNewAccount(ctx, account.kind, user)
  if (outcome === 'pending') return json(is_new ? presentUser(user, { written: true }) : asNew(ctx, account, user))
  await audit(ctx, ctx.db, user, 'user_repeated_signup', { provider: account.kind.name })
  if (ctx.config.mailer_autoconfirm || ctx.config.sms_autoconfirm)
    throw new AuthError(422, 'user_already_exists', 'User already registered')
  return json(fakeUser(ctx, account))
}

/** The checks of a sign-up, in the reference's order. */
async function checkSignUp(ctx: Ctx, body: z.infer<typeof signUpBody>): Promise<NewAccount> {
  await ctx.limits.take('signup', ctx.client)
  requireSignUps(ctx)
  if (body.password === '') throw invalid('Signup requires a valid password')
  await requireStrongPassword(ctx, body.password)
  if (body.email !== '' && body.phone !== '')
    throw invalid('Only an email address or phone number should be provided on signup.')
  const kind = kindOfAddress(body)
  const way = kind.way(ctx, body)
  requireEnabled(ctx, kind, 400, 'signups')
  const address = kind.normalise(body[kind.name])
  return { kind, address, aud: ctx.aud, password: body.password, data: body.data ?? {}, ...way }
}

/** What an unknown address would get, with another id: nobody learns who has an account (security ENU-04). */
const fakeUser = (ctx: Ctx, account: NewAccount): Record<string, unknown> =>
  present(ctx, account, {
    id: crypto.randomUUID(),
    now: new Date(ctx.now()).toISOString(),
    user_metadata: account.data,
    identities: [],
  })

/** The account as if this sign-up had made it: what others said of it is not this person's to see (security REV-13). */
function asNew(ctx: Ctx, account: NewAccount, user: User): Record<string, unknown> {
  const { kind, address } = account
  const { id } = user
  const now = user.confirmation_sent_at ?? new Date(ctx.now()).toISOString()
  const identity = {
    id: user.identities.find(({ provider }) => provider === kind.name)?.id ?? crypto.randomUUID(),
    provider: kind.name,
    provider_id: id,
    user_id: id,
    identity_data: ownIdentityData(id, account),
    email: kind.name === 'email' ? address : null,
    last_sign_in_at: now,
    created_at: now,
    updated_at: now,
  }
  const user_metadata = mergeMetadata(null, ownMetadata(id, account))
  return present(ctx, account, { id, now, user_metadata, identities: [presentIdentity(identity)] })
}

function present(
  { config }: Ctx,
  { kind, address, aud }: NewAccount,
  { id, now, ...more }: { id: string; now: string; user_metadata: Metadata; identities: unknown[] },
): Record<string, unknown> {
  return {
    id,
    aud,
    role: config.jwt_default_group_name,
    email: '',
    phone: '',
    [kind.name]: address,
    confirmation_sent_at: utcTime(now),
    app_metadata: { provider: kind.name, providers: [kind.name] },
    ...more,
    created_at: utcTime(now),
    updated_at: utcTime(now),
    is_anonymous: false,
  }
}
