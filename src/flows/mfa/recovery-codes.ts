// /factors/recovery-codes: ten codes for the day that a person has lost the second factor, shown once.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Ctx, FactorsCtx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { attemptSubject, mfaRecoveryBudget } from '../../limits/attempt-budget.ts'
import { json, type Reply } from '../../reply.ts'
import { clearAttempts } from '../../storage/attempts.ts'
import { hasVerifiedFactor } from '../../storage/factors.ts'
import {
  countRecoveryCodes,
  deleteRecoveryCodes,
  insertRecoveryCodeSet,
  replaceRecoveryCodes,
} from '../../storage/recovery-codes.ts'
import { lockUser } from '../../storage/users.ts'
import { audit } from '../steps/records/audit.ts'
import { notify } from '../steps/records/notify.ts'
import { factorNotFound } from '../steps/requests/factor-of-path.ts'
import { text } from '../steps/requests/fields.ts'
import { recoveryMethod } from '../steps/sessions/assurance.ts'
import { transact } from '../steps/transact.ts'
import { fewLeft, lockOwn, ownRecoveryCodes, recoveryCodeHash } from './own-recovery-codes.ts'

const factor_type = 'recovery_code'
const codeCount = 10
const maxName = 255

/** Letters and digits that nobody takes for others; 16 of 30 are 78 bits. */
const alphabet = '23456789abcdefghjkmnpqrstvwxyz'

/** Answers with how many codes there are, and how many are left. */
export async function countOwnRecoveryCodes(ctx: FactorsCtx): Promise<Reply> {
  const { id } = ownRecoveryCodes(ctx)
  const { total, remaining } = await countRecoveryCodes(ctx.db, id)
  return json({ id, type: factor_type, total, remaining, ...fewLeft(remaining) })
}

export const recoveryCodesBody = z.object({ friendly_name: text })

/** Answers with a new set, this once. */
export async function generateRecoveryCodes(ctx: FactorsCtx, body: z.infer<typeof recoveryCodesBody>): Promise<Reply> {
  requireEnabled(ctx)
  const friendly_name = body.friendly_name.trim() || 'Recovery codes'
  if (friendly_name.length > maxName) throw invalid(`friendly_name cannot exceed ${maxName} characters`)
  const { user, session } = ctx.caller
  const id = randomUUID()
  const codes = newCodes(ctx)
  await transact(ctx, async (tx) => {
    const now = await lockUser(tx, user.id)
    if (!now || !hasVerifiedFactor(now.factors))
      throw new AuthError(
        422,
        'mfa_recovery_codes_sole_factor',
        'Recovery codes need another verified factor, since they can never be the only one',
      )
    requireAal2(session.aal)
    if (now.factors.some((factor) => factor.friendly_name === friendly_name))
      throw new AuthError(
        422,
        'mfa_factor_name_conflict',
        `A factor with the friendly name "${friendly_name}" for this user already exists`,
      )
    if (!(await insertRecoveryCodeSet(tx, { id, user_id: user.id, friendly_name })))
      throw new AuthError(
        422,
        'mfa_verified_factor_exists',
        'Recovery codes exist already: make new ones in their place',
      )
    await replaceRecoveryCodes(tx, id, hashesOf(id, codes))
    await audit(ctx, tx, user, 'factor_in_progress', { factor_id: id, factor_type })
    if (user.email) await notify(ctx, tx, 'mfa_factor_enrolled', { user, to: user.email, factor_type })
  })
  return json({ id, type: factor_type, friendly_name, total: codeCount, codes })
}

/** Answers with new codes of the same set; the old ones count no more, nor do wrong attempts. */
export async function regenerateRecoveryCodes(ctx: FactorsCtx): Promise<Reply> {
  requireEnabled(ctx)
  const { id, friendly_name } = ownRecoveryCodes(ctx)
  const { user, session } = ctx.caller
  requireAal2(session.aal)
  const codes = newCodes(ctx)
  await transact(ctx, async (tx) => {
    await lockOwn(ctx, tx, id)
    await replaceRecoveryCodes(tx, id, hashesOf(id, codes))
    await clearAttempts(tx, mfaRecoveryBudget.scope, attemptSubject(id))
    await audit(ctx, tx, user, 'factor_updated', { factor_id: id, factor_type })
    if (user.email) await notify(ctx, tx, 'mfa_factor_enrolled', { user, to: user.email, factor_type })
  })
  return json({ id, type: factor_type, friendly_name, total: codeCount, codes })
}

/** Answers with the id of the set that is gone. */
export async function removeRecoveryCodes(ctx: FactorsCtx): Promise<Reply> {
  const { id } = ownRecoveryCodes(ctx)
  const { user, session } = ctx.caller
  requireAal2(session.aal)
  await transact(ctx, async (tx) => {
    if (!(await deleteRecoveryCodes(tx, user.id, recoveryMethod))) throw factorNotFound()
    await audit(ctx, tx, user, 'factor_unenrolled', {
      factor_id: id,
      factor_status: 'verified',
      session_id: session.id,
    })
    if (user.email) await notify(ctx, tx, 'mfa_factor_unenrolled', { user, to: user.email, factor_type })
  })
  return json({ id })
}

function newCodes({ random }: Ctx): string[] {
  return Array.from({ length: codeCount }, () => {
    let code = ''
    // 240 is the largest multiple of 30 in a byte: what is above would make some letters likelier.
    while (code.length < 16)
      for (const byte of random(24)) if (byte < 240 && code.length < 16) code += alphabet[byte % 30]
    return code
  })
}

const hashesOf = (set_id: string, codes: string[]): string[] => codes.map((code) => recoveryCodeHash(set_id, code))

function requireEnabled({ config }: Ctx): void {
  if (!config.mfa_recovery_codes_enroll_enabled)
    throw new AuthError(422, 'mfa_recovery_codes_enroll_not_enabled', 'MFA enroll is disabled for recovery codes')
}

function requireAal2(aal: string | null): void {
  if (aal !== 'aal2') throw new AuthError(403, 'insufficient_aal', 'AAL2 required to manage recovery codes')
}
