// GET /user/sessions: where a person is signed in.
import type { UserCtx } from '../context.ts'
import { json, type Reply } from '../reply.ts'
import { findOwnSessions } from '../storage/sessions.ts'
import { listTrustedDevices } from '../storage/trusted-devices.ts'

/** Answers with the caller's sessions and trusted devices, newest first; `is_current` marks the one that asks. */
export async function listOwnSessions(ctx: UserCtx): Promise<Reply> {
  const { user, session } = ctx.caller
  const sessions = await findOwnSessions(ctx.db, user.id)
  const own = sessions.map((one) => ({ ...one, is_current: one.id === session?.id }))
  if (!ctx.config.mfa_trusted_devices) return json({ sessions: own })
  return json({ sessions: own, trusted_devices: await listTrustedDevices(ctx.db, user.id) })
}
