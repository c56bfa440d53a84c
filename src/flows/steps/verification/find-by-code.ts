// The account whose code somebody typed, found by address: every guess is counted before it is compared.
import type { Ctx } from '../../../context.ts'
import { hashesMatch, tokenHash } from '../../../crypto/codes.ts'
import { AuthError } from '../../../errors.ts'
import { findChangeTokens, isTokenPending, sentAges } from '../../../storage/one-time-tokens.ts'
import type { AddressKind } from '../one-time-tokens/address-kinds.ts'
import { type Attempt, excuseOutage, type Spent, spend, spendUnlessSpent } from '../records/spend-attempt.ts'
import { requireNoBan } from '../requests/require-no-ban.ts'
import { isExpired, type ProvenToken, tokensOfType } from './use-token.ts'

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
  const attempt = await spend(ctx, [kind.budget, ctx.aud, address])
  // As recorded, a type that nobody knows is looked up by e-mail address, and does not hide a ban.
  const isKnown = tokensOfType(type, kind.name).length > 0
  if (!isKnown && (kind.name === 'phone' || tokensOfType(type, 'phone').length > 0)) throw badCode()
  const find = type === `${kind.name}_change` ? findChange : findPending
  const found = await excuseOutage(ctx, attempt, async () => {
    const is_vouched = await kind.isVouchedFor(ctx, address, code)
    const right = await find(ctx, claim, is_vouched)
    return right && (is_vouched || !isExpired(ctx, kind, right)) ? right : null
  })
  if (!found) throw badCode()
  await attempt.giveBack()
  return found
}

/**
 * The one change of address that a code agrees to. Where a code is the same for everybody who asked for the address (a
 * tester's, or one that the sender made), it cannot tell whose change it is, and changes nothing (security REV-10).
 */
async function findChange(
  ctx: Ctx,
  { type, code, kind, address }: CodeClaim,
  is_vouched: boolean,
): Promise<ProvenToken | null> {
  const hash = tokenHash(address, code)
  const right: { found: ProvenToken; attempt: Attempt }[] = []
  const asked = await findChangeTokens(ctx.db, address, tokensOfType(type, kind.name), ctx.aud)
  for (const [place, found] of asked.entries()) {
    const { user, token_hash } = found
    // As recorded, the account behind a new number is told of its ban whatever the code.
    if (kind.name === 'phone') requireNoBan(user)
    // Whoever lets many accounts ask for one address compares each guess with as many codes: each counts for the address.
    const again: Spent[] = place === 0 ? [] : [[kind.budget, ctx.aud, address]]
    const attempt = await spendUnlessSpent(ctx, ...again, [kind.change_budget, user.id], [kind.code_budget, token_hash])
    if (attempt && (is_vouched || hashesMatch(token_hash.replace(/^pkce_/, ''), hash)))
      right.push({ found: { ...found, type }, attempt })
  }
  const [only, ...others] = right
  if (!only || others.length > 0) return null
  await only.attempt.giveBack()
  return only.found
}

/** Sign-up and sign-in codes are compared with the columns of the account, as the reference does. */
async function findPending(
  ctx: Ctx,
  { type, code, kind, address }: CodeClaim,
  is_vouched: boolean,
): Promise<ProvenToken | null> {
  const user = await kind.find(ctx.db, address, ctx.aud)
  if (!user) return null
  requireNoBan(user)
  const hash = tokenHash(address, code)
  for (const token_type of tokensOfType(type, kind.name)) {
    const stored = user[token_type] ?? ''
    if (stored === '') continue
    // A code that was guessed at ten times is worth nothing any more; it looks like a wrong one.
    const attempt = await spendUnlessSpent(ctx, [kind.code_budget, stored])
    if (!attempt) throw badCode()
    // What somebody vouches for counts only where a code was asked for, for this address.
    const is_right = is_vouched
      ? await excuseOutage(ctx, attempt, () => isTokenPending(ctx.db, user.id, token_type, address))
      : hashesMatch(stored.replace(/^pkce_/, ''), hash)
    if (!is_right) continue
    await attempt.giveBack()
    const ages = await sentAges(ctx.db, user.id)
    const age_s = token_type === 'recovery_token' ? ages.recovery_token : ages.confirmation_token
    return { type, user, token_type, token_hash: stored, relates_to: address, age_s }
  }
  return null
}
