// What the identity provider of a company does stands in the audit log as done by its token.
import type { ScimCtx } from '../../context.ts'
import { type AuditAction, audit } from '../steps/records/audit.ts'
import type { Tx } from '../steps/transact.ts'

/** Records what a token did to a user or a group. */
export const auditByToken = (
  ctx: ScimCtx,
  tx: Tx,
  action: AuditAction,
  about: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Promise<void> => {
  const { token_id, token_name, provider_id } = ctx.scim
  const traits = { ...about, provider: `sso:${provider_id}`, scim_token_id: token_id, ...more }
  return audit(ctx, tx, { admin_role: `scim: ${token_name}` }, action, traits)
}
