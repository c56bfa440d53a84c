// Mails that sign in: recovery and magic link share a token and differ in words.
import type { Ctx } from '../../../context.ts'
import type { User } from '../../../storage/users.ts'
import { audit } from '../records/audit.ts'
import type { PkceChallenge } from '../requests/pkce-challenge.ts'
import { sendTokenMail } from './token-mail.ts'

/**
 * Sends a recovery or magic-link mail to a known account.
 * @throws AuthError 429 over_email_send_rate_limit
 */
export const sendSignInMail = (
  ctx: Ctx,
  user: User,
  to: string,
  kind: 'recovery' | 'magic_link',
  challenge: PkceChallenge | null,
): Promise<void> =>
  sendTokenMail(ctx, user, { kind, type: 'recovery_token', to, challenge }, (tx) =>
    audit(ctx, tx, user, 'user_recovery_requested'),
  )
