// Who may use the console, decided anew at each request: by a session of the console's own, or as a signed-in person.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { findConsoleSession } from '../../storage/console-sessions.ts'
import type { User } from '../../storage/users.ts'
import type { Operator } from '../steps/records/operator.ts'
import { text } from '../steps/requests/fields.ts'
import { levelOf, liveProofs, wasShown } from '../steps/sessions/assurance.ts'
import { stepBeforeHandOff, waitsForFactor } from '../steps/sessions/mfa-policy.ts'
import { requirePageSession } from '../steps/sessions/page-session.ts'
import { hashOfSecret } from './make-console-link.ts'
import { operatorToken } from './operator-token.ts'

export const operatorBody = z.object({ console_handle: text, handle: text })

/**
 * Answers with the operator and a token for one request of the console.
 * @throws AuthError 403 session_not_found, not_admin, or insufficient_aal where a second factor is demanded, or one that they have was not shown
 */
export async function readOperator(ctx: Ctx, body: z.infer<typeof operatorBody>): Promise<Reply> {
  const hash = hashOfSecret(body.console_handle)
  const name = hash && (await findConsoleSession(ctx.db, hash))
  const operator = name ? { id: null, name } : await personOf(ctx, body.handle)
  return json({ ...operator, token: await operatorToken(ctx, operator) })
}

async function personOf(ctx: Ctx, handle: string): Promise<Operator> {
  const { user, session, amr } = await requirePageSession(ctx, handle)
  if (!isOperator(ctx, user)) throw new AuthError(403, 'not_admin', 'User not allowed')
  const aal = levelOf(session, user.factors)
  // Who is one by the id alone can do as much as those with the role, and owes as much.
  const role = ctx.config.jwt_admin_roles[0] ?? user.role
  const operator = { ...user, role }
  const owes = stepBeforeHandOff(ctx, operator, { ...session, aal }) !== null
  const isDemanded = ctx.config.console_require_aal2 || waitsForFactor(ctx, operator, { aal: 'aal1' })
  // What a trusted device spares people is signing in (security rule 11): who must show a factor here has shown one.
  const hasShown = aal === 'aal2' && wasShown(liveProofs(amr, user.factors))
  if (owes || (isDemanded && !hasShown))
    throw new AuthError(403, 'insufficient_aal', 'The console needs a second factor')
  return { id: user.id, name: user.email || user.phone || user.id }
}

/** By the role of the account, or by its id, which nobody else can take as they could an address. */
const isOperator = ({ config }: Ctx, { id, role, is_banned, deleted_at }: User): boolean =>
  !is_banned &&
  deleted_at === null &&
  (config.jwt_admin_roles.includes(role ?? '') || config.console_admins.some((admin) => admin.toLowerCase() === id))
