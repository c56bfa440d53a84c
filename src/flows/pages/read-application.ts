// GET /pages/applications/:client_id: the site of an application, for the pages that ask whether to let it in.
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { findOAuthClient } from '../../storage/oauth-clients.ts'
import { isUuid } from '../steps/requests/uuid.ts'

/**
 * Answers with the host that an administrator or the application's own document vouches for; `''` for what an application that
 * registered itself says of its site, which may be anybody's (RFC 7591 §5).
 */
export async function readApplication(ctx: Ctx): Promise<Reply> {
  const id = ctx.path_params.client_id ?? ''
  const client = isUuid(id) ? await findOAuthClient(ctx.db, id) : null
  const address = client?.more.client_document ?? (client?.registration_type === 'manual' ? client.client_uri : null)
  return json({ site: address && URL.canParse(address) ? new URL(address).host : '' })
}
