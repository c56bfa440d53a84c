// POST /oauth/clients/register and POST /admin/oauth/clients: an application registers itself, or an administrator does.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import type { Reply } from '../../reply.ts'
import { insertOAuthClient } from '../../storage/oauth-clients.ts'
import { text, texts } from '../steps/requests/fields.ts'
import { clientProblem } from './client-fields.ts'
import { authProblem, metadataFields, readMetadata } from './client-metadata.ts'
import { authMethodsOf, presentClient, secretHash } from './oauth-client.ts'

export const clientBody = z.object({
  redirect_uris: texts.default([]),
  client_type: text,
  token_endpoint_auth_method: text,
  grant_types: texts.default([]),
  client_name: text,
  client_uri: text,
  logo_uri: text,
  ...metadataFields,
})

type Body = z.infer<typeof clientBody>

/** Registers the application that asks (RFC 7591 §3). */
export async function registerClient(ctx: Ctx, body: Body): Promise<Reply> {
  return createClient(ctx, body, 'dynamic')
}

/** @throws AuthError 403 oauth_dynamic_client_registration_disabled */
export function requireRegistration({ config }: Ctx): void {
  if (!config.oauth_server_allow_dynamic_registration)
    throw new AuthError(403, 'oauth_dynamic_client_registration_disabled', 'Dynamic client registration is not enabled')
}

/** Answers with the client and, this once, its secret. */
export async function createClient(
  ctx: Ctx,
  body: Body,
  registration_type: 'dynamic' | 'manual' = 'manual',
): Promise<Reply> {
  const problem = needsRedirect(body) ? 'redirect_uris is required' : clientProblem(ctx, body, registration_type)
  if (problem !== null) throw invalid(`400: ${problem}`)
  const { client_type, method } = kindOf(ctx, body)
  const read = readMetadata(ctx, body, registration_type)
  const wrong = 'problem' in read ? read.problem : authProblem(method, read.metadata)
  if ('problem' in read || wrong !== null) throw invalid(`400: ${wrong}`)
  const signs = method === 'private_key_jwt'
  const secret = client_type === 'public' || signs ? undefined : ctx.random(32).toString('base64url')
  const client = await insertOAuthClient(ctx.db, {
    id: randomUUID(),
    registration_type,
    client_type,
    // The column knows the recorded methods only.
    token_endpoint_auth_method: signs ? 'client_secret_basic' : method,
    redirect_uris: body.redirect_uris.join(','),
    grant_types: (body.grant_types.length > 0 ? body.grant_types : ['authorization_code', 'refresh_token']).join(','),
    client_name: body.client_name || null,
    client_uri: body.client_uri || null,
    logo_uri: body.logo_uri || null,
    // The recorded server writes no null here.
    client_secret_hash: secret === undefined ? '' : secretHash(secret),
    more: { ...read.metadata, ...(signs && { token_endpoint_auth_method: method }) },
  })
  if (!client) throw new AuthError(500, 'unexpected_failure', 'Database error creating OAuth client')
  return { status: 201, body: presentClient(client, secret) }
}

/** Only clients of grants that send no browser back need no address for it. */
const needsRedirect = ({ redirect_uris, grant_types }: Body): boolean =>
  redirect_uris.length === 0 && (grant_types.length === 0 || grant_types.includes('authorization_code'))

/** The type and the method of a client, each of which may be told by the other. */
function kindOf(ctx: Ctx, { client_type, token_endpoint_auth_method: method }: Body) {
  const authMethods = authMethodsOf(ctx)
  if (client_type !== '' && client_type !== 'public' && client_type !== 'confidential')
    throw invalid("400: client_type must be 'public' or 'confidential'")
  if (method !== '' && !authMethods.includes(method))
    throw invalid(`400: token_endpoint_auth_method must be one of: [${authMethods.join(' ')}]`)
  const expected = method === 'none' ? 'public' : 'confidential'
  if (client_type !== '' && method !== '' && client_type !== expected)
    throw invalid(
      `400: client_type '${client_type}' is inconsistent with token_endpoint_auth_method '${method}' (expected client_type '${expected}')`,
    )
  const type = client_type || expected
  return {
    client_type: type,
    method: method || (type === 'public' ? 'none' : 'client_secret_basic'),
  } as const
}
