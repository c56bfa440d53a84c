// The grant refresh_token: an application gets new tokens of its session (RFC 6749 §6).
import type { Ctx } from '../../context.ts'
import { refreshTokens } from '../steps/sessions/refresh-tokens.ts'
import { type ClientTokens, invalidRequest, type TokenRequest } from './token-request.ts'

/** Swaps the refresh token. */
export async function refreshClientTokens(ctx: Ctx, { client, body, jkt }: TokenRequest): Promise<ClientTokens> {
  if (body.refresh_token === '') throw invalidRequest('refresh_token is required for refresh_token grant')
  const { access_token, refresh_token } = await refreshTokens(ctx, body.refresh_token, {
    client_id: client.id,
    jkt,
  })
  return { access_token: access_token.text, expires_in: access_token.expires_in, refresh_token }
}
