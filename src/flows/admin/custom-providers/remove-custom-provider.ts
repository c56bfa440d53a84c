// DELETE /admin/custom-providers/{identifier}: removes a provider; identities of it stay.
import type { Ctx } from '../../../context.ts'
import { noContent, type Reply } from '../../../reply.ts'
import { deleteCustomProvider } from '../../../storage/custom-providers.ts'
import { identifierOfPath, noSuchProvider } from './check-custom-provider.ts'

/** Answers 204. */
export async function removeCustomProvider(ctx: Ctx): Promise<Reply> {
  if (!(await deleteCustomProvider(ctx.db, identifierOfPath(ctx)))) throw noSuchProvider()
  return noContent()
}
