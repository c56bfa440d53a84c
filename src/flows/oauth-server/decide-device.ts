// /oauth/device: the signed-in person types the code of a device, sees what asks, and lets it in or not (RFC 8628 §3.3).
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { UserCtx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { deviceCodeBudget } from '../../limits/attempt-budget.ts'
import { json, type Reply } from '../../reply.ts'
import { type DeviceCode, decideDevice, findWaitingDevice } from '../../storage/device-codes.ts'
import { findOAuthClient } from '../../storage/oauth-clients.ts'
import { grantConsent } from '../../storage/oauth-consents.ts'
import { excuseOutage, spend } from '../steps/records/spend-attempt.ts'
import { text } from '../steps/requests/fields.ts'
import { transact } from '../steps/transact.ts'
import { deviceHash, readUserCode } from './device-code.ts'
import { presentApplication } from './oauth-client.ts'
import { requireOwnSite } from './require-own-site.ts'

export const userCodeBody = z.object({ user_code: text })
export const deviceConsentBody = z.object({ user_code: text, action: text })

const unknown = (): AuthError =>
  new AuthError(404, 'oauth_authorization_not_found', 'No device shows this code, or it has expired')

/** Answers with which application asks for what. */
export async function getDevice(ctx: UserCtx, { user_code }: z.infer<typeof userCodeBody>): Promise<Reply> {
  requireOwnSite(ctx)
  const { device, code } = await waiting(ctx, user_code)
  const client = await findOAuthClient(ctx.db, device.client_id)
  if (!client) throw unknown()
  const { user } = ctx.caller
  return json({
    user_code: code,
    client: presentApplication(client, client.id),
    user: { id: user.id, email: user.email ?? '' },
    scope: device.scope,
  })
}

/** Lets the device in, or not. */
export async function decideOnDevice(
  ctx: UserCtx,
  { user_code, action }: z.infer<typeof deviceConsentBody>,
): Promise<Reply> {
  requireOwnSite(ctx)
  if (action !== 'approve' && action !== 'deny') throw invalid("action must be 'approve' or 'deny'")
  const { device } = await waiting(ctx, user_code)
  const { user } = ctx.caller
  const status = action === 'approve' ? 'approved' : 'denied'
  const decided = await transact(ctx, async (tx) => {
    const { client_id, scope: scopes } = device
    if (!(await findOAuthClient(tx, client_id)) || !(await decideDevice(tx, device.id, { status, user_id: user.id })))
      return false
    if (action === 'approve') await grantConsent(tx, { id: randomUUID(), user_id: user.id, client_id, scopes })
    return true
  })
  if (!decided) throw unknown()
  return json({ status })
}

/**
 * The device that shows a code; wrong codes are counted, by account.
 * @throws AuthError 404 oauth_authorization_not_found; 429 with Retry-After
 */
async function waiting(ctx: UserCtx, typed: string): Promise<{ device: DeviceCode; code: string }> {
  const code = readUserCode(typed)
  if (code === null) throw unknown()
  const attempt = await spend(ctx, [deviceCodeBudget, ctx.caller.user.id])
  const device = await excuseOutage(ctx, attempt, () => findWaitingDevice(ctx.db, deviceHash('user code', code)))
  if (!device) throw unknown()
  await attempt.giveBack()
  return { device, code }
}
