// GET /admin/users/{user_id}/passkeys: the passkeys of an account.
import type { AccountCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { findPasskeys } from '../../storage/passkeys.ts'
import { presentPasskey } from '../steps/answers/present-passkey.ts'

/** Answers with the list, oldest first. */
export async function listPasskeysOfUser(ctx: AccountCtx): Promise<Reply> {
  return json((await findPasskeys(ctx.db, ctx.account.id)).map(presentPasskey))
}
