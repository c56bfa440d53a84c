// The two kinds of addresses, as data: whoever needs one is handed its entry, and nothing below asks which one it is.
import type { Config } from '../../../config/keys.ts'
import type { Ctx } from '../../../context.ts'
import { AuthError, invalid } from '../../../errors.ts'
import {
  type AttemptBudget,
  emailChangeBudget,
  emailOtpBudget,
  emailOtpCodeBudget,
  phoneChangeBudget,
  smsOtpBudget,
  smsOtpCodeBudget,
} from '../../../limits/attempt-budget.ts'
import type { Queryable } from '../../../storage/db.ts'
import type { Metadata } from '../../../storage/metadata.ts'
import type { TokenType } from '../../../storage/one-time-tokens.ts'
import {
  findRegisteredByEmail,
  findRegisteredByPhone,
  findUserByEmail,
  findUserByPhone,
  type User,
} from '../../../storage/users.ts'
import { barePhone, type Channel, chooseChannel, normaliseEmail, normalisePhone } from '../requests/addresses.ts'
import { type PkceChallenge, readPkceChallenge } from '../requests/pkce-challenge.ts'
import type { Tx } from '../transact.ts'
import { feignMail, feignSms } from './feign-mail.ts'
import type { OneTimeToken } from './one-time-token.ts'
import { prepareTokenMail, sendTokenMail, storeTokenMail } from './token-mail.ts'
import { isVouchedFor, prepareTokenSms, sendTokenSms, storeTokenSms } from './token-sms.ts'

/** What a request says of the way a token goes. */
export interface TokenWay {
  /** Null for mails. */
  channel: Channel | null
  /** Null without PKCE. */
  challenge: PkceChallenge | null
}

/** What a token is sent for. */
export type Purpose = 'confirmation' | 'reauthentication'

/** A token that is ready to go out. */
export interface ReadyToken {
  token: OneTimeToken
  /** Nobody is asked as it is stored, so that what follows may be sent along. */
  is_immediate: boolean
  store(tx: Tx): Promise<unknown>
}

/** How one kind of address is read, found, confirmed, told, guessed at and named. */
export interface AddressKind {
  /** The field, the column, the provider. */
  name: 'email' | 'phone'
  /** As errors begin with it. */
  title: 'Email' | 'Phone'
  /** The name of the other one. */
  other: 'email' | 'phone'
  /** @throws AuthError 400 validation_failed */
  normalise(address: string): string
  /** The stored form of whatever was typed; for no address at all, one that nobody has. */
  guess(address: string): string
  find(db: Queryable, address: string, aud: string): Promise<User | null>
  /** The account that keeps an address from being registered again, in whatever audience. */
  findRegistered(db: Queryable, address: string): Promise<User | null>
  confirmed_at: 'email_confirmed_at' | 'phone_confirmed_at'
  /** What confirmation adds to the metadata and, in one answer, to the identities. */
  confirmed_metadata: Metadata
  isEnabled(config: Config): boolean
  autoconfirms(config: Config): boolean
  /** All codes of an address. */
  budget: AttemptBudget
  /** One code. */
  code_budget: AttemptBudget
  /** All codes that would give an account another address. */
  change_budget: AttemptBudget
  /** Seconds that a code lives. */
  codeLife(config: Config): number
  /** @throws AuthError 400 validation_failed */
  way(ctx: Ctx, asked: { channel: string; code_challenge: string; code_challenge_method: string }): TokenWay
  /** Makes the confirmation of an account that is about to be made. */
  prepare(
    ctx: Ctx,
    to: string,
    about: { id: string; user_metadata: Metadata | null },
    way: TokenWay,
  ): Promise<ReadyToken>
  /** Sends to an account that is there; answers with the sender's name of the message, if there is one. */
  send(
    ctx: Ctx,
    user: User,
    order: { purpose: Purpose; to: string } & TokenWay,
    also: (tx: Tx, token: OneTimeToken) => Promise<unknown>,
  ): Promise<string | null>
  /** Is refused as `send` is, and sends nothing: for addresses that lead to nobody. */
  feign(ctx: Ctx, type: TokenType, address: string): Promise<void>
  /** Whether a code is right whatever is stored. */
  isVouchedFor(ctx: Ctx, address: string, code: string): Promise<boolean>
}

const email: AddressKind = {
  name: 'email',
  title: 'Email',
  other: 'phone',
  normalise: normaliseEmail,
  guess: (address) => address.toLowerCase(),
  find: findUserByEmail,
  findRegistered: findRegisteredByEmail,
  confirmed_at: 'email_confirmed_at',
  confirmed_metadata: { email_verified: true },
  isEnabled: (config) => config.external_email_enabled,
  autoconfirms: (config) => config.mailer_autoconfirm,
  budget: emailOtpBudget,
  code_budget: emailOtpCodeBudget,
  change_budget: emailChangeBudget,
  codeLife: (config) => config.mailer_otp_exp,
  way: (_ctx, asked) => ({ channel: null, challenge: readPkceChallenge(asked) }),
  async prepare(ctx, to, about, { challenge }) {
    const user = { ...about, email: to }
    const mail = await prepareTokenMail(ctx, { kind: 'confirmation', type: 'confirmation_token', to, user, challenge })
    return { token: mail.token, is_immediate: mail.composed !== null, store: (tx) => storeTokenMail(ctx, tx, mail) }
  },
  async send(ctx, user, { purpose, to, challenge }, also) {
    await sendTokenMail(ctx, user, { kind: purpose, type: `${purpose}_token`, to, challenge }, also)
    return null
  },
  feign: feignMail,
  isVouchedFor: async () => false,
}

const phone: AddressKind = {
  name: 'phone',
  title: 'Phone',
  other: 'email',
  normalise: normalisePhone,
  guess: barePhone,
  find: findUserByPhone,
  findRegistered: findRegisteredByPhone,
  confirmed_at: 'phone_confirmed_at',
  confirmed_metadata: {},
  isEnabled: (config) => config.external_phone_enabled,
  autoconfirms: (config) => config.sms_autoconfirm,
  budget: smsOtpBudget,
  code_budget: smsOtpCodeBudget,
  change_budget: phoneChangeBudget,
  codeLife: (config) => config.sms_otp_exp,
  way: ({ config }, asked) => {
    const channel = chooseChannel(config, asked.channel)
    if (asked.code_challenge !== '') throw invalid('PKCE not supported for phone signups')
    return { channel, challenge: readPkceChallenge(asked) }
  },
  async prepare(ctx, to, { id }, { channel }) {
    const sms = prepareTokenSms(ctx, { type: 'confirmation_token', phone: to, channel: channel ?? 'sms' })
    return { token: sms.token, is_immediate: false, store: (tx) => storeTokenSms(ctx, tx, sms, id) }
  },
  send: (ctx, user, { purpose, to, channel }, also) =>
    sendTokenSms(ctx, user, { type: `${purpose}_token`, phone: to, channel: channel ?? 'sms' }, also),
  feign: feignSms,
  isVouchedFor,
}

/** Every kind by its name. */
export const addressKinds = { email, phone }

/** The kind of a request that carries one address; `''` is none. */
export const kindOfAddress = (fields: { email: string }): AddressKind => (fields.email === '' ? phone : email)

/**
 * Lets kinds pass that people may sign in by.
 * @throws AuthError email_provider_disabled or phone_provider_disabled
 */
export function requireEnabled(ctx: Ctx, kind: AddressKind, status: number, what: 'signups' | 'logins'): void {
  if (kind.isEnabled(ctx.config)) return
  throw new AuthError(status, `${kind.name}_provider_disabled`, `${kind.title} ${what} are disabled`)
}
