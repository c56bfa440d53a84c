// Which application asks at the token endpoint, and whether it is the one that it says it is (RFC 6749 §2.3).
import type { Ctx } from '../../context.ts'
import { hashesMatch } from '../../crypto/codes.ts'
import { AuthError } from '../../errors.ts'
import { findOAuthClient, type OAuthClient } from '../../storage/oauth-clients.ts'
import { parseUuid } from '../steps/requests/uuid.ts'
import { secretHash } from './oauth-client.ts'

const refused = (message: string): AuthError => new AuthError(400, 'invalid_credentials', message)

interface Credentials {
  client_id: string
  client_secret: string
  method: 'none' | 'client_secret_basic' | 'client_secret_post'
}

/** @throws AuthError 400 invalid_credentials */
export async function authenticateClient(
  ctx: Ctx,
  body: { client_id: string; client_secret: string },
): Promise<OAuthClient> {
  const { client_id, client_secret, method } = readCredentials(ctx, body)
  if (client_id === '') throw refused('Invalid client credentials: client_id is required')
  const id = parseUuid(client_id)
  if (id === null) throw refused('Invalid client_id format')
  const client = await findOAuthClient(ctx.db, id)
  if (!client) throw refused('Invalid client credentials')
  if (client.token_endpoint_auth_method !== method)
    throw refused(
      `invalid authentication method: client is registered for '${client.token_endpoint_auth_method}' but '${method}' was used`,
    )
  const isRight =
    client.client_secret_hash !== null && hashesMatch(secretHash(client_secret), client.client_secret_hash)
  if (method !== 'none' && !isRight) throw refused('invalid client credentials')
  return client
}

function readCredentials(
  ctx: Ctx,
  { client_id, client_secret }: { client_id: string; client_secret: string },
): Credentials {
  const [, encoded] = /^basic +(.*)$/i.exec(ctx.header('authorization') ?? '') ?? []
  if (encoded === undefined)
    return { client_id, client_secret, method: client_secret === '' ? 'none' : 'client_secret_post' }
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) throw refused('Invalid client credentials: invalid basic auth encoding')
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) throw refused('Invalid client credentials: invalid basic auth format')
  return { client_id: pair.slice(0, colon), client_secret: pair.slice(colon + 1), method: 'client_secret_basic' }
}
