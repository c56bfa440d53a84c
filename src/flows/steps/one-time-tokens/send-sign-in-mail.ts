// Mails that sign in: recovery and magic link share a token and differ in words.
import type { Ctx } from '../../../context.ts'
import { insertPkceFlow } from '../../../storage/flow-state.ts'
import { findUserById, type User } from '../../../storage/users.ts'
import { audit } from '../records/audit.ts'
import type { Challenge } from '../requests/pkce.ts'
import { transact } from '../transact.ts'
import { claimMail, newEmailToken, prepareTokenMail, requirePause, storeTokenMail } from './token-mail.ts'

/**
 * Sends a recovery or magic-link mail to a known account.
 * @throws AuthError 429 over_email_send_rate_limit
 */
export async function sendSignInMail(
  ctx: Ctx,
  user: User,
  email: string,
  kind: 'recovery' | 'magic_link',
  challenge: Challenge | null,
): Promise<void> {
  requirePause(ctx, user.recovery_sent_at)
  const token = newEmailToken(ctx, 'recovery_token', email, challenge !== null)
  const mail = await prepareTokenMail(ctx, {
    kind,
    to: email,
    token,
    user: { id: user.id, email, user_metadata: user.raw_user_meta_data },
  })
  const method = kind === 'recovery' ? 'recovery' : 'magiclink'
  await transact(ctx, async (tx) => {
    await claimMail(ctx, tx, user.id, 'recovery_token')
    await Promise.all([
      challenge && insertPkceFlow(tx, { user_id: user.id, authentication_method: method, ...challenge }),
      audit(ctx, tx, user, 'user_recovery_requested'),
      storeTokenMail(ctx, tx, mail, () => findUserById(tx, user.id)),
    ])
  })
}
