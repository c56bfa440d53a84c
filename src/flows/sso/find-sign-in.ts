// Whose sign-in an answer belongs to: the one that began here by its relay state, or the provider that began it.
import type { Ctx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { readAddress } from '../../read-address.ts'
import { consumeFlow } from '../../storage/flow-state.ts'
import { findSamlAttempt, type SamlAttempt, takeSamlAttempt } from '../../storage/saml-relay-states.ts'
import { findSsoProviders, type SsoProvider } from '../../storage/sso-providers.ts'
import { nilUuid, parseUuid } from '../steps/requests/uuid.ts'
import type { AcsForm } from './acs-form.ts'
import { isLogoutId } from './logout-id.ts'
import { providerOfIssuer } from './saml-provider.ts'

/** A sign-in with its provider. */
export interface FoundSignIn {
  provider: SsoProvider
  /** Null where the provider began. */
  attempt: SamlAttempt | null
  /** Where the person wants to go, as asked for. */
  redirect_to: string
}

/** 404 for a relay state that leads nowhere. */
export const noRelayState = (): AuthError =>
  new AuthError(404, 'saml_relay_state_not_found', 'SAML RelayState does not exist, try logging in again?')

/** Milliseconds that a sign-in may take where nothing is configured. */
const usualValidity_ms = 120_000

/**
 * The sign-in of a form.
 * @throws AuthError as a redirect is to tell of it
 */
export async function findSignIn(ctx: Ctx, form: AcsForm): Promise<FoundSignIn> {
  const id = parseUuid(form.RelayState)
  const found = id !== null && id !== nilUuid ? await ofRelayState(ctx, id) : await ofProvider(ctx, form)
  if (found.provider.disabled)
    throw new AuthError(404, 'sso_provider_disabled', 'SSO Provider assigned for this domain is currently disabled')
  return found
}

async function ofRelayState(ctx: Ctx, id: string): Promise<FoundSignIn> {
  const attempt = await findSamlAttempt(ctx.db, id)
  if (!attempt || isLogoutId(attempt.request_id)) throw noRelayState()
  const validity_ms = ctx.config.saml_relay_state_validity_period || usualValidity_ms
  if (attempt.age_s * 1000 >= validity_ms) {
    await endAttempt(ctx, attempt)
    throw new AuthError(422, 'saml_relay_state_expired', 'SAML RelayState has expired. Try logging in again?')
  }
  const [provider] = await findSsoProviders(ctx.db, { id: attempt.sso_provider_id })
  if (!provider) throw noRelayState()
  return { provider, attempt, redirect_to: attempt.redirect_to }
}

/** Ends a sign-in that came to nothing, with its flow: what is refused leaves no row. */
export const endAttempt = (ctx: Ctx, { id, flow_id }: SamlAttempt): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    if ((await takeSamlAttempt(tx, id)) && flow_id !== null) await consumeFlow(tx, flow_id)
  })

/** The relay state is then the address that the provider sends the person to. */
async function ofProvider(ctx: Ctx, form: AcsForm): Promise<FoundSignIn> {
  const { RelayState: redirect_to } = form
  if (redirect_to !== '' && readAddress(redirect_to, 'request') === null)
    throw invalid('SAML RelayState is not a valid UUID or URL')
  if (form.SAMLart !== '') throw invalid('SAML Artifact response can only be used with SP initiated flow')
  if (form.SAMLResponse === '') throw invalid('SAMLResponse is missing')
  const answered = await ctx.saml.readIssuer(form.SAMLResponse, 'Response')
  if (answered.problem === 'base64') throw invalid('SAMLResponse is not a valid Base64 string')
  if (answered.problem !== undefined) throw invalid('SAMLResponse is not a valid XML SAML assertion')
  return { provider: await providerOfIssuer(ctx, answered.value), attempt: null, redirect_to }
}
