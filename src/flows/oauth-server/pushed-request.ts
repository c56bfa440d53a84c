// The name under which a pushed request waits for its browser (RFC 9126 §2.2).
import type { Ctx } from '../../context.ts'
import { randomHash } from '../../crypto/codes.ts'
import { invalid } from '../../errors.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { takePushedRequest } from '../../storage/pushed-requests.ts'
import { type AuthorizationParameters, readParameters } from './authorization-parameters.ts'

/** What such names begin with. */
export const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:'

/** The request that an address names, which counts once. */
export async function takePushed(
  ctx: Ctx,
  client: OAuthClient,
  request_uri: string,
): Promise<{ asked: AuthorizationParameters; jkt: string | null }> {
  const found = request_uri.startsWith(requestUriPrefix)
    ? await takePushedRequest(ctx.db, randomHash(request_uri), client.id)
    : null
  if (!found) throw invalid('request_uri is unknown, was used or has expired')
  return { asked: readParameters((name) => found.parameters[name] ?? ''), jkt: found.jkt }
}
