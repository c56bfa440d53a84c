// A link by mail for whoever asks: a sign-in link for a known address, a confirmation for a new one.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import type { Metadata } from '../../../storage/metadata.ts'
import { findUserByEmail } from '../../../storage/users.ts'
import { addressKinds } from '../one-time-tokens/address-kinds.ts'
import { sendSignInMail } from '../one-time-tokens/send-sign-in-mail.ts'
import { normaliseEmail } from '../requests/addresses.ts'
import { readPkceChallenge } from '../requests/pkce-challenge.ts'
import { requireSignUps } from '../requests/require-sign-ups.ts'
import { requireFitting } from './merge-metadata.ts'
import { register } from './register.ts'
import { signInNewAccount } from './sign-in-new-account.ts'

/** What POST /magiclink and POST /otp have in common. */
export interface MailSignIn {
  email: string
  data: Metadata
  code_challenge: string
  code_challenge_method: string
}

/**
 * Sends the mail; new addresses sign up with a password that nobody knows.
 * @throws AuthError 422 email_provider_disabled, signup_disabled; 429 over_email_send_rate_limit
 */
export async function signInByMail(ctx: Ctx, asked: MailSignIn): Promise<void> {
  const { config } = ctx
  if (!config.external_email_enabled) throw new AuthError(422, 'email_provider_disabled', 'Email logins are disabled')
  if (!config.external_email_magic_link_enabled)
    throw new AuthError(422, 'email_provider_disabled', 'Login with magic link is disabled')
  if (asked.email === '') throw new AuthError(422, 'validation_failed', 'Password recovery requires an email')
  const email = normaliseEmail(asked.email)
  requireFitting(asked.data)
  const challenge = readPkceChallenge(asked)
  const known = await findUserByEmail(ctx.db, email, ctx.aud)
  if (known && known.email_confirmed_at !== null) return sendSignInMail(ctx, known, email, 'magic_link', challenge)
  requireSignUps(ctx)
  const { outcome, user } = await register(ctx, {
    kind: addressKinds.email,
    address: email,
    aud: ctx.aud,
    password: null,
    data: asked.data,
    channel: null,
    challenge,
  })
  // Its answer is told to nobody.
  if (outcome === 'confirmed') await signInNewAccount({ ...ctx, answer_headers: {} }, addressKinds.email, user)
  if (outcome === 'known' || outcome === 'confirmed') await sendSignInMail(ctx, user, email, 'magic_link', challenge)
}
