// Devices on which a person is spared the second factor (POSTERN_MFA_TRUSTED_DEVICES): a random token, another at each use.
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import { randomHash } from '../../../crypto/codes.ts'
import { insertTrustedDevice, useTrustedDevice } from '../../../storage/trusted-devices.ts'
import type { Tx } from '../transact.ts'

/** The header in which a device shows its token. */
const trustedDeviceHeader = 'x-trusted-device'

/** What the client keeps for the next sign-in; `expires_at` is RFC 3339. */
export interface TrustedDeviceToken {
  token: string
  expires_at: string
}

const newToken = ({ random }: Ctx): string => random(32).toString('base64url')

/** Days for which a device is trusted at most. */
const most_ms = 30 * 86_400_000

/** Trusts the device of a request; null where that is switched off. */
export async function trustDevice(ctx: Ctx, tx: Tx, user_id: string): Promise<TrustedDeviceToken | null> {
  if (!ctx.config.mfa_trusted_devices) return null
  const token = newToken(ctx)
  const life_s = Math.min(ctx.config.mfa_trusted_device_duration, most_ms) / 1000
  const device = {
    id: randomUUID(),
    user_id,
    token_hash: randomHash(token),
    user_agent: ctx.user_agent.slice(0, 512),
    ip: ctx.client_address,
  }
  const expires_at = await insertTrustedDevice(tx, device, life_s)
  return expires_at === null ? null : { token, expires_at }
}

/** Raises a session that has just opened where its request shows a trusted device; null where it does not. */
export async function raiseByDevice(
  ctx: Ctx,
  tx: Tx,
  session: { id: string; user_id: string },
): Promise<TrustedDeviceToken | null> {
  const shown = ctx.header(trustedDeviceHeader) ?? ''
  if (!ctx.config.mfa_trusted_devices || !/^[A-Za-z0-9_-]{43}$/.test(shown)) return null
  const token = newToken(ctx)
  const expires_at = await useTrustedDevice(tx, session, { hash: randomHash(shown), next_hash: randomHash(token) })
  return expires_at === null ? null : { token, expires_at }
}
