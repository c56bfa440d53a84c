// POST /console/users/:user_id/recovery: an operator has the mail sent that leads to a new password.
import type { AccountCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { sendSignInMail } from '../steps/one-time-tokens/send-sign-in-mail.ts'

/** Sends the mail; the log has it as the operator's doing. */
export async function sendRecovery(ctx: AccountCtx): Promise<Reply> {
  const { account } = ctx
  if (!account.email) throw new AuthError(422, 'validation_failed', 'This account has no email address')
  await sendSignInMail(ctx, account, account.email, 'recovery', null)
  return json({})
}
