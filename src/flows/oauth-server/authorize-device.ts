// POST /oauth/device_authorization: a device without a keyboard asks to be let in (RFC 8628 §3.1).
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { AuthError, OAuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { insertDeviceCode } from '../../storage/device-codes.ts'
import { redirectWith } from '../steps/answers/redirect-with.ts'
import { text } from '../steps/requests/fields.ts'
import { scopeOf, scopeProblem, wordsOf } from './authorization-parameters.ts'
import { deviceGrant, deviceHash, devicePage, newUserCode } from './device-code.ts'
import { requireClient } from './require-client.ts'
import { grantFlow } from './token-grants.ts'
import { clientCredentials } from './token-request.ts'

export const deviceBody = z.object({ ...clientCredentials, scope: text })

/** Seconds between two questions of a device. */
const interval_s = 5
/** Tries to find a user code that no other device shows. */
const tries = 5

/**
 * Answers with the two codes and the page that one of them is typed on.
 * @throws OAuthError 401 invalid_client; 400 unauthorized_client, invalid_scope
 */
export async function authorizeDevice(ctx: Ctx, body: z.infer<typeof deviceBody>): Promise<Reply> {
  const client = await requireClient(ctx, body)
  if (!grantFlow(ctx, client, deviceGrant))
    throw new OAuthError('unauthorized_client', `Client is not allowed to use grant type: ${deviceGrant}`)
  const scope = scopeOf(ctx, body)
  const problem = scopeProblem(scope)
  if (problem !== null || scope.length > 2048) throw new OAuthError('invalid_scope', problem ?? 'scope is too long')
  const verification_uri = devicePage(ctx)
  if (verification_uri === null)
    throw new AuthError(404, 'feature_disabled', 'There is no page for codes: POSTERN_OAUTH_DEVICE_PATH names none')
  const life_s = Math.floor(ctx.config.oauth_server_authorization_ttl / 1000)
  const device_code = ctx.random(32).toString('base64url')
  for (let left = tries; left > 0; left--) {
    const user_code = newUserCode(ctx)
    const device = {
      id: randomUUID(),
      client_id: client.id,
      device_code_hash: deviceHash('device code', device_code),
      user_code_hash: deviceHash('user code', user_code),
      scope: wordsOf(scope).join(' '),
      interval_s,
    }
    if (!(await insertDeviceCode(ctx.db, device, life_s))) continue
    const verification_uri_complete = redirectWith(verification_uri, { query: { user_code } })
    return json({
      device_code,
      user_code,
      verification_uri,
      verification_uri_complete,
      expires_in: life_s,
      interval: interval_s,
    })
  }
  throw new AuthError(500, 'unexpected_failure', 'No free user code was found')
}
