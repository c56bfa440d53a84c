// /oauth/authorizations/{id}: what an application asks of the signed-in person, who agrees or refuses.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Ctx, UserCtx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { noteSignIn } from '../../storage/authorization-details.ts'
import {
  lockOAuthAuthorization,
  type OAuthAuthorization,
  setOAuthAuthorization,
} from '../../storage/oauth-authorizations.ts'
import { findOAuthClient } from '../../storage/oauth-clients.ts'
import { findConsentScopes, grantConsent } from '../../storage/oauth-consents.ts'
import { redirectWith } from '../steps/answers/redirect-with.ts'
import { text } from '../steps/requests/fields.ts'
import { type Tx, transact } from '../steps/transact.ts'
import { admitDocument } from './admit-document.ts'
import { issuerParameter, wordsOf } from './authorization-parameters.ts'
import { isOn, presentApplication } from './oauth-client.ts'
import { requireFreshSignIn } from './require-fresh-sign-in.ts'
import { requireOwnSite } from './require-own-site.ts'

const notFound = (): AuthError => new AuthError(404, 'oauth_authorization_not_found', 'authorization not found')

/** Answers with what is asked, or with where to go on when the person has agreed to as much before. */
export async function getAuthorization(ctx: UserCtx): Promise<Reply> {
  requireOwnSite(ctx)
  if (isOn(ctx, 'client_documents')) await admitDocument(ctx, ctx.path_params.authorization_id ?? '')
  const { user } = ctx.caller
  const answer = await transact(ctx, async (tx) => {
    const asked = await load(ctx, tx, 'authorization request cannot be processed')
    if (!asked || (asked.user_id !== null && asked.user_id !== user.id)) return null
    const details = await requireFreshSignIn(ctx, tx, asked)
    // Whoever looks first is asked; nobody else can agree in their place.
    const isFirst = asked.user_id === null
    if (isFirst) await setOAuthAuthorization(tx, asked.id, { user_id: user.id })
    const granted = isFirst ? await findConsentScopes(tx, user.id, asked.client_id) : null
    const isAskedAgain = details?.prompt?.split(' ').includes('consent') ?? false
    if (!isAskedAgain && granted !== null && wordsOf(asked.scope).every((scope) => wordsOf(granted).includes(scope)))
      return { redirect_url: await approve(ctx, tx, asked) }
    const client = await findOAuthClient(tx, asked.client_id)
    if (!client) return null
    return {
      authorization_id: asked.authorization_id,
      redirect_uri: asked.redirect_uri,
      client: presentApplication(client, client.id),
      user: { id: user.id, ...(user.email && { email: user.email }) },
      scope: asked.scope,
    }
  })
  if (!answer) throw notFound()
  return json(answer)
}

export const consentBody = z.object({ action: text })

/** Answers with the address that tells the application. */
export async function decideAuthorization(ctx: UserCtx, { action }: z.infer<typeof consentBody>): Promise<Reply> {
  if (action !== 'approve' && action !== 'deny') throw invalid("action must be 'approve' or 'deny'")
  const { user } = ctx.caller
  const redirect_url = await transact(ctx, async (tx) => {
    const asked = await load(ctx, tx, 'authorization request is no longer pending')
    if (asked?.user_id !== user.id) return null
    if (action === 'deny') {
      await setOAuthAuthorization(tx, asked.id, { status: 'denied' })
      return comeBack(ctx, asked, { error: 'access_denied', error_description: 'User denied the request' })
    }
    await requireFreshSignIn(ctx, tx, asked)
    const { client_id, scope } = asked
    await grantConsent(tx, { id: randomUUID(), user_id: user.id, client_id, scopes: wordsOf(scope).join(' ') })
    return approve(ctx, tx, asked)
  })
  if (redirect_url === null) throw notFound()
  return json({ redirect_url })
}

/**
 * Locks the request that the path names; null for one that has expired, which is noted.
 * @throws AuthError 400 validation_failed for no name, and for one that somebody has decided on
 */
async function load(ctx: UserCtx, tx: Tx, decided: string): Promise<OAuthAuthorization | null> {
  const { authorization_id = '' } = ctx.path_params
  if (authorization_id === '') throw invalid('authorization_id is required')
  const asked = await lockOAuthAuthorization(tx, authorization_id)
  if (asked?.expired) {
    if (asked.status === 'pending') await setOAuthAuthorization(tx, asked.id, { status: 'expired' })
    return null
  }
  if (asked && asked.status !== 'pending') throw invalid(decided)
  return asked
}

async function approve(ctx: UserCtx, tx: Tx, asked: OAuthAuthorization): Promise<string> {
  const { session } = ctx.caller
  if (isOn(ctx, 'prompt') && session) await noteSignIn(tx, asked.id, session.created_at)
  const code = randomUUID()
  await setOAuthAuthorization(tx, asked.id, { status: 'approved', authorization_code: code })
  return comeBack(ctx, asked, { code })
}

const comeBack = (ctx: Ctx, { redirect_uri, state }: OAuthAuthorization, query: Record<string, string>): string =>
  redirectWith(redirect_uri, { query: { ...query, ...(state && { state }), ...issuerParameter(ctx) } })
