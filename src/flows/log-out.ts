// POST /logout: ends all sessions of a person, this one, or the others.
import type { UserCtx } from '../context.ts'
import { invalid } from '../errors.ts'
import { noContent, type Reply } from '../reply.ts'
import { deleteSessions } from '../storage/sessions.ts'
import { deleteTrustedDevices } from '../storage/trusted-devices.ts'
import { holdUser } from '../storage/users.ts'
import { audit } from './steps/records/audit.ts'
import { transact } from './steps/transact.ts'

/** Ends sessions by the scope of the query; global without one. */
export async function logOut(ctx: UserCtx): Promise<Reply> {
  const { user, session } = ctx.caller
  const scope = ctx.query.get('scope') || 'global'
  if (!['global', 'local', 'others'].includes(scope)) throw invalid(`Unsupported logout scope ${JSON.stringify(scope)}`)
  const which = session && scope !== 'global' ? { [scope === 'local' ? 'only' : 'except']: session.id } : {}
  await transact(ctx, async (tx) => {
    const endsAll = scope === 'global'
    // Held, so that a session which is handed to an application at this moment is there to be ended, or comes too late.
    await Promise.all([
      holdUser(tx, user.id),
      audit(ctx, tx, user, 'logout'),
      deleteSessions(tx, user.id, which),
      endsAll && ctx.config.mfa_trusted_devices && deleteTrustedDevices(tx, user.id),
    ])
  })
  return noContent()
}
