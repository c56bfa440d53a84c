// A secret that works once: a code that people type, and something random that a link carries.
import type { Ctx } from '../../../context.ts'
import { newLinkToken, randomDigits, randomHash, tokenHash } from '../../../crypto/codes.ts'
import { type FoundToken, findByLinkToken, type TokenType } from '../../../storage/one-time-tokens.ts'

/** A token that is about to be stored and sent. */
export interface OneTimeToken {
  type: TokenType
  otp: string
  /** The hash of address and code, as the column keeps it; sign-in attempts with PKCE prefix it with `pkce_`. */
  token_hash: string
  relates_to: string
  /** What a link carries, with the same prefix. No code leads to it (security REV-01). */
  link: string
  /** What is kept of that. */
  link_hash: string
}

/** Makes a token for an address; `fixed` is the code of a tester's number. */
export function newToken(
  ctx: Ctx,
  type: TokenType,
  address: string,
  form: { length: number; fixed?: string | null; is_pkce?: boolean },
): OneTimeToken {
  const otp = form.fixed ?? randomDigits(form.length, ctx.random)
  const prefix = form.is_pkce ? 'pkce_' : ''
  const link = `${prefix}${newLinkToken(ctx.random)}`
  const token_hash = `${prefix}${tokenHash(address, otp)}`
  return { type, otp, token_hash, relates_to: address, link, link_hash: randomHash(link) }
}

/** The token of an e-mail address. */
export const newEmailToken = (ctx: Ctx, type: TokenType, address: string, is_pkce = false): OneTimeToken =>
  newToken(ctx, type, address, { length: ctx.config.mailer_otp_length, is_pkce })

/**
 * The token that a link carries, among kinds in their order; null for none. With `known_hash` the hash of the row will do, where
 * something else proves the address.
 */
export async function findByLink(
  db: Parameters<typeof findByLinkToken>[0],
  carried: string,
  types: readonly TokenType[],
  { known_hash = false } = {},
): Promise<FoundToken | null> {
  if (carried.length > 255 || carried.includes('\0')) return null
  return findByLinkToken(db, { carried, link_hash: randomHash(carried), known_hash }, types)
}
