// POST /factors/{factor_id}/challenge: asks a second factor; one on a phone gets its code.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Ctx, FactorCtx } from '../../context.ts'
import { randomDigits } from '../../crypto/codes.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { claimChallenge, type Factor, insertChallenge, unclaimChallenge } from '../../storage/factors.ts'
import type { User } from '../../storage/users.ts'
import { presentUser } from '../steps/answers/present-user.ts'
import { tooFrequent } from '../steps/one-time-tokens/require-pause.ts'
import { audit } from '../steps/records/audit.ts'
import { chooseChannel } from '../steps/requests/addresses.ts'
import { requireVerifyEnabled } from '../steps/requests/factor-of-path.ts'
import { text } from '../steps/requests/fields.ts'

export const challengeBody = z.object({ channel: text })

/** Answers with the challenge and its end in seconds since the epoch. */
export async function challengeFactor(ctx: FactorCtx, { channel }: z.infer<typeof challengeBody>): Promise<Reply> {
  const { factor } = ctx
  const { user } = ctx.caller
  requireVerifyEnabled(ctx, factor.factor_type)
  const id = randomUUID()
  const otp_code = factor.factor_type === 'phone' ? await sendCode(ctx, user, factor, channel, id) : ''
  if (factor.factor_type === 'totp') await claimChallenge(ctx.db, factor.id, 0)
  const now_s = await ctx.db.transaction(async (tx) => {
    const ip_address = ctx.client_address || '0.0.0.0'
    const [asked_at] = await Promise.all([
      insertChallenge(tx, { id, factor_id: factor.id, ip_address, otp_code }),
      audit(ctx, tx, user, 'challenge_created', { factor_id: factor.id, factor_status: factor.status }),
    ])
    return asked_at
  })
  return json({ id, type: factor.factor_type, expires_at: now_s + ctx.config.mfa_challenge_expiry_duration })
}

/** Sends a code before anything of it is stored; gives it sealed. */
async function sendCode(ctx: Ctx, user: User, factor: Factor, asked: string, challenge_id: string): Promise<string> {
  const { sms_provider, hooks, mfa_phone_max_frequency, mfa_phone_otp_length } = ctx.config
  const channel = chooseChannel(asked, sms_provider, hooks.send_sms.enabled)
  const wait_s = await claimChallenge(ctx.db, factor.id, mfa_phone_max_frequency)
  if (wait_s !== null) throw tooFrequent('over_sms_send_rate_limit', wait_s)
  const otp = randomDigits(mfa_phone_otp_length, ctx.random)
  const phone = factor.phone ?? ''
  try {
    if (ctx.hooks.enabled('send_sms')) {
      const payload = { user: presentUser(user), sms: { otp, phone, sms_type: 'mfa' } }
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
  return ctx.secret_box.seal(otp, challenge_id)
}

function failed(message: string, cause?: unknown): never {
  throw new AuthError(500, 'unexpected_failure', message, { cause })
}
