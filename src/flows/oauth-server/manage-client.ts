// /admin/oauth/clients: administrators list, read, change and remove applications, and give them new secrets.
import { z } from 'zod'
import type { AdminCtx, OAuthClientCtx } from '../../context.ts'
import { invalid } from '../../errors.ts'
import { json, noContent, type Reply } from '../../reply.ts'
import {
  deleteOAuthClient,
  listOAuthClients,
  type OAuthClient,
  type OAuthClientChanges,
  updateOAuthClient,
} from '../../storage/oauth-clients.ts'
import { optionalText, texts } from '../steps/requests/fields.ts'
import { clientProblem } from './client-fields.ts'
import { authProblem, metadataFields, readMetadata } from './client-metadata.ts'
import { authMethodOf, authMethodsOf, presentClient, refuseUnknown, secretHash } from './oauth-client.ts'

/** Answers with all clients; the member is missing when there are none, as recorded. */
export async function listClients({ db }: AdminCtx): Promise<Reply> {
  const clients = await listOAuthClients(db)
  return json(clients.length === 0 ? {} : { clients: clients.map((client) => presentClient(client)) })
}

/** Answers with one client, without its secret. */
export const getClient = ({ oauth_client }: OAuthClientCtx): Reply => json(presentClient(oauth_client))

export const clientChangesBody = z.object({
  redirect_uris: texts.optional(),
  grant_types: texts.optional(),
  client_name: optionalText,
  client_uri: optionalText,
  logo_uri: optionalText,
  token_endpoint_auth_method: optionalText,
  ...metadataFields,
})

type Body = z.infer<typeof clientChangesBody>

/** Changes what is named, and nothing else. */
export async function updateClient(ctx: OAuthClientCtx, body: Body): Promise<Reply> {
  const client = ctx.oauth_client
  const changes = checkChanges(ctx, client, body)
  const { changes: columns, metadata } = checkProof(ctx, client, body, changes)
  return json(presentClient((await updateOAuthClient(ctx.db, client.id, columns, metadata)) ?? refuseUnknown()))
}

/** How the client proves itself from now on, and what it says of itself beside. */
function checkProof(ctx: AdminCtx, client: OAuthClient, body: Body, changes: OAuthClientChanges) {
  const read = readMetadata(ctx, body, 'manual')
  if ('problem' in read) throw invalid(read.problem)
  if ([...Object.keys(changes), ...Object.keys(read.metadata)].length === 0)
    throw invalid('No fields provided for update')
  const method = body.token_endpoint_auth_method ?? authMethodOf(client)
  const metadata = { ...read.metadata }
  // A set of keys takes the place of an address of them, and the reverse.
  if (metadata.jwks && !metadata.jwks_uri) metadata.jwks_uri = null
  if (metadata.jwks_uri && !metadata.jwks) metadata.jwks = null
  const problem = authProblem(method, { ...client.more, ...metadata })
  if (problem !== null) throw invalid(problem)
  if (method === authMethodOf(client)) return { changes, metadata }
  const signs = method === 'private_key_jwt'
  return {
    // The column knows the recorded methods only; a secret that is there counts no more.
    changes: signs
      ? { ...changes, token_endpoint_auth_method: 'client_secret_basic', client_secret_hash: null }
      : changes,
    metadata: { ...metadata, token_endpoint_auth_method: signs ? method : null } as const,
  }
}

function checkChanges(ctx: AdminCtx, { client_type }: OAuthClient, body: Body): OAuthClientChanges {
  const authMethods = authMethodsOf(ctx)
  const { redirect_uris, grant_types, token_endpoint_auth_method: method } = body
  const problem =
    (redirect_uris?.length === 0 ? 'redirect_uris cannot be empty' : clientProblem(ctx, { redirect_uris })) ??
    (grant_types?.length === 0 ? 'grant_types cannot be empty' : clientProblem(ctx, body))
  if (problem !== null) throw invalid(problem)
  if (method !== undefined && !authMethods.includes(method))
    throw invalid(`invalid token_endpoint_auth_method: must be one of [${authMethods.join(' ')}]`)
  const valid = authMethods.filter((name) => (name === 'none') === (client_type === 'public'))
  if (method !== undefined && !valid.includes(method))
    throw invalid(
      `token_endpoint_auth_method '${method}' is not valid for client_type '${client_type}'; valid methods: [${valid.join(' ')}]`,
    )
  const emptied = (value: string | undefined) => (value === undefined ? undefined : value || null)
  const changes = {
    redirect_uris: redirect_uris?.join(','),
    grant_types: grant_types?.join(','),
    client_name: emptied(body.client_name),
    client_uri: emptied(body.client_uri),
    logo_uri: emptied(body.logo_uri),
    token_endpoint_auth_method: method,
  }
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

/** Removes a client; its sessions can no longer be refreshed. */
export async function deleteClient({ db, oauth_client }: OAuthClientCtx): Promise<Reply> {
  if (!(await deleteOAuthClient(db, oauth_client.id))) refuseUnknown()
  return noContent()
}

/** Answers with the client and a new secret; the old one counts no more. */
export async function regenerateClientSecret(ctx: OAuthClientCtx): Promise<Reply> {
  const found = ctx.oauth_client
  const { id } = found
  if (found.client_type === 'public') throw invalid('Cannot regenerate secret for public client')
  if (authMethodOf(found) === 'private_key_jwt') throw invalid('Cannot regenerate secret for a client that signs')
  const secret = ctx.random(32).toString('base64url')
  const client = await updateOAuthClient(ctx.db, id, { client_secret_hash: secretHash(secret) })
  return json(presentClient(client ?? refuseUnknown(), secret))
}
