// Authenticator apps: a secret in a QR code, and codes that count once (RFC 6238 §5.2).
import { createHash } from 'node:crypto'
import encodeQr from 'qr'
import type { Ctx, FactorCtx } from '../../context.ts'
import { newTotpSecret, totpStep, totpStepEnd_s, totpUri } from '../../crypto/totp.ts'
import { AuthError, invalid } from '../../errors.ts'
import { mfaTotpBudget } from '../../limits/attempt-budget.ts'
import { claimChallenge, consumeChallenge } from '../../storage/factor-challenges.ts'
import type { Factor } from '../../storage/factors.ts'
import { markUsed } from '../../storage/used-tokens.ts'
import { checkCode } from './check-code.ts'
import type { FactorKind } from './factor-kind.ts'
import { spentChallenge } from './spent-challenge.ts'

/** Bytes that a QR code of high error correction holds (ISO/IEC 18004, version 40). */
const qrBytes = 1273

const wrongCode = (): AuthError => new AuthError(422, 'mfa_verification_failed', 'Invalid TOTP code entered')

export const totpFactor: FactorKind = {
  enroll(ctx, { issuer }, user) {
    const secret = newTotpSecret(ctx.random)
    const uri = totpUri(secret, issuer || new URL(ctx.config.site_url).host, user.email || user.phone || '')
    if (Buffer.byteLength(uri) > qrBytes) throw invalid('issuer is too long for a QR code')
    return { phone: null, secret, answer: { totp: { qr_code: drawQr(uri), secret, uri } } }
  },
  async ask(ctx) {
    await claimChallenge(ctx.db, ctx.factor.id, 0)
    return { otp_code: '', session_data: null, answer: {} }
  },
  is_audited: true,
  requireAnswer({ code }) {
    if (code === '') throw invalid('Code needs to be non-empty')
  },
  async check(ctx, challenge, { code }) {
    const { factor } = ctx
    const step = await checkCode(ctx, mfaTotpBudget, () => stepOf(ctx, code), wrongCode)
    return {
      factor,
      change: encryptedAnew(ctx, factor),
      async spend(tx) {
        if (!(await consumeChallenge(tx, challenge.id))) throw spentChallenge()
        if (!(await markUsed(tx, useOf(factor, step), totpStepEnd_s(step)))) throw wrongCode()
      },
    }
  },
}

/** The time step of a right code, by the clock of the database; else null. */
async function stepOf(ctx: FactorCtx, code: string): Promise<number | null> {
  const { factor, caller } = ctx
  return totpStep(ctx.column_cipher.decrypt(factor.secret ?? '', factor.id), code, caller.now_ms / 1000)
}

/**
 * What a code of a factor is used for: once to set the app up, and once to sign in. Who has just set an app up can so
 * sign in elsewhere without waiting for the next code, as recorded.
 */
const useOf = ({ id, status }: Factor, step: number): string =>
  createHash('sha256')
    .update(`totp ${id} ${step} ${status === 'verified' ? 'sign-in' : 'enrolment'}`)
    .digest('base64url')

function encryptedAnew(ctx: Ctx, { id, secret }: Factor): { secret?: string } {
  if (!secret || !ctx.column_cipher.isOutdated(secret)) return {}
  return { secret: ctx.column_cipher.encrypt(ctx.column_cipher.decrypt(secret, id), id) }
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
