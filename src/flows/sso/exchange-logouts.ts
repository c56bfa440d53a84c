// POST /sso/saml/slo: a provider ends the sessions that it opened, or answers that it has ended one of its own.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import type { LogoutRequest } from '../../providers/saml/accept-logout.ts'
import { logoutResponse, type Sent } from '../../providers/saml/logout-message.ts'
import type { SamlMetadata, SamlService } from '../../providers/saml/metadata.ts'
import { SamlError } from '../../providers/saml/parse-xml.ts'
import { type Reply, redirect } from '../../reply.ts'
import { consumeFlow } from '../../storage/flow-state.ts'
import { findSamlAttempt, takeSamlAttempt } from '../../storage/saml-relay-states.ts'
import { takeSamlSessions } from '../../storage/saml-sessions.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { findSsoProviders, type SsoProvider } from '../../storage/sso-providers.ts'
import { markUsed } from '../../storage/used-tokens.ts'
import { findUserById } from '../../storage/users.ts'
import { isAllowedRedirect } from '../steps/answers/allowed-redirect.ts'
import { confirmPage } from '../steps/answers/confirm-page.ts'
import { redirectWith } from '../steps/answers/redirect-with.ts'
import { externalErrorParameters, toRedirectError } from '../steps/external/external-error.ts'
import { audit } from '../steps/records/audit.ts'
import { text } from '../steps/requests/fields.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import { transact } from '../steps/transact.ts'
import { isLogoutId } from './logout-id.ts'
import { factsOf, messageHash, metadataOf, providerOfIssuer, rememberedUntil_s, requireSaml } from './saml-provider.ts'

export const sloForm = z.object({ SAMLRequest: text, SAMLResponse: text, RelayState: text })

/** Answers with the way back to the provider, or to where the person wanted to go; with an error to the site. */
export async function exchangeLogouts(ctx: Ctx, form: z.infer<typeof sloForm>): Promise<Reply> {
  try {
    if (form.SAMLRequest !== '') return await endHere(ctx, form.SAMLRequest, form.RelayState)
    if (form.SAMLResponse !== '') return await comeBack(ctx, form.SAMLResponse, form.RelayState)
    throw invalid('SAMLRequest or SAMLResponse is missing')
  } catch (error) {
    if (error instanceof SamlError) ctx.log_fields.saml_problem = error.message
    const shown = toRedirectError(ctx, error instanceof SamlError ? invalid('SAML logout message is not valid') : error)
    return redirect(redirectWith(ctx.config.site_url, { query: externalErrorParameters(shown) }))
  }
}

/** A provider asks: every session that it names is ended before it hears so. */
async function endHere(ctx: Ctx, message: string, relay_state: string): Promise<Reply> {
  const service_provider = requireSaml(ctx)
  const { provider, metadata } = await providerOf(ctx, message)
  const request = await ctx.saml.acceptLogoutRequest(message, factsOf(ctx, metadata, service_provider.slo))
  await endSessions(ctx, provider, request)
  const service = answerService(metadata)
  if (!service) return redirect(ctx.config.site_url)
  const id = `id-${ctx.random(20).toString('hex')}`
  return show(
    logoutResponse(service_provider, { id, service, in_response_to: request.id, relay_state, now_ms: ctx.now() }),
  )
}

async function endSessions(ctx: Ctx, provider: SsoProvider, request: LogoutRequest): Promise<void> {
  const hash = messageHash(provider, request.id)
  await transact(ctx, async (tx) => {
    if (!(await markUsed(tx, hash, rememberedUntil_s(request.until_ms))))
      throw new SamlError('the request was used before')
    const holders = await takeSamlSessions(tx, {
      sso_provider_id: provider.id,
      name_id: request.name.value,
      session_indexes: request.session_indexes,
    })
    for (const { holder_id, user_id } of holders) {
      if (user_id) await deleteSessions(tx, user_id, { only: holder_id })
      else await consumeFlow(tx, holder_id)
      const user = user_id && (await findUserById(tx, user_id))
      if (user) await audit(ctx, tx, user, 'logout', { provider: `sso:${provider.id}` })
    }
  })
}

/** Answers go to the service that takes forms where there is one: it is what we say that we use. */
const answerService = ({ logout_services }: SamlMetadata): SamlService | null =>
  logout_services.find(({ binding }) => binding === 'HTTP-POST') ??
  logout_services.find(({ binding }) => binding === 'HTTP-Redirect') ??
  null

/** A provider answers: whether or not it could end its own session, ours is ended. */
async function comeBack(ctx: Ctx, message: string, relay_state: string): Promise<Reply> {
  const attempt = isUuid(relay_state) ? await findSamlAttempt(ctx.db, relay_state) : null
  if (!attempt || !isLogoutId(attempt.request_id)) throw unknownLogout()
  const [provider] = await findSsoProviders(ctx.db, { id: attempt.sso_provider_id })
  if (!provider) throw unknownLogout()
  const facts = factsOf(ctx, await metadataOf(ctx, provider), requireSaml(ctx).slo)
  await ctx.saml.acceptLogoutResponse(message, facts, attempt.request_id)
  if (!(await takeSamlAttempt(ctx.db, attempt.id))) throw unknownLogout()
  const { site_url, uri_allow_list } = ctx.config
  return redirect(isAllowedRedirect(attempt.redirect_to, site_url, uri_allow_list) ? attempt.redirect_to : site_url)
}

const unknownLogout = (): AuthError =>
  new AuthError(404, 'saml_relay_state_not_found', 'SAML RelayState does not exist')

async function providerOf(ctx: Ctx, message: string): Promise<{ provider: SsoProvider; metadata: SamlMetadata }> {
  const answered = await ctx.saml.readIssuer(message, 'LogoutRequest', 'LogoutResponse')
  if (answered.problem !== undefined) throw new SamlError(answered.reason)
  const provider = await providerOfIssuer(ctx, answered.value)
  return { provider, metadata: await metadataOf(ctx, provider) }
}

function show({ address, form }: Sent): Reply {
  if (!form) return redirect(address)
  return confirmPage({
    title: 'Go on',
    text: ['You are signed out here.'],
    action: address,
    fields: form,
    at_once: true,
  })
}
