// The account whose code somebody typed, found by address: every guess is counted before it is compared.
import type { Ctx } from '../../../context.ts'
import { hashesMatch, tokenHash } from '../../../crypto/codes.ts'
import { AuthError } from '../../../errors.ts'
import { findChangeToken, sentAges } from '../../../storage/one-time-tokens.ts'
import type { User } from '../../../storage/users.ts'
import type { AddressKind } from '../one-time-tokens/address-kinds.ts'
import { spend } from '../records/spend-attempt.ts'
import { isExpired, kindsOfType, type ProvenToken } from './use-token.ts'

const badCode = (): AuthError => new AuthError(403, 'otp_expired', 'Token has expired or is invalid')

/** A code with the address it was sent to. */
export interface CodeClaim {
  type: string
  code: string
  kind: AddressKind
  address: string
}

/**
 * The token that a code stands for.
 * @throws AuthError 403 otp_expired for anything but the right code; 429 over_request_rate_limit
 */
export async function findByCode(ctx: Ctx, claim: CodeClaim): Promise<ProvenToken> {
  const { type, code, kind, address } = claim
  const attempt = await spend(ctx, kind.budget, ctx.aud, address)
  const isPhoneType = type === 'sms' || type === 'phone_change'
  const kinds = kindsOfType(type)
  if (kinds.length === 0 || isPhoneType !== (kind.name === 'phone')) throw badCode()
  const is_vouched = await kind.isVouchedFor(ctx, address, code)
  const find = type.endsWith('_change') ? findChange : findPending
  const found = await find(ctx, claim, is_vouched)
  if (!found) throw badCode()
  if (!is_vouched && isExpired(ctx, found)) throw badCode()
  await attempt.giveBack()
  return found
}

async function findChange(
  ctx: Ctx,
  { type, code, address }: CodeClaim,
  is_vouched: boolean,
): Promise<ProvenToken | null> {
  const hash = is_vouched ? null : tokenHash(address, code)
  const found = await findChangeToken(ctx.db, address, hash, kindsOfType(type), ctx.aud)
  return found && { ...found, type }
}

/** Sign-up and sign-in codes are compared with the columns of the account, as the reference does. */
async function findPending(
  ctx: Ctx,
  { type, code, kind, address }: CodeClaim,
  is_vouched: boolean,
): Promise<ProvenToken | null> {
  const user = await kind.find(ctx.db, address, ctx.aud)
  if (!user) return null
  const hash = tokenHash(address, code)
  for (const token_type of kindsOfType(type)) {
    const stored = storedHash(user, token_type)
    if (stored === '') continue
    // A code that was guessed at ten times is worth nothing any more; it looks like a wrong one.
    const attempt = await spend(ctx, kind.code_budget, stored).catch(worthless)
    if (!is_vouched && !hashesMatch(stored.replace(/^pkce_/, ''), hash)) continue
    await attempt.giveBack()
    const ages = await sentAges(ctx.db, user.id)
    const age_s = token_type === 'recovery_token' ? ages.recovery_token : ages.confirmation_token
    return { type, user, token_type, token_hash: stored, age_s }
  }
  return null
}

const worthless = (error: unknown): never => {
  throw error instanceof AuthError && error.status === 429 ? badCode() : error
}

const storedHash = (user: User, type: string): string =>
  (type === 'recovery_token' ? user.recovery_token : user.confirmation_token) ?? ''
