// POST /magiclink: a mail with a link that signs in.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { json, type Reply } from '../reply.ts'
import { signInByMail } from './steps/accounts/sign-in-by-mail.ts'
import { evenTime } from './steps/answers/even-answer.ts'
import { optionalObject, pkceFields, text } from './steps/requests/fields.ts'
import { requireAudience } from './steps/requests/require-audience.ts'

export const magicLinkBody = z.object({ email: text, data: optionalObject, ...pkceFields })

/** Answers `{}` once the mail is on its way. */
export async function sendMagicLink(asked: Ctx, body: z.infer<typeof magicLinkBody>): Promise<Reply> {
  const ctx = requireAudience(asked)
  await evenTime(() => signInByMail(ctx, { ...body, data: body.data ?? {} }))
  return json({})
}
