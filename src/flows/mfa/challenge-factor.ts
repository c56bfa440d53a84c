// POST /factors/{factor_id}/challenge: asks a second factor.
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { FactorCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { insertChallenge } from '../../storage/factor-challenges.ts'
import { audit } from '../steps/records/audit.ts'
import { requireVerifyEnabled } from '../steps/requests/factor-of-path.ts'
import { transact } from '../steps/transact.ts'
import type { challengeBody } from './factor-kind.ts'
import { factorKinds } from './factor-kinds.ts'
import { requireReach } from './require-reach.ts'

/** Answers with the challenge and its end in seconds since the epoch. */
export async function challengeFactor(ctx: FactorCtx, { channel }: z.infer<typeof challengeBody>): Promise<Reply> {
  const { factor } = ctx
  const { user, session } = ctx.caller
  requireVerifyEnabled(ctx, factor.factor_type)
  requireReach(factor, user.factors, session.aal)
  const id = randomUUID()
  const kind = factorKinds[factor.factor_type]
  const { otp_code, session_data, answer } = await kind.ask(ctx, { id, channel })
  const now_s = await transact(ctx, async (tx) => {
    const ip_address = ctx.client_address || '0.0.0.0'
    const traits = { factor_id: factor.id, factor_status: factor.status }
    const [asked_at] = await Promise.all([
      insertChallenge(tx, { id, factor_id: factor.id, ip_address, otp_code, web_authn_session_data: session_data }),
      kind.is_audited ? audit(ctx, tx, user, 'challenge_created', traits) : null,
    ])
    return asked_at
  })
  const expires_at = now_s + ctx.config.mfa_challenge_expiry_duration
  return json({ id, type: factor.factor_type, expires_at, ...answer })
}
