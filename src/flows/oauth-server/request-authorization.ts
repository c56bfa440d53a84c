// GET /oauth/authorize: an application asks for a person's consent (RFC 6749 §4.1.1).
import type { Ctx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { type Reply, redirect } from '../../reply.ts'
import { insertDocumentRequest } from '../../storage/document-requests.ts'
import { findOAuthClient, type OAuthClient } from '../../storage/oauth-clients.ts'
import { redirectWith } from '../steps/answers/redirect-with.ts'
import { parseUuid } from '../steps/requests/uuid.ts'
import {
  type AuthorizationParameters,
  issuerParameter,
  parametersProblem,
  readParameters,
  requireOwnRedirect,
  requireShortParameters,
  scopeOf,
} from './authorization-parameters.ts'
import { isDocumentAddress } from './client-id.ts'
import { keepAuthorizationRequest, namedKey, promptOf, requestLife_s } from './keep-authorization-request.ts'
import { isOn } from './oauth-client.ts'
import { pageOfSite } from './page-of-site.ts'
import { takePushed } from './pushed-request.ts'

/** Sends the browser to the page that asks the person; what is wrong is told to the application once it is known. */
export async function requestAuthorization(ctx: Ctx): Promise<Reply> {
  const name = ctx.query.get('client_id') ?? ''
  if (isDocumentAddress(ctx, name)) return requestByDocument(ctx, name)
  const { client, asked, jkt, is_pushed } = await read(ctx)
  const { redirect_uri, state } = asked
  const refuse = (error: string, error_description: string): Reply => {
    const query = { error, error_description, ...(state && { state }), ...issuerParameter(ctx) }
    return redirect(redirectWith(redirect_uri, { query }), 302)
  }
  if (isOn(ctx, 'par') && client.more.require_pushed_authorization_requests && !is_pushed)
    return refuse('invalid_request', 'this client must push its requests')
  const problem = parametersProblem(ctx, asked)
  if (problem !== null) return refuse('invalid_request', problem)
  // Whoever is signed in is known to the page alone, which asks.
  if (promptOf(ctx, asked).prompt === 'none') return refuse('interaction_required', 'the person has to be asked')
  const authorization_id = newAuthorizationId(ctx)
  const scope = scopeOf(ctx, asked)
  await keepAuthorizationRequest(ctx, ctx.db, { authorization_id, client_id: client.id, scope, asked, jkt })
  const page = consentPage(ctx)
  if (page === null) return refuse('server_error', 'oauth authorization path not configured')
  return redirect(redirectWith(page, { query: { authorization_id } }), 302)
}

/** Nothing is known of the application yet, so that it is told of no error: its address may be anybody's. */
async function requestByDocument(ctx: Ctx, client_document: string): Promise<Reply> {
  const asked = readParameters((name) => ctx.query.get(name) ?? '')
  requireShortParameters(asked)
  if (asked.redirect_uri === '') throw invalid('redirect_uri is required')
  const problem = parametersProblem(ctx, asked)
  if (problem !== null) throw invalid(problem)
  if (promptOf(ctx, asked).prompt === 'none') throw invalid('the person has to be asked')
  const page = consentPage(ctx)
  if (page === null) throw invalid('oauth authorization path not configured')
  const authorization_id = newAuthorizationId(ctx)
  const waiting = { authorization_id, client_document, parameters: asked }
  await insertDocumentRequest(ctx.db, waiting, requestLife_s(ctx))
  return redirect(redirectWith(page, { query: { authorization_id } }), 302)
}

interface Asked {
  client: OAuthClient
  asked: AuthorizationParameters
  /** Thumbprint of the key that the code is bound to (RFC 9449 §10); null for none. */
  jkt: string | null
  is_pushed: boolean
}

/** What is asked, once the address that it names is the client's own; nobody is sent to any other. */
async function read(ctx: Ctx): Promise<Asked> {
  const given = (name: string) => ctx.query.get(name) ?? ''
  const request_uri = isOn(ctx, 'par') ? given('request_uri') : ''
  const asked = readParameters(given)
  requireShortParameters(asked)
  const client_id = given('client_id')
  if (client_id === '') throw invalid('client_id is required')
  if (request_uri === '' && asked.redirect_uri === '') throw invalid('redirect_uri is required')
  const id = parseUuid(client_id)
  const client = id === null ? null : await findOAuthClient(ctx.db, id)
  if (!client)
    throw new AuthError(400, 'oauth_client_not_found', id === null ? 'invalid client_id format' : 'invalid client_id')
  if (request_uri !== '') {
    // What stands beside it in the address counts for nothing (RFC 9126 §4, RFC 9101 §5).
    const pushed = await takePushed(ctx, client, request_uri)
    requireOwnRedirect(client, pushed.asked.redirect_uri)
    return { client, ...pushed, is_pushed: true }
  }
  requireOwnRedirect(client, asked.redirect_uri)
  return { client, asked, jkt: namedKey(ctx, asked), is_pushed: false }
}

const consentPage = (ctx: Ctx): string | null =>
  pageOfSite(ctx, ctx.config.oauth_server_authorization_path, '/pages/consent')

/** 160 random bits in 32 characters of base32 (RFC 4648 §6), in lower case. */
function newAuthorizationId({ random }: Ctx): string {
  const bits = Array.from(random(20), (byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: 32 }, (_, place) => {
    const value = Number.parseInt(bits.slice(place * 5, place * 5 + 5), 2)
    return 'abcdefghijklmnopqrstuvwxyz234567'[value]
  }).join('')
}
