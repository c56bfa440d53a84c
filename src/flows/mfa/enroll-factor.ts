// POST /factors: a person adds a second factor, which counts once it is verified.
import { randomUUID } from 'node:crypto'
import type { Ctx, FactorsCtx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import {
  deleteStaleFactors,
  deleteUnverifiedFactors,
  type Factor,
  hasVerifiedFactor,
  insertFactor,
} from '../../storage/factors.ts'
import { lockUser, type User } from '../../storage/users.ts'
import { audit } from '../steps/records/audit.ts'
import { factorTypes } from '../steps/requests/factor-of-path.ts'
import { levelOf } from '../steps/sessions/assurance.ts'
import { transact } from '../steps/transact.ts'
import type { EnrollBody } from './factor-kind.ts'
import { factorKinds } from './factor-kinds.ts'

/** Answers with what the person needs to set the factor up. */
export async function enrollFactor(ctx: FactorsCtx, body: EnrollBody): Promise<Reply> {
  const { user: caller, session } = ctx.caller
  const type = enrollableType(ctx, body.factor_type)
  const { phone, secret, answer } = factorKinds[type].enroll(ctx, body, caller)
  const id = randomUUID()
  const { friendly_name } = body
  await transact(ctx, async (tx) => {
    await deleteStaleFactors(tx, ctx.config.mfa_factor_expiry_duration / 1000)
    // Locked, so that many at once do not become more than the limit.
    const user = await lockUser(tx, caller.id)
    if (!user) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist')
    if (phone !== null) await replaceByPhone(user, phone, () => deleteUnverifiedFactors(tx, user.id, { phone }))
    const factors = user.factors.filter((factor) => phone === null || factor.phone !== phone)
    requireRoom(ctx, factors, friendly_name, levelOf(session, factors))
    // As recorded: the name of an account in an app is its e-mail address.
    if (secret !== null && !user.email) throw new AuthError(500, 'unexpected_failure', 'Error generating QR Code')
    const sealed = secret === null ? '' : ctx.column_cipher.encrypt(secret, id)
    await insertFactor(tx, { id, user_id: user.id, friendly_name, factor_type: type, phone, secret: sealed })
    await audit(ctx, tx, user, 'factor_in_progress', {
      factor_id: id,
      ...(type !== 'totp' && { factor_type: type }),
    })
  })
  return json({ id, type, friendly_name, ...answer })
}

/** @throws AuthError 400 validation_failed; 422 mfa_…_enroll_not_enabled */
function enrollableType(ctx: Ctx, type: string): Factor['factor_type'] {
  if (type !== 'totp' && type !== 'phone' && type !== 'webauthn')
    throw invalid('factor_type needs to be totp, phone, or webauthn')
  const { title, enroll } = factorTypes[type]
  if (!ctx.config[enroll])
    throw new AuthError(422, `mfa_${type}_enroll_not_enabled`, `MFA enroll is disabled for ${title}`)
  return type
}

/** Unverified factors of the same number make room for the new one. */
async function replaceByPhone(user: User, phone: string, remove: () => Promise<void>): Promise<void> {
  const same = user.factors.filter((factor) => factor.phone === phone)
  if (hasVerifiedFactor(same))
    throw new AuthError(
      422,
      'mfa_verified_factor_exists',
      'A verified phone factor already exists, unenroll the existing factor to continue',
    )
  if (same.length > 0) await remove()
}

function requireRoom(ctx: Ctx, factors: readonly Factor[], name: string, aal: string | null): void {
  if (factors.some((factor) => (factor.friendly_name ?? '') === name))
    throw new AuthError(
      422,
      'mfa_factor_name_conflict',
      `A factor with the friendly name "${name}" for this user already exists`,
    )
  const { mfa_max_enrolled_factors, mfa_max_verified_factors } = ctx.config
  const verified = factors.filter(({ status }) => status === 'verified').length
  if (factors.length >= mfa_max_enrolled_factors || verified >= mfa_max_verified_factors)
    throw new AuthError(
      422,
      'too_many_enrolled_mfa_factors',
      'Maximum number of verified factors reached, unenroll to continue',
    )
  if (verified > 0 && aal !== 'aal2')
    throw new AuthError(403, 'insufficient_aal', 'AAL2 required to enroll a new factor')
}
