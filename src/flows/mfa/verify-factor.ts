// POST /factors/{factor_id}/verify: a right code verifies the factor and raises the session to aal2.
import { z } from 'zod'
import type { Ctx, FactorCtx } from '../../context.ts'
import { hashesMatch } from '../../crypto/codes.ts'
import { makeSignedToken, newRefreshToken } from '../../crypto/refresh-token.ts'
import { totpMatches } from '../../crypto/totp.ts'
import { AuthError, invalid } from '../../errors.ts'
import { mfaAccountBudget, mfaPhoneBudget, mfaTotpBudget } from '../../limits/attempt-budget.ts'
import { json, type Reply } from '../../reply.ts'
import type { Queryable } from '../../storage/db.ts'
import {
  type Challenge,
  consumeChallenge,
  deleteChallenge,
  deleteUnverifiedFactors,
  type Factor,
  findChallenge,
  updateFactor,
} from '../../storage/factors.ts'
import { findRefreshState, type RefreshState, swapOldestToken } from '../../storage/refresh-tokens.ts'
import { deleteSessions, lockSession, raiseSession, touchSession } from '../../storage/sessions.ts'
import type { User } from '../../storage/users.ts'
import { audit } from '../steps/records/audit.ts'
import { notify } from '../steps/records/notify.ts'
import { spend } from '../steps/records/spend-attempt.ts'
import { factorTypes, requireVerifyEnabled } from '../steps/requests/factor-of-path.ts'
import { text } from '../steps/requests/fields.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import { signAccessToken } from '../steps/sessions/access-token.ts'
import { tokenAnswer } from '../steps/sessions/issue-session.ts'
import { refreshedClaims, refreshedFrom, touched } from '../steps/sessions/refresh-outcome.ts'
import { transact } from '../steps/transact.ts'

export const verifyFactorBody = z.object({
  challenge_id: z
    .string()
    .refine((id) => id === '' || isUuid(id), 'is no UUID')
    .default(''),
  code: text,
})

const mismatch = (): AuthError =>
  new AuthError(422, 'mfa_ip_address_mismatch', 'Challenge and verify IP addresses mismatch.')

/** Answers with new tokens of the session; weaker sessions of the account end. */
export async function verifyFactor(ctx: FactorCtx, body: z.infer<typeof verifyFactorBody>): Promise<Reply> {
  const { factor } = ctx
  const { user, session } = ctx.caller
  requireVerifyEnabled(ctx, factor.factor_type)
  if (body.code === '') throw invalid('Code needs to be non-empty')
  const challenge = await usableChallenge(ctx, factor, body.challenge_id)
  await requireRightCode(ctx, user, factor, challenge, body.code)
  const next = newRefreshToken(ctx.random)
  const answer = await transact(ctx, async (tx) => {
    await lockSession(tx, session.id)
    if (!(await consumeChallenge(tx, challenge.id))) throw mismatch()
    const { method } = factorTypes[factor.factor_type]
    await Promise.all([
      raiseSession(tx, { id: session.id, user_id: user.id }, factor.id, method),
      updateFactor(tx, factor.id, { status: 'verified', ...resealed(ctx, factor) }),
      deleteUnverifiedFactors(tx, user.id, { factor_type: factor.factor_type, except: factor.id }),
      audit(ctx, tx, user, 'verification_attempted', {
        factor_id: factor.id,
        challenge_id: challenge.id,
        factor_type: factor.factor_type,
      }),
    ])
    const state = await findRefreshState(tx, session.id)
    if (!state) throw new AuthError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
    const { refresh_token, user: renewed } = await renewToken(ctx, tx, state, next)
    if (factor.status === 'unverified' && user.email)
      await notify(ctx, tx, 'mfa_factor_enrolled', {
        user,
        to: user.email,
        factor_type: factor.factor_type,
      })
    const claims = refreshedClaims(ctx, state)
    const access_token = await signAccessToken(ctx, tx, claims, method)
    const tokens = { access_token, refresh_token, exp: Number(claims.exp), now_s: state.now_s }
    return tokenAnswer(renewed, tokens, { session_id: session.id })
  })
  return json(answer.body)
}

/** @throws AuthError 422 mfa_factor_not_found, mfa_ip_address_mismatch or mfa_challenge_expired */
async function usableChallenge(ctx: Ctx, factor: Factor, id: string): Promise<Challenge> {
  const challenge = id === '' ? null : await findChallenge(ctx.db, factor.id, id)
  if (!challenge)
    throw new AuthError(422, 'mfa_factor_not_found', 'MFA factor with the provided challenge ID not found')
  if (challenge.verified_at !== null || challenge.ip_address !== (ctx.client_address || '0.0.0.0')) throw mismatch()
  if (challenge.age_s < ctx.config.mfa_challenge_expiry_duration) return challenge
  await deleteChallenge(ctx.db, challenge.id)
  throw new AuthError(
    422,
    'mfa_challenge_expired',
    `MFA challenge ${challenge.id} has expired, verify against another challenge or create a new challenge.`,
  )
}

/**
 * Counts the attempt, compares, and lets the hook judge.
 * @throws AuthError 429 over_request_rate_limit; 422 mfa_verification_failed; 403 mfa_verification_rejected or otp_expired
 */
async function requireRightCode(
  ctx: Ctx,
  user: User,
  factor: Factor,
  challenge: Challenge,
  code: string,
): Promise<void> {
  const ofFactor = await spend(ctx, factor.factor_type === 'phone' ? mfaPhoneBudget : mfaTotpBudget, factor.id)
  const ofAccount = await spend(ctx, mfaAccountBudget, user.id)
  const valid = await isRight(ctx, factor, challenge, code)
  await askHook(ctx, user, factor, valid)
  if (!valid) {
    if (checksItself(ctx, factor)) throw new AuthError(403, 'otp_expired', 'Token has expired or is invalid')
    const what = factor.factor_type === 'phone' ? 'MFA Phone' : 'TOTP'
    throw new AuthError(422, 'mfa_verification_failed', `Invalid ${what} code entered`)
  }
  await Promise.all([ofFactor.giveBack(), ofAccount.giveBack()])
}

/** Whether the sender makes the codes of a phone and checks them (Twilio Verify). */
const checksItself = (ctx: Ctx, factor: Factor): boolean =>
  factor.factor_type === 'phone' && Boolean(ctx.factor_sender?.check) && !ctx.hooks.enabled('send_sms')

async function isRight(ctx: Ctx, factor: Factor, challenge: Challenge, code: string): Promise<boolean> {
  if (checksItself(ctx, factor)) {
    const check = /^\d{4,10}$/.test(code) ? ctx.factor_sender?.check : null
    return (await check?.(factor.phone ?? '', code)) ?? false
  }
  if (factor.factor_type === 'phone')
    return hashesMatch(ctx.secret_box.open(challenge.otp_code ?? '', challenge.id), code)
  return totpMatches(ctx.secret_box.open(factor.secret ?? '', factor.id), code, ctx.now() / 1000)
}

async function askHook(ctx: Ctx, user: User, factor: Factor, valid: boolean): Promise<void> {
  const kind = ctx.hooks.enabled('mfa_verification_attempt')
  if (kind === false) return
  const payload = { user_id: user.id, factor_id: factor.id, factor_type: factor.factor_type, valid }
  const where = { client_address: ctx.client_address }
  const verdict =
    kind === 'http'
      ? await ctx.hooks.run('mfa_verification_attempt', payload, where)
      : await ctx.db.transaction((tx) => ctx.hooks.run('mfa_verification_attempt', payload, { ...where, db: tx }))
  if (verdict?.decision !== 'reject') return
  await deleteSessions(ctx.db, user.id)
  const message = verdict.message || 'Further MFA verification attempts will be rejected.'
  throw new AuthError(403, 'mfa_verification_rejected', message)
}

function resealed(ctx: Ctx, { id, secret }: Factor): { secret?: string } {
  if (!secret || !ctx.secret_box.needsResealing(secret)) return {}
  return { secret: ctx.secret_box.seal(ctx.secret_box.open(secret, id), id) }
}

/** A token from before can never reach the new level: stored ones are swapped, signed ones skip a number. */
async function renewToken(
  ctx: Ctx,
  tx: Queryable,
  state: RefreshState,
  next: string,
): Promise<{ refresh_token: string; user: User }> {
  const { session, user } = state
  const sealed = session.refresh_token_hmac_key
  if (sealed === null) {
    const [swap] = await Promise.all([
      swapOldestToken(tx, { id: session.id, user_id: user.id }, next),
      audit(ctx, tx, user, 'token_revoked'),
    ])
    return { refresh_token: next, user: touched(state, swap).user }
  }
  const counter = (session.refresh_token_counter ?? 0) + 2
  await touchSession(tx, session.id, refreshedFrom(ctx), { key: sealed, counter })
  const key = ctx.secret_box.open(sealed, session.id)
  return { refresh_token: makeSignedToken({ session_id: session.id, counter, key }), user }
}
