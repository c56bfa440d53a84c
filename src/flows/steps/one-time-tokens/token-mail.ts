// A one-time token and the mail that carries it: made and rendered first, stored in the transaction, sent after it.
import type { MailKind } from '../../../config/keys.ts'
import type { Ctx } from '../../../context.ts'
import type { ComposedMail } from '../../../delivery/delivery.ts'
import { actionTypeOf } from '../../../delivery/mail-kinds.ts'
import type { Queryable } from '../../../storage/db.ts'
import { insertPkceFlow } from '../../../storage/flow-state.ts'
import type { Metadata } from '../../../storage/metadata.ts'
import { sentAtColumn, storeOneTimeToken, type TokenType } from '../../../storage/one-time-tokens.ts'
import { findUserById, type User } from '../../../storage/users.ts'
import { presentUser } from '../answers/present-user.ts'
import type { PkceChallenge } from '../requests/pkce-challenge.ts'
import { type Tx, transact } from '../transact.ts'
import { checkDeliverable } from './check-deliverable.ts'
import { newEmailToken, type OneTimeToken } from './one-time-token.ts'
import { claimMail, requirePause } from './require-pause.ts'

/** A mail that is to carry a token. */
export interface TokenMailOrder {
  kind: MailKind
  type: TokenType
  to: string
  user: { id: string; email: string; user_metadata: Metadata | null }
  /** The link goes on with a sign-in attempt with PKCE (RFC 7636). */
  challenge?: PkceChallenge | null
  new_email?: string
  /** Another mail of the same request counted for it (security REV-15). */
  is_counted?: boolean
}

/** A mail that is ready to be sent; `composed` is null where the send-email hook sends it. */
export interface TokenMail {
  order: TokenMailOrder
  token: OneTimeToken
  composed: ComposedMail | null
  /** Where the hook sends it, the account as it was before the request; null for a new one. */
  before: User | null
}

/** How the sign-in attempt is called that a kind of mail goes on with. */
const attemptMethods: Partial<Record<MailKind, string>> = {
  confirmation: 'email/signup',
  recovery: 'recovery',
  magic_link: 'magiclink',
  email_change: 'email_change',
}

/** What a mail says of an account beside its token. */
export const aboutUser = ({ id, email, raw_user_meta_data }: User): TokenMailOrder['user'] => ({
  id,
  email: email ?? '',
  user_metadata: raw_user_meta_data,
})

/**
 * Makes the token, checks that a mail may be sent, counts it and renders it; templates may be fetched, so never in a
 * transaction.
 * @throws AuthError 400 for addresses that are refused; 429 over the limit of mails; 500 when a template fails
 */
export async function prepareTokenMail(ctx: Ctx, order: TokenMailOrder): Promise<TokenMail> {
  const { kind, type, to, user, new_email, challenge } = order
  const token = newEmailToken(ctx, type, to, Boolean(challenge))
  const hook = ctx.hooks.enabled('send_email')
  await checkDeliverable(ctx, to)
  if (!order.is_counted) await ctx.limits.takeMail()
  if (hook !== false) return { order, token, composed: null, before: await findUserById(ctx.db, user.id) }
  const composed = await ctx.delivery.composeMail({
    kind,
    to,
    user_id: user.id,
    token: token.otp,
    token_hash: token.link,
    token_hashes: [token.token_hash],
    redirect_to: ctx.redirect_to,
    external_url: ctx.external_url,
    languages: ctx.languages,
    data: user.user_metadata ?? {},
    email: user.email,
    expires_in_s: ctx.config.mailer_otp_exp,
    ...(new_email !== undefined && { new_email, sending_to: to }),
  })
  return { order, token, composed, before: null }
}

/** Stores the token of a mail and queues it, with the sign-in attempt that it goes on with; a hook gets it instead. */
export async function storeTokenMail(ctx: Ctx, tx: Tx, mail: TokenMail): Promise<void> {
  const { order, token, composed } = mail
  const stored = [storeToken(tx, order, token), composed && tx.enqueue(composed)]
  await Promise.all([...stored, order.challenge && beginAttempt(tx, order.user.id, order.kind, order.challenge)])
  if (composed) return
  const row = await findUserById(tx, order.user.id)
  if (row) await sendByHook(ctx, tx, asBefore(row, order.type, mail.before), { kind: order.kind, token })
}

const storeToken = (tx: Queryable, { user }: TokenMailOrder, token: OneTimeToken): Promise<void> =>
  storeOneTimeToken(tx, { user_id: user.id, ...token })

/** Begins the sign-in attempt that the link of a mail goes on with. */
export const beginAttempt = (tx: Queryable, user_id: string, kind: MailKind, challenge: PkceChallenge): Promise<void> =>
  insertPkceFlow(tx, { user_id, authentication_method: attemptMethods[kind] ?? kind, ...challenge })

/**
 * The whole way of a mail with a token to an account that is there: not too soon after the last one, counted, rendered,
 * and then in one transaction claimed, stored and queued.
 * @param also what else belongs to that transaction, such as an entry of the audit log
 * @throws AuthError 429 over_email_send_rate_limit, and as `prepareTokenMail`
 */
export async function sendTokenMail(
  ctx: Ctx,
  user: User,
  order: Omit<TokenMailOrder, 'user'>,
  also: (tx: Tx, token: OneTimeToken) => Promise<unknown>,
): Promise<void> {
  requirePause(ctx, user[sentAtColumn[order.type]])
  const mail = await prepareTokenMail(ctx, { ...order, user: { ...aboutUser(user), email: order.to } })
  await transact(ctx, async (tx) => {
    await claimMail(ctx, tx, user.id, order.type)
    await Promise.all([also(tx, mail.token), storeTokenMail(ctx, tx, mail)])
  })
}

/** The reference asks its hook before it writes down that it did: the times of sending and of the last write are those of before. */
export function asBefore(user: User, type: TokenType, before: User | null): User {
  const sent_at = { [sentAtColumn[type]]: before?.[sentAtColumn[type]] ?? null }
  const updated_at = before?.updated_at ?? user.updated_at
  return { ...user, ...sent_at, invited_at: before?.invited_at ?? null, updated_at }
}

/** What the hook gets beside the account; names as the reference has them. */
export interface HookMail {
  kind: MailKind
  token: OneTimeToken
  /** The second token of a change of address. */
  token_new?: OneTimeToken
}

/** Lets the send-email hook deliver a token. */
export async function sendByHook(ctx: Ctx, tx: Tx, user: User, mail: HookMail): Promise<void> {
  const payload = {
    user: presentUser(user),
    email_data: {
      token: mail.token.otp,
      token_hash: mail.token.link,
      redirect_to: ctx.redirect_to,
      email_action_type: actionTypeOf(mail.kind),
      site_url: ctx.external_url,
      token_new: mail.token_new?.otp ?? '',
      token_hash_new: mail.token_new?.link ?? '',
      old_email: '',
      old_phone: '',
      provider: '',
      factor_type: '',
    },
  }
  const where = { client_address: ctx.client_address }
  if (ctx.hooks.enabled('send_email') === 'postgres') await ctx.hooks.run('send_email', payload, { ...where, db: tx })
  else await tx.outside(`send email ${mail.token.token_hash}`, () => ctx.hooks.run('send_email', payload, where))
}
