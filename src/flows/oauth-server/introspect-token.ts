// POST /oauth/introspect: whether a token can be used, and what it is for (RFC 7662).
import type { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { OAuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { bearerToken } from '../steps/requests/bearer.ts'
import { requireAdmin } from '../steps/sessions/authenticate.ts'
import { findToken } from './find-token.ts'
import { requireClient } from './require-client.ts'
import { invalidRequest, type tokenBody } from './token-request.ts'

/**
 * Answers clients about their own tokens, those that an administrator lets about all, and administrators.
 * @throws OAuthError 401 invalid_client; AuthError as routes of administrators do
 */
export async function introspectToken(ctx: Ctx, body: z.infer<typeof tokenBody>): Promise<Reply> {
  const own = await whoseTokens(ctx, body)
  if (body.token === '') throw invalidRequest('token is required')
  const found = await findToken(ctx, body.token)
  // Of a token that is somebody else's nothing is told, not even that there is one (RFC 7662 §2.2, §4).
  if (!found?.is_active || (own !== null && found.client_id !== own)) return json({ active: false })
  return json({ active: true, ...found.about })
}

/** The client whose tokens may be asked about; null for all tokens. */
async function whoseTokens(ctx: Ctx, body: z.infer<typeof tokenBody>): Promise<string | null> {
  if (bearerToken(ctx.header('authorization')) !== null) {
    await requireAdmin(ctx)
    return null
  }
  const client = await requireClient(ctx, body)
  // An id that everybody may know is no proof, and tokens must not be tried out (RFC 7662 §2.1).
  if (client.client_type === 'public')
    throw new OAuthError('invalid_client', 'Public clients cannot introspect tokens', { status: 401 })
  return client.more.introspects_all ? null : client.id
}
