// GET /oauth/authorize: an application asks for a person's consent (RFC 6749 §4.1.1, RFC 7636, RFC 8707).
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { type Reply, redirect } from '../../reply.ts'
import { insertOAuthAuthorization } from '../../storage/oauth-authorizations.ts'
import { findOAuthClient, type OAuthClient } from '../../storage/oauth-clients.ts'
import { redirectWith } from '../steps/answers/redirect-with.ts'
import { parseUuid } from '../steps/requests/uuid.ts'
import { listOf } from './oauth-client.ts'

/** Scopes that applications may ask for. */
const knownScopes = ['openid', 'profile', 'email', 'phone', 'offline_access']

const maxima = { scope: 2048, state: 4096, nonce: 255, resource: 2048 } as const

/** Sends the browser to the page that asks the person; what is wrong is told to the application once it is known. */
export async function requestAuthorization(ctx: Ctx): Promise<Reply> {
  const given = (name: string) => ctx.query.get(name) ?? ''
  for (const [name, most] of Object.entries(maxima))
    if (given(name).length > most) throw invalid(`${name} cannot exceed ${most} characters`)
  const client = await clientOf(ctx, given('client_id'), given('redirect_uri'))
  const redirect_uri = given('redirect_uri')
  const state = given('state')
  const refuse = (error: string, error_description: string): Reply =>
    redirect(redirectWith(redirect_uri, { query: { error, error_description, ...(state && { state }) } }), 302)

  const scope = given('scope') || ctx.config.oauth_server_default_scope
  const problem =
    responseProblem(given('response_type')) ??
    scopeProblem(scope) ??
    resourceProblem(given('resource')) ??
    challengeProblem(given('code_challenge'), given('code_challenge_method'))
  if (problem !== null) return refuse('invalid_request', problem)
  const authorization_id = newAuthorizationId(ctx)
  await insertOAuthAuthorization(
    ctx.db,
    {
      id: randomUUID(),
      authorization_id,
      client_id: client.id,
      redirect_uri,
      scope: wordsOf(scope).join(' '),
      state: state || null,
      resource: given('resource') || null,
      nonce: given('nonce') || null,
      code_challenge: given('code_challenge'),
      code_challenge_method: 's256',
    },
    ctx.config.oauth_server_authorization_ttl / 1000,
  )
  const { oauth_server_authorization_path: path, site_url } = ctx.config
  if (path === '') return refuse('server_error', 'oauth authorization path not configured')
  const page = `${site_url.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
  return redirect(redirectWith(page, { query: { authorization_id } }), 302)
}

/** The client, once the address that it names is its own; nobody is sent to any other. */
async function clientOf(ctx: Ctx, client_id: string, redirect_uri: string): Promise<OAuthClient> {
  if (client_id === '') throw invalid('client_id is required')
  if (redirect_uri === '') throw invalid('redirect_uri is required')
  const id = parseUuid(client_id)
  const client = id === null ? null : await findOAuthClient(ctx.db, id)
  if (!client)
    throw new AuthError(400, 'oauth_client_not_found', id === null ? 'invalid client_id format' : 'invalid client_id')
  if (!listOf(client.redirect_uris).includes(redirect_uri)) throw invalid('invalid redirect_uri')
  return client
}

const wordsOf = (scope: string): string[] => [...new Set(scope.split(/\s+/).filter((word) => word !== ''))]

const responseProblem = (type: string): string | null =>
  type === '' || type === 'code' ? null : 'only response_type=code is supported'

function scopeProblem(scope: string): string | null {
  const words = wordsOf(scope)
  if (words.length === 0) return 'scope parameter cannot be empty'
  const unknown = words.find((word) => !knownScopes.includes(word))
  return unknown === undefined ? null : `unsupported scope: ${unknown}`
}

/** The API that the tokens are for (RFC 8707 §2). */
function resourceProblem(resource: string): string | null {
  if (resource === '') return null
  if (/[\s\\]/.test(resource)) return 'resource must be a valid URI'
  if (!URL.canParse(resource)) return 'resource must be an absolute URI'
  if (resource.includes('#')) return 'resource must not include a fragment component'
  return resource.includes('?') ? 'resource must not include a query component' : null
}

/** Every client needs PKCE, and only the method that keeps the verifier secret counts (RFC 9700 §2.1.1; OAS-03). */
function challengeProblem(challenge: string, method: string): string | null {
  if (challenge === '' || method === '') return 'PKCE flow requires both code_challenge and code_challenge_method'
  if (method.toLowerCase() === 'plain') return "code_challenge_method must be 'S256'"
  if (method.toLowerCase() !== 's256') return "code_challenge_method must be 'S256' or 'plain'"
  if (challenge.length < 43 || challenge.length > 128) return 'code_challenge must be between 43 and 128 characters'
  return null
}

/** 160 random bits in 32 characters of base32 (RFC 4648 §6), in lower case. */
function newAuthorizationId({ random }: Ctx): string {
  const bits = Array.from(random(20), (byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: 32 }, (_, place) => {
    const value = Number.parseInt(bits.slice(place * 5, place * 5 + 5), 2)
    return 'abcdefghijklmnopqrstuvwxyz234567'[value]
  }).join('')
}
