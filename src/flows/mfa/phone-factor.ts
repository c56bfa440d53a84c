// Phones as second factors: a code is sent to the number, by our sender, a hook, or a service that checks it itself.
import type { Ctx, FactorCtx } from '../../context.ts'
import { hashesMatch, randomDigits } from '../../crypto/codes.ts'
import { AuthError, invalid } from '../../errors.ts'
import { mfaPhoneBudget } from '../../limits/attempt-budget.ts'
import { type Challenge, claimChallenge, consumeChallenge, unclaimChallenge } from '../../storage/factor-challenges.ts'
import { presentUser } from '../steps/answers/present-user.ts'
import { tooFrequent } from '../steps/one-time-tokens/require-pause.ts'
import { chooseChannel, normalisePhone } from '../steps/requests/addresses.ts'
import { checkCode } from './check-code.ts'
import type { FactorKind } from './factor-kind.ts'
import { spentChallenge } from './spent-challenge.ts'

export const phoneFactor: FactorKind = {
  enroll(_ctx, { phone }) {
    if (phone === '') throw invalid('Phone number required to enroll Phone factor')
    return { phone: normalisePhone(phone), secret: null, answer: { phone } }
  },
  async ask(ctx, { id, channel }) {
    return { otp_code: await sendCode(ctx, channel, id), session_data: null, answer: {} }
  },
  is_audited: true,
  requireAnswer({ code }) {
    if (code === '') throw invalid('Code needs to be non-empty')
  },
  async check(ctx, challenge, { code }) {
    const compare = async () => ((await isRight(ctx, challenge, code)) ? true : null)
    await checkCode(ctx, mfaPhoneBudget, compare, () => wrongCode(ctx))
    return {
      factor: ctx.factor,
      change: {},
      async spend(tx) {
        if (!(await consumeChallenge(tx, challenge.id))) throw spentChallenge()
      },
    }
  },
}

const wrongCode = (ctx: Ctx): AuthError =>
  checkerOf(ctx)
    ? new AuthError(403, 'otp_expired', 'Token has expired or is invalid')
    : new AuthError(422, 'mfa_verification_failed', 'Invalid MFA Phone code entered')

/** What checks codes where the sender makes them too (Twilio Verify). */
const checkerOf = (ctx: Ctx) => (ctx.hooks.enabled('send_sms') ? undefined : ctx.factor_sender?.check)

async function isRight(ctx: FactorCtx, challenge: Challenge, code: string): Promise<boolean> {
  const check = checkerOf(ctx)
  if (check) return /^\d{4,10}$/.test(code) && (await check(ctx.factor.phone ?? '', code))
  return hashesMatch(ctx.column_cipher.decrypt(challenge.otp_code ?? '', challenge.id), code)
}

/** Sends a code before anything of it is stored; gives it sealed. */
async function sendCode(ctx: FactorCtx, asked: string, challenge_id: string): Promise<string> {
  const { factor } = ctx
  const { mfa_phone_max_frequency, mfa_phone_otp_length } = ctx.config
  const channel = chooseChannel(ctx.config, asked)
  const wait_s = await claimChallenge(ctx.db, factor.id, mfa_phone_max_frequency)
  if (wait_s !== null) throw tooFrequent('over_sms_send_rate_limit', wait_s)
  const otp = randomDigits(mfa_phone_otp_length, ctx.random)
  const phone = factor.phone ?? ''
  try {
    await ctx.limits.takeSms()
    if (ctx.hooks.enabled('send_sms')) {
      const payload = { user: presentUser(ctx.caller.user), sms: { otp, phone, sms_type: 'mfa' } }
      await ctx.hooks
        .run('send_sms', payload, { client_address: ctx.client_address, db: ctx.db })
        .catch((cause: unknown) => failed('error invoking hook', cause))
    } else if (ctx.factor_sender)
      await ctx.factor_sender
        .send({ phone, otp, channel })
        .catch((cause: unknown) => failed('error sending message', cause))
    else failed('Failed to get SMS provider')
  } catch (error) {
    await unclaimChallenge(ctx.db, factor.id, factor.last_challenged_at)
    throw error
  }
  return ctx.column_cipher.encrypt(otp, challenge_id)
}

function failed(message: string, cause?: unknown): never {
  throw new AuthError(500, 'unexpected_failure', message, { cause })
}
