// Which application asks, and whether it is the one that it says it is (RFC 6749 §2.3, RFC 7523 §2.2): one step for all endpoints.
import type { Ctx } from '../../context.ts'
import { hashesMatch } from '../../crypto/codes.ts'
import { AuthError, OAuthError } from '../../errors.ts'
import { percentDecoded } from '../../percent-decoded.ts'
import { findOAuthClient, type OAuthClient } from '../../storage/oauth-clients.ts'
import { assertionProblem, assertionType, clientOfAssertion } from './client-assertion.ts'
import { clientIdOf } from './client-id.ts'
import { authMethodOf, isOn, secretHash } from './oauth-client.ts'

const refused = (message: string): AuthError => new AuthError(400, 'invalid_credentials', message)

/** What a body may hold of a client's credentials. */
export interface ClientCredentials {
  client_id: string
  client_secret: string
  client_assertion: string
  client_assertion_type: string
}

/** What a client showed, and how. */
interface Shown {
  client_id: string
  method: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
  /** The secret or the assertion. */
  proof: string
}

/** @throws AuthError 400 invalid_credentials */
export async function authenticateClient(ctx: Ctx, body: ClientCredentials): Promise<OAuthClient> {
  const { client_id, method, proof } = readShown(ctx, body)
  if (client_id === '' && method === 'client_secret_basic')
    throw new OAuthError('invalid_client', 'Client authentication required')
  if (client_id === '') throw refused('Invalid client credentials: client_id is required')
  const id = clientIdOf(ctx, client_id)
  if (id === null) throw refused('Invalid client_id format')
  const client = await findOAuthClient(ctx.db, id)
  if (!client) throw refused('Invalid client credentials')
  const expected = authMethodOf(client)
  if (expected !== method)
    throw refused(`invalid authentication method: client is registered for '${expected}' but '${method}' was used`)
  const problem = await problemOf(ctx, client, method, proof)
  if (problem !== null) throw refused(problem)
  return client
}

async function problemOf(
  ctx: Ctx,
  client: OAuthClient,
  method: Shown['method'],
  proof: string,
): Promise<string | null> {
  if (method === 'none') return null
  if (method === 'private_key_jwt') {
    const problem = await assertionProblem(ctx, client, proof)
    return problem === null ? null : `invalid client assertion: ${problem}`
  }
  if (proof === '') return 'confidential clients must provide client_secret'
  const { client_secret_hash: hash } = client
  return hash !== null && hashesMatch(secretHash(proof), hash) ? null : 'invalid client credentials'
}

function readShown(ctx: Ctx, body: ClientCredentials): Shown {
  const { client_id, client_secret, client_assertion, client_assertion_type } = body
  const [, encoded] = /^basic +(.*)$/i.exec(ctx.header('authorization') ?? '') ?? []
  if (client_assertion !== '' && isOn(ctx, 'private_key_jwt')) {
    const named = clientOfAssertion(client_assertion)
    // RFC 6749 §2.3: one way in each request; RFC 7521 §4.2: a client_id beside it is the same.
    if (encoded !== undefined || client_secret !== '') throw refused('Invalid client credentials: several were given')
    if (client_assertion_type !== assertionType)
      throw refused(`Invalid client credentials: client_assertion_type must be ${assertionType}`)
    if (client_id !== '' && client_id !== named)
      throw refused('Invalid client credentials: client_id is not that of the assertion')
    return { client_id: named, method: 'private_key_jwt', proof: client_assertion }
  }
  if (encoded === undefined)
    return { client_id, method: client_secret === '' ? 'none' : 'client_secret_post', proof: client_secret }
  return readBasic(encoded)
}

function readBasic(encoded: string): Shown {
  if (!/^([\w+/]{4})*([\w+/]{2}==|[\w+/]{3}=)?$/.test(encoded) || encoded.includes('_'))
    throw refused('Invalid client credentials: invalid basic auth encoding')
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) throw refused('Invalid client credentials: invalid basic auth format')
  // Some clients encode both parts (RFC 6749 §2.3.1), others do not; ids and secrets of ours have no letters that this would change.
  const [client_id, proof] = [percentDecoded(pair.slice(0, colon)), percentDecoded(pair.slice(colon + 1))]
  return { client_id, method: 'client_secret_basic', proof }
}
