// postern admin token USER: an operator sees what somebody sees, without a session and without a trace in the account.
import { z } from 'zod'
import type { AccountCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { presentUser } from '../steps/answers/present-user.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { operatorOf } from '../steps/records/operator.ts'
import { nilUuid } from '../steps/requests/uuid.ts'
import { finalClaims, tokenClaims } from '../steps/sessions/access-token.ts'
import { signWithin } from '../steps/sessions/sign-within.ts'
import { transact } from '../steps/transact.ts'

export const impersonateUserBody = z.object({ expires_in: z.number().int().positive().max(86_400) })

/**
 * Answers with an access token that names the operator in `act` (RFC 8693 §4.1), so that what is done with it is never
 * recorded as the person's; nothing of the account changes.
 * @throws AuthError 422 email_not_confirmed, 403 user_banned: such a person could not sign in either
 */
export async function impersonateUser(ctx: AccountCtx, body: z.infer<typeof impersonateUserBody>): Promise<Reply> {
  const { account } = ctx
  if (account.confirmed_at === null && !account.is_anonymous)
    throw new AuthError(422, 'email_not_confirmed', 'Neither address nor number of this account is confirmed')
  if (account.is_banned || account.deleted_at !== null) throw new AuthError(403, 'user_banned', 'User is banned')
  const iat = Math.floor(ctx.now() / 1000)
  const exp = iat + body.expires_in
  const amr = [{ method: 'operator', timestamp: iat }]
  const { session_id: _, ...claims } = tokenClaims(ctx, account, { id: nilUuid, aal: 'aal1', age_s: 0, amr }, iat)
  const act = { sub: operatorOf(ctx)?.name ?? '' }
  const access_token = await transact(ctx, async (tx) => {
    await audit(ctx, tx, administrator(ctx), 'user_impersonated', {
      user_id: account.id,
      user_email: account.email ?? '',
      expires_in: body.expires_in,
    })
    const asked = { ...claims, exp, act }
    const { claims: decided } = await finalClaims(ctx, tx, asked, 'operator')
    const { session_id: __, ...rest } = decided
    return signWithin(tx, { ...rest, exp, act }, ctx.keys.signing, asked)
  })
  return json({
    access_token,
    token_type: 'bearer',
    expires_in: body.expires_in,
    expires_at: exp,
    user: presentUser(account),
  })
}
