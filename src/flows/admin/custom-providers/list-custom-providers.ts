// GET /admin/custom-providers: the providers that administrators added, newest first.
import type { Ctx } from '../../../context.ts'
import { invalid } from '../../../errors.ts'
import { json, type Reply } from '../../../reply.ts'
import { listCustomProviders } from '../../../storage/custom-providers.ts'
import { presentCustomProvider } from './present-custom-provider.ts'

/** Answers with all of them, or those of a `type`. */
export async function listAnyCustomProviders(ctx: Ctx): Promise<Reply> {
  const type = ctx.query.get('type') || null
  if (type !== null && type !== 'oauth2' && type !== 'oidc') throw invalid("type must be either 'oauth2' or 'oidc'")
  return json({ providers: (await listCustomProviders(ctx.db, type)).map(presentCustomProvider) })
}
