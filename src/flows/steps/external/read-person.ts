// Asks the provider who came back: code for tokens, tokens for a profile. Nothing is written here.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import type { SignInProvider } from '../../../providers/engine.ts'
import type { ProviderTokens } from '../../../providers/provider.ts'
import { oauth1Provider } from '../../../providers/registry.ts'
import type { ExternalAttempt } from '../../../storage/flow-state.ts'
import { takeOAuthClientState } from '../../../storage/oauth-client-states.ts'
import { type ExternalPerson, personOf } from './decide-linking.ts'
import { ProviderDenied } from './load-attempt.ts'
import { resolveProvider } from './resolve-provider.ts'

/** Seconds that a verifier is kept. */
const clientStateLife_s = 300

const failed = (message: string, cause: unknown): AuthError =>
  new AuthError(500, 'unexpected_failure', message, { cause })

/**
 * The person of a callback, within the time that calls to providers get.
 * @throws ProviderDenied; AuthError 400 bad_oauth_callback, oauth_provider_not_supported, oauth_invalid_state;
 *   422 oauth_client_state_not_found, oauth_client_state_expired; 500 when the provider does not do its part
 */
export async function readPerson(
  ctx: Ctx,
  attempt: ExternalAttempt,
  parameters: URLSearchParams,
): Promise<{ person: ExternalPerson; tokens: ProviderTokens }> {
  const isOAuth1 = attempt.provider_type.toLowerCase() === oauth1Provider
  const denied = parameters.get('error') ?? ''
  if (denied !== '') throw new ProviderDenied(denied, parameters.get('error_description') ?? '')
  if (isOAuth1 && parameters.has('denied')) throw new ProviderDenied('access_denied', '')
  const code = parameters.get(isOAuth1 ? 'oauth_verifier' : 'code') ?? ''
  if (code === '')
    throw new AuthError(400, 'bad_oauth_callback', 'OAuth callback with missing authorization code missing')
  const provider = await supportedProvider(ctx, attempt.provider_type)
  const secret = await keptSecret(ctx, attempt)
  const signal = AbortSignal.timeout(ctx.providers.budget_ms)
  const tokens = await provider.exchange({ parameters, secret, signal }).catch((error: unknown) => {
    throw failed(`Unable to exchange external code: ${code.slice(0, 4)}`, error)
  })
  const person = await provider.profile({ tokens, parameters, signal }).then(
    (profile) => personOf(attempt.provider_type, profile),
    (error: unknown) => {
      throw failed('Error getting user profile from external provider', error)
    },
  )
  if (person.emails.length === 0 && !attempt.email_optional)
    throw failed('Error getting user email from external provider', undefined)
  return { person, tokens }
}

async function supportedProvider(ctx: Ctx, name: string): Promise<SignInProvider> {
  try {
    return await resolveProvider(ctx, name)
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== 'validation_failed') throw error
    throw new AuthError(400, 'oauth_provider_not_supported', error.message)
  }
}

/** The verifier that was kept for this attempt; it works once. */
async function keptSecret(ctx: Ctx, attempt: ExternalAttempt): Promise<string | null> {
  if (attempt.oauth_client_state_id === null) return null
  const state = await takeOAuthClientState(ctx.db, attempt.oauth_client_state_id)
  if (!state) throw new AuthError(422, 'oauth_client_state_not_found', 'OAuth state not found')
  if (state.age_s >= clientStateLife_s) throw new AuthError(422, 'oauth_client_state_expired', 'OAuth state expired')
  if (state.provider_type !== attempt.provider_type)
    throw new AuthError(400, 'oauth_invalid_state', 'OAuth provider mismatch')
  if (!state.code_verifier) throw new AuthError(400, 'oauth_invalid_state', 'OAuth PKCE code verifier missing')
  return state.code_verifier
}
