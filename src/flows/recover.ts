// POST /recover: a mail with a link that signs in whoever forgot a password.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { findUserByEmail } from '../storage/users.ts'
import { evenAnswer } from './steps/answers/even-answer.ts'
import { feignMail } from './steps/one-time-tokens/feign-mail.ts'
import { sendSignInMail } from './steps/one-time-tokens/send-sign-in-mail.ts'
import { normaliseEmail } from './steps/requests/addresses.ts'
import { pkceFields, text } from './steps/requests/fields.ts'
import { readPkceChallenge } from './steps/requests/pkce-challenge.ts'

export const recoverBody = z.object({ email: text, ...pkceFields })

/** Answers the same whether the address is known or not. */
export async function recoverAccount(ctx: Ctx, body: z.infer<typeof recoverBody>): Promise<Reply> {
  if (!ctx.config.external_email_enabled)
    throw new AuthError(400, 'email_provider_disabled', 'Email logins are disabled')
  if (body.email === '') throw invalid('Password recovery requires an email')
  const email = normaliseEmail(body.email)
  const challenge = readPkceChallenge(body)
  return evenAnswer(ctx, async (ctx) => {
    const user = await findUserByEmail(ctx.db, email, ctx.aud)
    if (user) await sendSignInMail(ctx, user, email, 'recovery', challenge)
    else await feignMail(ctx, 'recovery_token', email)
    return json({})
  })
}
