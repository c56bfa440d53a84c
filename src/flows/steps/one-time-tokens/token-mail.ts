// A one-time token and the mail that carries it: made and rendered first, stored in the transaction, sent after it.
import type { MailKind } from '../../../config/keys.ts'
import type { Ctx } from '../../../context.ts'
import { randomDigits, tokenHash } from '../../../crypto/codes.ts'
import type { ComposedMail } from '../../../delivery/delivery.ts'
import { actionTypeOf } from '../../../delivery/mail-kinds.ts'
import { AuthError } from '../../../errors.ts'
import type { Queryable } from '../../../storage/db.ts'
import { claimSending, sentAtColumn, storeOneTimeToken, type TokenType } from '../../../storage/one-time-tokens.ts'
import { findUserById, type Metadata, type User } from '../../../storage/users.ts'
import { presentUser } from '../answers/present-user.ts'
import type { Tx } from '../transact.ts'
import { checkDeliverable } from './check-deliverable.ts'

/** A code and its hash: link and code are one token. */
export interface OneTimeToken {
  type: TokenType
  otp: string
  /** As stored and as links carry it; PKCE flows prefix it with `pkce_`. */
  token_hash: string
  relates_to: string
}

/** Makes a token for an address. */
export function newEmailToken(ctx: Ctx, type: TokenType, address: string, is_pkce = false): OneTimeToken {
  const otp = randomDigits(ctx.config.mailer_otp_length, ctx.random)
  return { type, otp, token_hash: `${is_pkce ? 'pkce_' : ''}${tokenHash(address, otp)}`, relates_to: address }
}

/** What a mail with a token says. */
export interface TokenMailRequest {
  kind: MailKind
  to: string
  token: OneTimeToken
  user: { id: string; email: string; user_metadata: Metadata | null }
  new_email?: string
}

/** A mail that is ready to be sent; `composed` is null where the send-email hook sends it. */
export interface TokenMail {
  request: TokenMailRequest
  composed: ComposedMail | null
  /** Where the hook sends it, the account as it was before the request; null for a new one. */
  before: User | null
}

/**
 * Checks that a mail may be sent, counts it and renders it; templates may be fetched, so never in a transaction.
 * @throws AuthError 400 for addresses that are refused; 429 over the limit of mails; 500 when a template fails
 */
export async function prepareTokenMail(ctx: Ctx, request: TokenMailRequest): Promise<TokenMail> {
  const hook = ctx.hooks.enabled('send_email')
  await checkDeliverable(ctx, request.to, hook !== false)
  await ctx.limits.takeMail()
  if (hook !== false) return { request, composed: null, before: await findUserById(ctx.db, request.user.id) }
  const { kind, to, token, user, new_email } = request
  const composed = await ctx.delivery.composeMail({
    kind,
    to,
    user_id: user.id,
    token: token.otp,
    token_hash: token.token_hash,
    token_hashes: [token.token_hash],
    redirect_to: ctx.redirect_to,
    external_url: ctx.external_url,
    data: user.user_metadata ?? {},
    email: user.email,
    expires_in_s: ctx.config.mailer_otp_exp,
    ...(new_email !== undefined && { new_email, sending_to: to }),
  })
  return { request, composed, before: null }
}

/** Stores the token of a mail and queues it; with a send-email hook, the hook gets it instead. */
export async function storeTokenMail(
  ctx: Ctx,
  tx: Tx,
  mail: TokenMail,
  readUser: () => Promise<User | null>,
): Promise<void> {
  const { token, user } = mail.request
  const stored = storeOneTimeToken(tx, { user_id: user.id, ...token })
  if (mail.composed) {
    await Promise.all([stored, tx.enqueue(mail.composed)])
    return
  }
  await stored
  const row = await readUser()
  if (row) await sendByHook(ctx, tx, asBefore(row, mail), mail.request)
}

/** The reference asks its hook before it writes down when it did: times of sending are those of the mail before. */
export function asBefore(user: User, { before, request }: TokenMail): User {
  const sent_at = { [sentAtColumn[request.token.type]]: before?.[sentAtColumn[request.token.type]] ?? null }
  return { ...user, ...sent_at, invited_at: before?.invited_at ?? null }
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
      token_hash: mail.token.token_hash,
      redirect_to: ctx.redirect_to,
      email_action_type: actionTypeOf(mail.kind),
      site_url: ctx.external_url,
      token_new: mail.token_new?.otp ?? '',
      token_hash_new: mail.token_new?.token_hash ?? '',
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

/**
 * Claims the right to send, in the transaction; of many requests at once one wins.
 * @throws AuthError 429 over_email_send_rate_limit
 */
export async function claimMail(ctx: Ctx, tx: Queryable, user_id: string, type: TokenType): Promise<void> {
  const wait_s = await claimSending(tx, user_id, type, ctx.config.smtp_max_frequency)
  if (wait_s !== null) throw tooFrequent('over_email_send_rate_limit', wait_s)
}

/** 429 with the seconds to wait. */
export const tooFrequent = (
  code: 'over_email_send_rate_limit' | 'over_sms_send_rate_limit',
  wait_s: number,
): AuthError =>
  new AuthError(429, code, `For security purposes, you can only request this after ${wait_s} seconds.`, {
    retry_after: wait_s,
  })

/**
 * Refuses early, before a mail is counted and rendered, what was sent too recently.
 * @throws AuthError 429 over_email_send_rate_limit
 */
export function requirePause(ctx: Ctx, sent_at: string | null): void {
  if (sent_at === null) return
  const wait_ms = Date.parse(sent_at) + ctx.config.smtp_max_frequency - ctx.now()
  if (wait_ms > 0) throw tooFrequent('over_email_send_rate_limit', Math.floor(wait_ms / 1000))
}
