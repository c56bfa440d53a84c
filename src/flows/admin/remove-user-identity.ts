// postern admin identities remove: an operator takes a way to sign in from an account.
import type { AccountCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { removeIdentity } from '../steps/accounts/remove-identity.ts'
import { parseUuid } from '../steps/requests/uuid.ts'

/** Answers `{}`; the account keeps at least one identity. */
export async function removeUserIdentity(ctx: AccountCtx): Promise<Reply> {
  const identity_id = parseUuid(ctx.path_params.identity_id ?? '')
  if (identity_id === null) throw new AuthError(404, 'validation_failed', 'identity_id must be an UUID')
  await removeIdentity(ctx, ctx.account.id, identity_id)
  return json({})
}
