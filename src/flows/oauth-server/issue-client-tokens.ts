// POST /oauth/token: an application asks for tokens by one of the grants.
import type { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { OAuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { provenKey } from '../steps/requests/proven-key.ts'
import { authenticateClient } from './authenticate-client.ts'
import { isOn } from './oauth-client.ts'
import { grantFlow } from './token-grants.ts'
import { type clientTokenBody, invalidRequest } from './token-request.ts'

/** Answers with the tokens of the grant (RFC 6749 §5.1). */
export async function issueClientTokens(ctx: Ctx, body: z.infer<typeof clientTokenBody>): Promise<Reply> {
  const client = await authenticateClient(ctx, body)
  const { grant_type } = body
  if (grant_type === '') throw invalidRequest('grant_type is required')
  const flow = grantFlow(ctx, client, grant_type)
  if (!flow) throw new OAuthError('unsupported_grant_type', `Client is not allowed to use grant type: ${grant_type}`)
  // Each answer is signed, which a key management service charges for, and each proof is remembered.
  if (client.client_type === 'public') await ctx.limits.take('token', ctx.client)
  else await ctx.limits.take('application', { key: client.id, proxy: null })
  const jkt = isOn(ctx, 'dpop') ? await provenKey(ctx) : null
  if (jkt === null && isOn(ctx, 'dpop') && client.more.dpop_bound_access_tokens)
    throw new OAuthError('invalid_dpop_proof', 'This client gets tokens that are bound to a key only')
  const token_type = jkt === null ? 'bearer' : 'DPoP'
  return json({ token_type, ...(await flow(ctx, { client, body, jkt })) })
}
