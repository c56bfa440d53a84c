// A change of e-mail address begins: codes to the new address and, with secure change, to the current one.
import type { Ctx } from '../../../context.ts'
import { onUniqueViolation } from '../../../storage/db.ts'
import { upsertOwnIdentity } from '../../../storage/identities.ts'
import { deleteOneTimeTokens, storeOneTimeToken } from '../../../storage/one-time-tokens.ts'
import { NOW } from '../../../storage/sql.ts'
import { findUserById, type User, updateUser } from '../../../storage/users.ts'
import { claimMail, requirePause } from '../one-time-tokens/require-pause.ts'
import {
  aboutUser,
  asBefore,
  beginAttempt,
  prepareTokenMail,
  sendByHook,
  type TokenMail,
} from '../one-time-tokens/token-mail.ts'
import { audit } from '../records/audit.ts'
import { notify } from '../records/notify.ts'
import { emailExists } from '../requests/addresses.ts'
import type { PkceChallenge } from '../requests/pkce-challenge.ts'
import type { Tx } from '../transact.ts'

/** A change that may begin; without mails it takes effect at once. */
export interface EmailChange {
  email: string
  /** The mail to the new address, then the one to the current address. */
  mails: TokenMail[]
  challenge: PkceChallenge | null
}

/** Makes the codes and mails of a change; nobody has to agree when an anonymous person is confirmed at once. */
export async function prepareEmailChange(
  ctx: Ctx,
  user: User,
  email: string,
  challenge: PkceChallenge | null,
): Promise<EmailChange> {
  if (user.is_anonymous && ctx.config.mailer_autoconfirm) return { email, mails: [], challenge: null }
  requirePause(ctx, user.email_change_sent_at)
  const about = aboutUser(user)
  const mail = (type: 'email_change_token_new' | 'email_change_token_current', to: string, is_counted: boolean) =>
    prepareTokenMail(ctx, { kind: 'email_change', type, to, challenge, user: about, new_email: email, is_counted })
  const mails = [await mail('email_change_token_new', email, false)]
  if (ctx.config.mailer_secure_email_change_enabled && user.email)
    mails.push(await mail('email_change_token_current', user.email, true))
  return { email, mails, challenge }
}

/**
 * Stores the pending address with its tokens and queues the mails.
 * @param user the account as it is just before
 */
export async function beginEmailChange(ctx: Ctx, tx: Tx, user: User, change: EmailChange): Promise<void> {
  if (change.mails.length === 0) {
    await completeEmailChange(ctx, tx, { ...user, email_change: change.email })
    return
  }
  await claimMail(ctx, tx, user.id, 'email_change_token_new')
  await updateUser(tx, user.id, {
    email_change: change.email,
    email_change_confirm_status: 0,
    ...(change.mails.length === 1 && { email_change_token_current: '' }),
  })
  if (change.challenge) await beginAttempt(tx, user.id, 'email_change', change.challenge)
  for (const mail of change.mails) {
    await storeOneTimeToken(tx, { user_id: user.id, ...mail.token })
    if (mail.composed) await tx.enqueue(mail.composed)
  }
  await tellHook(ctx, tx, user, change)
}

/** With secure change the hook gets the current address's code first and, oddly, the hashes the other way round. */
async function tellHook(ctx: Ctx, tx: Tx, before: User, { mails }: EmailChange): Promise<void> {
  const [to_new, to_current] = mails.map(({ token }) => token)
  if (!ctx.hooks.enabled('send_email') || !to_new) return
  const row = await findUserById(tx, before.id)
  if (!row) return
  const user = asBefore(row, to_new.type, before)
  const kind = 'email_change'
  if (!to_current) await sendByHook(ctx, tx, user, { kind, token: to_new })
  else
    await sendByHook(ctx, tx, user, {
      kind,
      token: { ...to_current, link: to_new.link },
      token_new: { ...to_new, link: to_current.link },
    })
}

/**
 * Takes one side's agreement, its token used up already; the account row is locked by that.
 * @returns false when the other side has still to agree
 * @throws AuthError 422 email_exists when somebody else took the address meanwhile
 */
export async function completeEmailChange(ctx: Ctx, tx: Tx, user: User): Promise<boolean> {
  const needsBoth = ctx.config.mailer_secure_email_change_enabled && Boolean(user.email)
  if (needsBoth && user.email_change_confirm_status === 0) {
    await updateUser(tx, user.id, { email_change_confirm_status: 1 })
    return false
  }
  const email = user.email_change ?? ''
  await updateUser(tx, user.id, {
    email,
    email_change: '',
    email_change_token_current: '',
    email_change_token_new: '',
    email_change_confirm_status: 0,
    email_confirmed_at: user.email_confirmed_at === null ? NOW : undefined,
    confirmation_token: user.email_confirmed_at === null ? '' : undefined,
    is_anonymous: false,
    raw_user_meta_data:
      user.email_confirmed_at === null ? { ...user.raw_user_meta_data, email_verified: true } : undefined,
  }).catch(onUniqueViolation(emailExists))
  const identity_data = { sub: user.id, email, email_verified: true }
  await Promise.all([
    upsertOwnIdentity(tx, { user_id: user.id, provider: 'email', identity_data }, { is_moved: true }),
    deleteOneTimeTokens(tx, user.id),
    audit(ctx, tx, user, 'user_modified'),
  ])
  if (user.email) await notify(ctx, tx, 'email_changed', { user, to: user.email, email, old_email: user.email })
  return true
}
