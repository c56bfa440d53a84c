// postern admin console: a link by which who works at the machine opens the console.
import type { AdminCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { operatorOf } from '../steps/records/operator.ts'
import { linkLife_s, makeConsoleLink } from './make-console-link.ts'

/** Answers with the secret of the link. */
export async function createConsoleLink(ctx: AdminCtx): Promise<Reply> {
  const operator = operatorOf(ctx)
  if (operator === null) throw new AuthError(403, 'not_admin', 'Only an operator gets such a link')
  await audit(ctx, ctx.db, administrator(ctx), 'console_link_created')
  return json({ link: await makeConsoleLink(ctx, operator.name), expires_in: linkLife_s })
}
