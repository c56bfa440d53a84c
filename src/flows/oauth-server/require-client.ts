// Endpoints beyond the recorded ones tell a client that is not who it says in the words of RFC 6749 §5.2.
import type { Ctx } from '../../context.ts'
import { AuthError, OAuthError } from '../../errors.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { authenticateClient, type ClientCredentials } from './authenticate-client.ts'

/** @throws OAuthError 401 invalid_client */
export async function requireClient(ctx: Ctx, body: ClientCredentials): Promise<OAuthClient> {
  try {
    return await authenticateClient(ctx, body)
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== 'invalid_credentials') throw error
    const headers: Record<string, string> = ctx.header('authorization')
      ? { 'www-authenticate': 'Basic realm="oauth"' }
      : {}
    throw new OAuthError('invalid_client', error.message, { status: 401, headers })
  }
}
