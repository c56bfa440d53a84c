// The grant device_code: a device asks until somebody has let it in, or not (RFC 8628 §3.4, §3.5).
import type { Ctx } from '../../context.ts'
import { OAuthError } from '../../errors.ts'
import { consumeDevice, pollDevice } from '../../storage/device-codes.ts'
import { newSessionSecrets } from '../steps/sessions/issue-session.ts'
import { transact } from '../steps/transact.ts'
import { deviceHash } from './device-code.ts'
import { openClientSession, personWhoAgreed } from './open-client-session.ts'
import { type ClientTokens, invalidGrant, invalidRequest, type TokenRequest } from './token-request.ts'

/** Seconds by which the interval grows for a device that asks too often. */
const slower_s = 5

/**
 * Opens a session of the application for whoever let the device in; its code counts once.
 * @throws OAuthError 400 authorization_pending, slow_down, access_denied, expired_token, invalid_grant
 */
export async function exchangeDeviceCode(ctx: Ctx, { client, body, jkt }: TokenRequest): Promise<ClientTokens> {
  if (body.device_code === '') throw invalidRequest('device_code is required for the grant of devices')
  const device = await pollDevice(ctx.db, deviceHash('device code', body.device_code), client.id, slower_s)
  if (!device) throw invalidGrant('Invalid device code')
  if (device.expired) throw new OAuthError('expired_token', 'Device code has expired')
  if (device.status === 'denied') throw new OAuthError('access_denied', 'User denied the request')
  if (device.status === 'pending')
    throw device.too_soon
      ? new OAuthError('slow_down', `Wait ${device.interval_s} seconds between two requests`)
      : new OAuthError('authorization_pending', 'Nobody has let the device in yet')
  const user = await personWhoAgreed(ctx, device.user_id)
  const secrets = newSessionSecrets(ctx)
  return transact(ctx, async (tx) => {
    // Of several at once one gets the session.
    if (!(await consumeDevice(tx, device.id))) throw invalidGrant('Invalid device code')
    const { scope } = device
    return openClientSession(ctx, tx, { user, client, scope, nonce: null, jkt, secrets, proof: 'device_code' })
  })
}
