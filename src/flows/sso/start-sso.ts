// POST /sso: sends a person to the identity provider of their company.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { signInAddress } from '../../providers/saml/service-provider.ts'
import { json, type Reply, redirect } from '../../reply.ts'
import { insertExternalAttempt } from '../../storage/flow-state.ts'
import { insertSamlAttempt } from '../../storage/saml-relay-states.ts'
import { findSsoProviders, type SsoProvider } from '../../storage/sso-providers.ts'
import { optionalBoolean, optionalText, pkceFields, text } from '../steps/requests/fields.ts'
import { readPkceChallenge } from '../steps/requests/pkce-challenge.ts'
import { nilUuid, parseUuid } from '../steps/requests/uuid.ts'
import { isStale, metadataOf, refreshMetadata, requireSaml } from './saml-provider.ts'

export const ssoBody = z.object({
  provider_id: optionalText,
  domain: text,
  redirect_to: text,
  skip_http_redirect: optionalBoolean,
  ...pkceFields,
})

/** Answers with a redirect to the provider, or with its address where no redirect is wanted. */
export async function startSso(ctx: Ctx, body: z.infer<typeof ssoBody>): Promise<Reply> {
  const service = requireSaml(ctx)
  const provider = await providerOf(ctx, body)
  if (provider.disabled) throw new AuthError(404, 'sso_provider_disabled', 'SSO Provider is currently disabled')
  const challenge = readPkceChallenge(body)
  if (body.redirect_to.includes('\0')) throw invalid('redirect_to contains a character that cannot be stored')
  const metadata = await metadataOf(ctx, provider)
  if (isStale(ctx, provider, metadata)) void refreshMetadata(ctx, provider)
  if (metadata.sso_address === '')
    throw new AuthError(500, 'unexpected_failure', 'The SSO provider takes no requests by HTTP-Redirect')
  const attempt = {
    id: randomUUID(),
    flow_id: randomUUID(),
    sso_provider_id: provider.id,
    request_id: `id-${ctx.random(20).toString('hex')}`,
    redirect_to: body.redirect_to,
  }
  const address = signInAddress(service, {
    id: attempt.request_id,
    address: metadata.sso_address,
    relay_state: attempt.id,
    name_format: provider.name_id_format,
    now_ms: ctx.now(),
  })
  await ctx.db.transaction(async (tx) => {
    await insertExternalAttempt(tx, { ...samlFlow, id: attempt.flow_id, referrer: body.redirect_to || null, challenge })
    await insertSamlAttempt(tx, attempt)
  })
  return body.skip_http_redirect ? json({ url: address }) : redirect(address)
}

/** What a flow of SAML is beside others. */
const samlFlow = {
  provider_type: 'sso/saml',
  method: 'sso/saml',
  invite_token: null,
  linking_target_id: null,
  oauth_client_state_id: null,
  email_optional: false,
} as const

async function providerOf(ctx: Ctx, body: z.infer<typeof ssoBody>): Promise<SsoProvider> {
  const provider_id = readId(body.provider_id)
  const { domain } = body
  if (provider_id !== null && domain !== '') throw invalid('Only one of provider_id or domain supported')
  if (provider_id === null && domain === '') throw invalid('A provider_id or domain needs to be provided')
  const [found] = await findSsoProviders(ctx.db, provider_id === null ? { domain } : { id: provider_id })
  if (found) return found
  const message = provider_id === null ? 'No SSO provider assigned for this domain' : 'No such SSO provider'
  throw new AuthError(404, 'sso_provider_not_found', message)
}

/** Null for none, which the UUID of no row means too. */
function readId(text: string | undefined): string | null {
  if (text === undefined) return null
  const id = parseUuid(text)
  if (id === null)
    throw new AuthError(400, 'bad_json', 'Could not parse request body as JSON: provider_id must be a UUID')
  return id === nilUuid ? null : id
}
