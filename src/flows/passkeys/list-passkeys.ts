// GET /passkeys: a person's passkeys.
import type { UserCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { findPasskeys } from '../../storage/passkeys.ts'
import { presentPasskey } from '../steps/answers/present-passkey.ts'

/** Answers with the list, oldest first. */
export async function listPasskeys(ctx: UserCtx): Promise<Reply> {
  return json((await findPasskeys(ctx.db, ctx.caller.user.id)).map(presentPasskey))
}
