// GET /pages/providers: the providers that administrators added, as a page to sign in offers them.
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { listCustomProviders } from '../../storage/custom-providers.ts'

/** Answers with the identifier and name of those that are switched on, the oldest first. */
export async function listOfferedProviders(ctx: Ctx): Promise<Reply> {
  const added = ctx.config.custom_oauth_enabled ? await listCustomProviders(ctx.db, null) : []
  const offered = added.filter(({ enabled }) => enabled).reverse()
  return json({ providers: offered.map(({ identifier, name }) => ({ name: identifier, label: name })) })
}
