// A counter that goes back: somebody may have copied an authenticator, which its owner should hear of (WebAuthn §6.1.1).
import type { Ctx } from '../../../context.ts'
import { auditAnonymously } from '../records/audit.ts'

/** Records the use of a passkey or factor whose counter is not ahead of the stored one; who used it is not known. */
export async function recordCopy(
  ctx: Ctx,
  about: { user_id: string; sign_count: number; passkey_id?: string; factor_id?: string },
): Promise<void> {
  ctx.log.warn({ ...about }, 'the counter of an authenticator went back: it may have been copied')
  await auditAnonymously(ctx, ctx.db, 'authenticator_copied', about)
}
