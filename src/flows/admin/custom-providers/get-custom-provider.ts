// GET /admin/custom-providers/{identifier}: one provider that an administrator added.
import type { Ctx } from '../../../context.ts'
import { json, type Reply } from '../../../reply.ts'
import { findCustomProvider } from '../../../storage/custom-providers.ts'
import { identifierOfPath, noSuchProvider } from './check-custom-provider.ts'
import { presentCustomProvider } from './present-custom-provider.ts'

/** Answers with the provider, without its secret. */
export async function getCustomProvider(ctx: Ctx): Promise<Reply> {
  const row = await findCustomProvider(ctx.db, identifierOfPath(ctx))
  if (!row) throw noSuchProvider()
  return json(presentCustomProvider(row))
}
