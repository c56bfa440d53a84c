// POST /oauth/par: an application sends what it asks beforehand, so that no browser can change it (RFC 9126).
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { randomHash } from '../../crypto/codes.ts'
import { AuthError, invalid, OAuthError } from '../../errors.ts'
import type { Reply } from '../../reply.ts'
import { insertPushedRequest } from '../../storage/pushed-requests.ts'
import { text } from '../steps/requests/fields.ts'
import { provenKey } from '../steps/requests/proven-key.ts'
import {
  parameterFields,
  parametersProblem,
  readParameters,
  requireOwnRedirect,
  requireShortParameters,
} from './authorization-parameters.ts'
import { namedKey } from './keep-authorization-request.ts'
import { isOn } from './oauth-client.ts'
import { requestUriPrefix } from './pushed-request.ts'
import { requireClient } from './require-client.ts'
import { clientCredentials, invalidRequest } from './token-request.ts'

export const pushBody = z.object({ ...clientCredentials, ...parameterFields, request_uri: text })

/** Seconds in which the browser must come with the address that is given for the request. */
const life_s = 90
/**
 * Answers with the name under which the request waits.
 * @throws OAuthError 401 invalid_client; 400 invalid_request, invalid_dpop_proof
 */
export async function pushAuthorization(ctx: Ctx, body: z.infer<typeof pushBody>): Promise<Reply> {
  const client = await requireClient(ctx, body)
  // Whoever proves nothing may not fill the table.
  if (client.client_type === 'public') await ctx.limits.take('authorize', ctx.client)
  if (body.request_uri !== '') throw invalidRequest('request_uri must not be pushed')
  const asked = readParameters((name) => Reflect.get(body, name) ?? '')
  inOAuthForm(() => {
    requireShortParameters(asked)
    if (asked.redirect_uri === '') throw invalid('redirect_uri is required')
    requireOwnRedirect(client, asked.redirect_uri)
  })
  const problem = parametersProblem(ctx, asked)
  if (problem !== null) throw invalidRequest(problem)
  const proven = isOn(ctx, 'dpop') ? await provenKey(ctx) : null
  const named = namedKey(ctx, asked)
  if (proven !== null && named !== null && proven !== named)
    throw new OAuthError('invalid_dpop_proof', 'Invalid DPoP proof: dpop_jkt is of another key')
  const request_uri = `${requestUriPrefix}${ctx.random(32).toString('base64url')}`
  const pushed = { client_id: client.id, parameters: asked, jkt: proven ?? named }
  await insertPushedRequest(ctx.db, randomHash(request_uri), pushed, life_s)
  return { status: 201, body: { request_uri, expires_in: life_s } }
}

/** Tells what is wrong in the words of OAuth. */
function inOAuthForm(check: () => void): void {
  try {
    check()
  } catch (error) {
    throw error instanceof AuthError ? invalidRequest(error.message) : error
  }
}
