// POST /factors/{factor_id}/verify: a right answer verifies the factor and raises the session to aal2.
import type { Ctx, FactorCtx } from '../../context.ts'
import { newRefreshToken } from '../../crypto/refresh-token.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { type Challenge, deleteChallenge, findChallenge } from '../../storage/factor-challenges.ts'
import { deleteUnverifiedFactors, type Factor, hasVerifiedFactor, updateFactor } from '../../storage/factors.ts'
import { deleteRecoveryCodes } from '../../storage/recovery-codes.ts'
import { lockSession } from '../../storage/sessions.ts'
import { lockUser } from '../../storage/users.ts'
import { audit } from '../steps/records/audit.ts'
import { notify } from '../steps/records/notify.ts'
import { factorNotFound, factorTypes, requireVerifyEnabled } from '../steps/requests/factor-of-path.ts'
import { recoveryMethod } from '../steps/sessions/assurance.ts'
import { type Tx, transact } from '../steps/transact.ts'
import type { VerifyBody } from './factor-kind.ts'
import { factorKinds } from './factor-kinds.ts'
import { raiseToAal2 } from './raise-to-aal2.ts'
import { requireReach } from './require-reach.ts'
import { challengeNotFound, spentChallenge } from './spent-challenge.ts'

/** Answers with new tokens of the session; weaker sessions of the account end. */
export async function verifyFactor(ctx: FactorCtx, body: VerifyBody): Promise<Reply> {
  const { factor: asked } = ctx
  const { user, session } = ctx.caller
  const type = asked.factor_type
  requireVerifyEnabled(ctx, type, type === 'webauthn' ? 'mfa_webauthn_enroll_not_enabled' : undefined)
  requireReach(asked, user.factors, session.aal)
  const kind = factorKinds[type]
  kind.requireAnswer(body)
  const challenge = await usableChallenge(ctx, asked, body.challenge_id)
  const { factor, change, spend } = await kind.check(ctx, challenge, body)
  const { method } = factorTypes[type]
  const next = newRefreshToken(ctx.random)
  const answer = await transact(ctx, async (tx) => {
    const is_first = await lockFactors(tx, user.id, factor, session.aal)
    await lockSession(tx, session.id)
    await spend(tx)
    if (factor.status !== 'verified' || Object.keys(change).length > 0)
      await updateFactor(tx, factor.id, { ...change, status: 'verified' })
    // Codes that somebody made beside factors that are gone would open the account beside this one (REV-05).
    if (is_first) await deleteRecoveryCodes(tx, user.id, recoveryMethod)
    await audit(ctx, tx, user, 'verification_attempted', {
      factor_id: factor.id,
      challenge_id: challenge.id,
      factor_type: type,
    })
    if (factor.status === 'unverified' && user.email)
      await notify(ctx, tx, 'mfa_factor_enrolled', { user, to: user.email, factor_type: type })
    const raised = await raiseToAal2(ctx, tx, {
      user_id: user.id,
      session_id: session.id,
      factor_id: factor.id,
      method,
      trusts_device: body.trust_device,
      next,
    })
    // As recorded, the answer still shows them.
    await deleteUnverifiedFactors(tx, user.id, { except: factor.id, ...(!is_first && { factor_type: type }) })
    return raised
  })
  return json(answer.body)
}

/**
 * Locks the account and looks again: the factor must be as it was when its answer was checked.
 * @returns whether the account has no verified factor yet: the first one removes whatever else was left (REV-05)
 */
async function lockFactors(tx: Tx, user_id: string, factor: Factor, aal: string | null): Promise<boolean> {
  const locked = await lockUser(tx, user_id)
  const now = locked?.factors.find(({ id }) => id === factor.id)
  if (!locked || !now) throw factorNotFound()
  requireReach(now, locked.factors, aal)
  if (now.status !== factor.status) throw spentChallenge()
  return !hasVerifiedFactor(locked.factors)
}

/** @throws AuthError 422 mfa_factor_not_found, mfa_ip_address_mismatch or mfa_challenge_expired */
async function usableChallenge(ctx: Ctx, factor: Factor, id: string): Promise<Challenge> {
  const challenge = id === '' ? null : await findChallenge(ctx.db, factor.id, id)
  if (!challenge) throw challengeNotFound()
  if (challenge.verified_at !== null || challenge.ip_address !== (ctx.client_address || '0.0.0.0'))
    throw spentChallenge()
  if (challenge.age_s < ctx.config.mfa_challenge_expiry_duration) return challenge
  await deleteChallenge(ctx.db, challenge.id)
  throw new AuthError(
    422,
    'mfa_challenge_expired',
    `MFA challenge ${challenge.id} has expired, verify against another challenge or create a new challenge.`,
  )
}
