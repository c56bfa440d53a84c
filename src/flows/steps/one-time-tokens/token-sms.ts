// A one-time token and the message that carries it to a phone: by the send-sms hook or the configured sender.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { attemptSubject } from '../../../limits/attempt-budget.ts'
import { clearAttempts, countAttempt } from '../../../storage/attempts.ts'
import { claimSending, storeOneTimeToken, type TokenType, waitForMessage } from '../../../storage/one-time-tokens.ts'
import { findUserById, type User } from '../../../storage/users.ts'
import { presentUser } from '../answers/present-user.ts'
import { barePhone, type Channel } from '../requests/addresses.ts'
import { type Tx, transact } from '../transact.ts'
import { newToken, type OneTimeToken } from './one-time-token.ts'
import { tooFrequent } from './require-pause.ts'

/** A message that is ready to be sent. */
export interface TokenSms {
  token: OneTimeToken
  phone: string
  channel: Channel
  /** A fixed code of a tester's number: nothing is sent. */
  is_test: boolean
  /** The request itself ends what was sent before, as a new password does, and with it the pause after that. */
  is_first: boolean
}

/** What a message is about, as its errors say. */
const purposes: Partial<Record<TokenType, string>> = {
  confirmation_token: 'confirmation',
  phone_change_token: 'phone_change',
  reauthentication_token: 'reauthentication',
}

/** A message that is to carry a token. */
export interface TokenSmsOrder {
  type: TokenType
  phone: string
  channel: Channel
  is_first?: boolean
}

/** Makes the token of a message. */
export function prepareTokenSms(ctx: Ctx, { type, phone, channel, is_first = false }: TokenSmsOrder): TokenSms {
  const fixed = testOtp(ctx, phone)
  const token = newToken(ctx, type, phone, { length: ctx.config.sms_otp_length, fixed })
  return { phone, channel, token, is_test: fixed !== null, is_first }
}

/**
 * Claims the right to send, stores the token and sends the message between two runs of the transaction.
 * @returns the sender's name of the message, if it gave one
 * @throws AuthError 429 over_sms_send_rate_limit; 422 sms_send_failed; 500 without a sender
 */
export async function storeTokenSms(ctx: Ctx, tx: Tx, sms: TokenSms, user_id: string): Promise<string | null> {
  const { token } = sms
  const user = await findUserById(tx, user_id)
  const wait_s = await claimSending(tx, user_id, token.type, ctx.config.sms_max_frequency)
  if (wait_s !== null) throw tooFrequent('over_sms_send_rate_limit', wait_s)
  await storeOneTimeToken(tx, { user_id, ...token })
  if (sms.is_test) return 'test-otp'
  if (!user) return null
  if (ctx.hooks.enabled('send_sms') === 'postgres') {
    // Counted once, however often the transaction runs.
    await tx.outside(`count sms ${token.token_hash}`, () => ctx.limits.takeSms())
    await ctx.hooks.run('send_sms', hookPayload(user, sms), { client_address: ctx.client_address, db: tx })
    return null
  }
  const message_id = await tx.outside(`send sms ${token.token_hash}`, () => sendOnce(ctx, user, sms))
  // From the commit on the account's own sent-at keeps others from sending.
  await clearAttempts(tx, 'send_sms', claimSubject(ctx, sms))
  return message_id
}

/**
 * The whole way of a message with a token to an account that is there, in a transaction of its own.
 * @param also what else belongs to that transaction, such as an entry of the audit log
 * @returns the sender's name of the message, if it gave one
 * @throws AuthError as `storeTokenSms`
 */
export async function sendTokenSms(
  ctx: Ctx,
  user: User,
  order: TokenSmsOrder,
  also: (tx: Tx, token: OneTimeToken) => Promise<unknown>,
): Promise<string | null> {
  const sms = prepareTokenSms(ctx, order)
  return transact(ctx, async (tx) => {
    await also(tx, sms.token)
    return storeTokenSms(ctx, tx, sms, user.id)
  })
}

/** The reference asks its hook before it writes: the account is as it was, with the number that it is to have. */
const hookPayload = (user: User, { token, phone }: TokenSms) => ({
  user: presentUser(token.type === 'phone_change_token' ? { ...user, phone_change: phone } : user),
  sms: { otp: token.otp, phone },
})

const claimSubject = (ctx: Ctx, sms: TokenSms): string => attemptSubject(ctx.aud, sms.token.type, sms.phone)

/** The transaction that stores the token is not committed yet, so parallel requests agree here who sends. */
async function sendOnce(ctx: Ctx, user: User, sms: TokenSms): Promise<string | null> {
  const window_s = Math.max(15, ctx.config.sms_max_frequency / 1000)
  const subject = claimSubject(ctx, sms)
  const claim = await countAttempt(ctx.db, 'send_sms', subject, 1, window_s)
  if (!claim.allowed) throw tooFrequent('over_sms_send_rate_limit', claim.retry_after_s)
  try {
    // Whoever had the claim before may have committed meanwhile.
    const { sms_max_frequency } = ctx.config
    const wait_s = sms.is_first
      ? null
      : await waitForMessage(ctx.db, user.id, sms.phone, sms.token.type, sms_max_frequency)
    if (wait_s !== null) throw tooFrequent('over_sms_send_rate_limit', wait_s)
    await ctx.limits.takeSms()
    return await send(ctx, user, sms)
  } catch (error) {
    await clearAttempts(ctx.db, 'send_sms', subject)
    throw error
  }
}

async function send(ctx: Ctx, user: User, sms: TokenSms): Promise<string | null> {
  if (ctx.hooks.enabled('send_sms')) {
    await ctx.hooks.run('send_sms', hookPayload(user, sms), { client_address: ctx.client_address })
    return null
  }
  const { sender } = ctx
  if (!sender) throw new AuthError(500, 'unexpected_failure', 'Unable to get SMS provider')
  try {
    return await sender.send({ phone: sms.phone, otp: sms.token.otp, channel: sms.channel })
  } catch (error) {
    const text = error instanceof Error ? error.message : 'unknown error'
    const purpose = purposes[sms.token.type] ?? 'confirmation'
    throw new AuthError(422, 'sms_send_failed', `Error sending ${purpose} OTP to provider: ${text}`, { cause: error })
  }
}

/** The fixed code of a number, or null when it has none or the time for it is over. */
function testOtp(ctx: Ctx, phone: string): string | null {
  const { sms_test_otp, sms_test_otp_valid_until } = ctx.config
  if (sms_test_otp_valid_until !== null && ctx.now() >= sms_test_otp_valid_until) return null
  const [, code] = Object.entries(sms_test_otp).find(([number]) => barePhone(number) === phone) ?? []
  return code ?? null
}

/** Whether a code is right whatever is stored: the fixed one of a tester, or one that the sender itself made and checks. */
export async function isVouchedFor(ctx: Ctx, phone: string, code: string): Promise<boolean> {
  const fixed = testOtp(ctx, phone)
  if (fixed !== null) return fixed === code
  if (!ctx.sender?.check || ctx.hooks.enabled('send_sms') || !/^\d{4,10}$/.test(code)) return false
  return ctx.sender.check(phone, code)
}
