// POST /factors: a person adds a second factor, which counts once it is verified.
import { randomUUID } from 'node:crypto'
import encodeQr from 'qr'
import { z } from 'zod'
import type { Ctx, FactorsCtx } from '../../context.ts'
import { newTotpSecret, totpUri } from '../../crypto/totp.ts'
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
import { normalisePhone } from '../steps/requests/addresses.ts'
import { factorTypes } from '../steps/requests/factor-of-path.ts'
import { text } from '../steps/requests/fields.ts'

export const enrollBody = z.object({ factor_type: text, friendly_name: text, issuer: text, phone: text })

type Body = z.infer<typeof enrollBody>

/** Answers with what the person needs to set the factor up. */
export async function enrollFactor(ctx: FactorsCtx, body: Body): Promise<Reply> {
  const { user: caller, session } = ctx.caller
  const type = enrollableType(ctx, body.factor_type)
  const phone = type === 'phone' ? requirePhone(body.phone) : null
  const id = randomUUID()
  const secret = type === 'totp' ? newTotpSecret(ctx.random) : null
  const { friendly_name } = body
  await ctx.db.transaction(async (tx) => {
    await deleteStaleFactors(tx, ctx.config.mfa_factor_expiry_duration / 1000)
    // Locked, so that many at once do not become more than the limit.
    const user = await lockUser(tx, caller.id)
    if (!user) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist')
    if (phone !== null) await replaceByPhone(user, phone, () => deleteUnverifiedFactors(tx, user.id, { phone }))
    const factors = user.factors.filter((factor) => phone === null || factor.phone !== phone)
    requireRoom(ctx, factors, friendly_name, session.aal)
    const sealed = secret === null ? '' : ctx.secret_box.seal(secret, id)
    await insertFactor(tx, { id, user_id: user.id, friendly_name, factor_type: type, phone, secret: sealed })
    await audit(ctx, tx, user, 'factor_in_progress', {
      factor_id: id,
      ...(type !== 'totp' && { factor_type: type }),
    })
  })
  const shown = { id, type, ...(friendly_name !== '' && { friendly_name }) }
  if (secret === null) return json({ ...shown, phone: body.phone })
  const uri = totpUri(secret, body.issuer || new URL(ctx.config.site_url).host, caller.email || caller.phone || '')
  return json({ ...shown, totp: { qr_code: drawQr(uri), secret, uri } })
}

/** @throws AuthError 400 validation_failed; 422 mfa_…_enroll_not_enabled */
function enrollableType(ctx: Ctx, type: string): 'totp' | 'phone' {
  if (type !== 'totp' && type !== 'phone' && type !== 'webauthn')
    throw invalid('factor_type needs to be totp, phone, or webauthn')
  const { mfa_totp_enroll_enabled, mfa_phone_enroll_enabled } = ctx.config
  const enabled = type === 'totp' ? mfa_totp_enroll_enabled : type === 'phone' && mfa_phone_enroll_enabled
  if (!enabled || type === 'webauthn')
    throw new AuthError(422, `mfa_${type}_enroll_not_enabled`, `MFA enroll is disabled for ${factorTypes[type].title}`)
  return type
}

function requirePhone(phone: string): string {
  if (phone === '') throw invalid('Phone number required to enroll Phone factor')
  return normalisePhone(phone)
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

/** The code as a picture: a square of three by three for each dark module, with four modules of margin. */
function drawQr(uri: string): string {
  const rows = encodeQr(uri, 'raw', { ecc: 'high', border: 4 })
  const size = rows.length * 3
  const squares = rows.flatMap((row, y) =>
    row.flatMap((dark, x) =>
      dark ? [`<rect x="${x * 3}" y="${y * 3}" width="3" height="3" style="fill:black;stroke:none" />`] : [],
    ),
  )
  return `<?xml version="1.0"?>\n<svg width="${size}" height="${size}"\n     xmlns="http://www.w3.org/2000/svg">\n${squares.join('\n')}\n</svg>\n`
}
