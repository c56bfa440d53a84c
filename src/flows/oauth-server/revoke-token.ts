// POST /oauth/revoke: an application gives a token back, and with it the session that it is of (RFC 7009).
import type { z } from 'zod'
import type { Ctx } from '../../context.ts'
import type { Reply } from '../../reply.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { markUsed } from '../../storage/used-tokens.ts'
import { findUserById } from '../../storage/users.ts'
import { audit } from '../steps/records/audit.ts'
import { revokedHash } from '../steps/sessions/revoked-token.ts'
import { transact } from '../steps/transact.ts'
import { findToken } from './find-token.ts'
import { requireClient } from './require-client.ts'
import { invalidGrant, invalidRequest, type tokenBody } from './token-request.ts'

/**
 * Answers with 200 for a token that is none as well: it cannot be used, which is what was asked for (RFC 7009 §2.2).
 * @throws OAuthError 401 invalid_client; 400 invalid_grant for a token of somebody else
 */
export async function revokeToken(ctx: Ctx, body: z.infer<typeof tokenBody>): Promise<Reply> {
  const client = await requireClient(ctx, body)
  if (body.token === '') throw invalidRequest('token is required')
  const found = await findToken(ctx, body.token)
  if (!found) return { status: 200 }
  if (found.client_id !== client.id) throw invalidGrant('The token was not issued to this client')
  const { session, claims } = found
  if (session)
    await transact(ctx, async (tx) => {
      const ended = await deleteSessions(tx, session.user_id, { only: session.id })
      const user = ended > 0 ? await findUserById(tx, session.user_id) : null
      if (user) await audit(ctx, tx, user, 'token_revoked', { oauth_client_id: client.id, action: 'revoke_token' })
    })
  else if (claims) await markUsed(ctx.db, revokedHash(claims), claims.exp ?? 0)
  return { status: 200 }
}
