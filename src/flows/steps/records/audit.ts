// Entries of the audit log: in the database unless switched off, and in the log.
import { randomUUID } from 'node:crypto'
import type { AdminCtx, Ctx } from '../../../context.ts'
import { insertAuditEntries, type NewAuditEntry } from '../../../storage/audit-log.ts'
import type { Db } from '../../../storage/db.ts'
import type { User } from '../../../storage/users.ts'
import { nilUuid } from '../requests/uuid.ts'
import { isTx, type Tx } from '../transact.ts'
import { type Operator, operatorOf } from './operator.ts'

/** action → log_type, as the reference groups them. */
const logTypes = {
  login: 'account',
  logout: 'account',
  invite_accepted: 'account',
  user_signedup: 'team',
  user_invited: 'team',
  user_deleted: 'team',
  token_revoked: 'token',
  token_refreshed: 'token',
  user_modified: 'user',
  user_recovery_requested: 'user',
  user_reauthenticate_requested: 'user',
  user_confirmation_requested: 'user',
  user_repeated_signup: 'user',
  user_updated_password: 'user',
  identity_linked: 'user',
  identity_unlinked: 'user',
  login_failed: 'account',
  factor_in_progress: 'factor',
  factor_unenrolled: 'factor',
  challenge_created: 'factor',
  verification_attempted: 'factor',
  factor_deleted: 'factor',
  factor_updated: 'factor',
  user_impersonated: 'account',
  api_key_created: 'token',
  passkey_created: 'user',
  passkey_updated: 'user',
  passkey_deleted: 'user',
  authenticator_copied: 'factor',
  scim_token_created: 'token',
  scim_token_revoked: 'token',
  group_created: 'team',
  group_modified: 'team',
  group_deleted: 'team',
  accounts_imported: 'account',
  accounts_exported: 'account',
  console_link_created: 'token',
  console_opened: 'account',
} as const

/** What the audit log can record. */
export type AuditAction = keyof typeof logTypes

/**
 * Actions whose address the reference writes into the column of its own; it leaves that empty for all others. Every
 * entry of ours carries the address in its payload, which the list of entries shows on request.
 */
const addressActions: ReadonlySet<string> = new Set([
  'identity_linked',
  'identity_unlinked',
  'factor_in_progress',
  'factor_unenrolled',
  'factor_deleted',
  'challenge_created',
  'verification_attempted',
  'passkey_created',
  'passkey_updated',
  'passkey_deleted',
])

/** Who did it: an account, or an administrator by the role of the token. */
export type Actor = Pick<User, 'id' | 'email' | 'phone' | 'is_sso_user' | 'raw_user_meta_data'> | { admin_role: string }

/** The administrator of a request, by the role of the token. */
export const administrator = ({ admin }: AdminCtx): Actor => ({ admin_role: String(admin.role ?? '') })

/** Records what somebody did who did not prove to be anybody. */
export const auditAnonymously = (
  ctx: Ctx,
  place: Db | Tx,
  action: AuditAction,
  traits: Record<string, unknown>,
): Promise<void> => audit(ctx, place, { admin_role: '' }, action, traits)

/** Records what happened; in a transaction it is kept or lost with the rest. */
export async function audit(
  ctx: Ctx,
  place: Db | Tx,
  actor: Actor,
  action: AuditAction,
  traits?: Record<string, unknown>,
): Promise<void> {
  await auditAll(ctx, place, actor, [{ action, ...(traits && { traits }) }])
}

/** Records several things that one actor did at once, in one statement; the log tells of them once they are sure. */
export async function auditAll(ctx: Ctx, place: Db | Tx, actor: Actor, actions: readonly Audited[]): Promise<void> {
  const entries = auditEntries(ctx, actor, actions)
  const tell = () => {
    logAudit(ctx, entries)
    ctx.activity.record(entries)
  }
  if (isTx(place)) place.afterCommit(tell)
  else tell()
  if (!ctx.config.audit_log_disable_postgres) await insertAuditEntries(place, entries)
}

/** Something that an actor did. */
interface Audited {
  action: AuditAction
  traits?: Record<string, unknown>
}

/** The entries for what an actor did, for a statement that writes them with the rest. */
export function auditEntries(ctx: Ctx, actor: Actor, actions: readonly Audited[]): NewAuditEntry[] {
  const { client_address } = ctx
  const operator = operatorOf(ctx)
  // What an operator does in somebody's place is never written as if that person had done it.
  const by = operator === null ? describe(actor) : describeOperator(operator)
  const person = operator !== null && 'id' in actor ? { user_id: actor.id, user_email: actor.email ?? '' } : undefined
  return actions.map(({ action, traits }) => ({
    id: randomUUID(),
    payload: {
      ...by,
      action,
      log_type: logTypes[action],
      ...((traits ?? person) && { traits: { ...person, ...traits } }),
      ...(client_address !== '' && { ip_address: client_address }),
    },
    ip_address: addressActions.has(action) ? client_address : '',
  }))
}

/** Writes entries to the log. */
export function logAudit(ctx: Ctx, entries: readonly NewAuditEntry[]): void {
  for (const { id, payload } of entries)
    ctx.log.info({ auth_audit_event: { ...payload, audit_log_id: id, request_id: ctx.request_id } }, 'audit')
}

const describeOperator = ({ id, name }: Operator) => ({
  ...describe({ admin_role: name }),
  ...(id !== null && { actor_id: id }),
  act: { sub: id ?? name },
})

function describe(actor: Actor) {
  if ('admin_role' in actor) return { actor_id: nilUuid, actor_username: actor.admin_role, actor_via_sso: false }
  const name = actor.raw_user_meta_data?.full_name
  return {
    actor_id: actor.id,
    actor_username: actor.phone || actor.email || '',
    actor_via_sso: actor.is_sso_user,
    ...(typeof name === 'string' && name !== '' && { actor_name: name }),
  }
}
