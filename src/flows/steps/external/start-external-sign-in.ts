// Begins a sign-in attempt with a provider: checks what is asked for, and keeps what the way back needs.
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import { AuthError, invalid, unavailable } from '../../../errors.ts'
import { invitationHashBudget } from '../../../limits/attempt-budget.ts'
import type { Begun, SignInProvider } from '../../../providers/engine.ts'
import { reservedParameters } from '../../../providers/reserved-parameters.ts'
import { insertExternalAttempt } from '../../../storage/flow-state.ts'
import { insertOAuthClientState } from '../../../storage/oauth-client-states.ts'
import { beginPendingLinking } from '../../../storage/pending-links.ts'
import { findByLink } from '../one-time-tokens/one-time-token.ts'
import { excuseOutage, spendUnlessSpent } from '../records/spend-attempt.ts'
import { readPkceChallenge } from '../requests/pkce-challenge.ts'
import { isPagesProvider } from './pages-provider.ts'
import { resolveProvider } from './resolve-provider.ts'

/** Parameters of ours. */
const ours = new Set(['provider', 'scopes'])

/** Who asks for an identity to be linked. */
interface Linking {
  user_id: string
  session_id: string | null
}

/**
 * The address of the provider that a person is to be sent to.
 * @param linking the account that the identity is to be linked to, and the session that asks; null for a sign-in
 * @throws AuthError 400 validation_failed; 404 user_not_found for an unknown invitation; 503 when a provider that has
 *   to be asked first cannot be reached
 */
export async function startExternalSignIn(ctx: Ctx, linking: Linking | null): Promise<string> {
  const value = (name: string) => ctx.query.get(name) ?? ''
  const provider_type = value('provider')
  const provider = await resolveProvider(ctx, provider_type)
  const invite_token = value('invite_token')
  if (isPagesProvider(ctx.config, provider_type) && (linking !== null || invite_token !== ''))
    throw invalid(
      `provider: ${provider_type} signs people in with an account of this server, which is no identity to link`,
    )
  if (invite_token !== '') await requireInvitation(ctx, invite_token)
  const challenge = readPkceChallenge({
    code_challenge: value('code_challenge'),
    code_challenge_method: value('code_challenge_method'),
  })
  const id = randomUUID()
  const begun = await begin(ctx, provider, id, value('scopes'))
  const state = begun.secret === null ? null : { id: randomUUID(), provider_type, code_verifier: begun.secret }
  const flow = {
    id,
    provider_type,
    challenge,
    referrer: ctx.redirect_to.includes('\0') ? ctx.config.site_url : ctx.redirect_to,
    invite_token: invite_token === '' ? null : invite_token,
    linking_target_id: linking?.user_id ?? null,
    oauth_client_state_id: state?.id ?? null,
    email_optional: provider.email_optional,
  }
  if (state === null && linking === null) await insertExternalAttempt(ctx.db, flow)
  else
    await ctx.db.transaction((tx) =>
      Promise.all([
        state && insertOAuthClientState(tx, state),
        insertExternalAttempt(tx, flow),
        linking && beginPendingLinking(tx, id, linking.session_id),
      ]),
    )
  return begun.location
}

async function requireInvitation(ctx: Ctx, token: string): Promise<void> {
  if ((await findByLink(ctx.db, token, ['confirmation_token'])) || (await isHashOfInvitation(ctx, token))) return
  throw new AuthError(404, 'user_not_found', 'User identified by token not found')
}

/**
 * Whether a token is the hash of an address and its code, which opens an invitation too: whoever could try all hashes would find the
 * code, so that they are guessed no oftener than codes are (security rule 2). Once that is spent, what links carry goes on to work.
 */
async function isHashOfInvitation(ctx: Ctx, token: string): Promise<boolean> {
  if (!/^(pkce_)?[\da-f]{56}$/.test(token)) return false
  const attempt = await spendUnlessSpent(ctx, [invitationHashBudget])
  if (!attempt) return false
  const find = () => findByLink(ctx.db, token, ['confirmation_token'], { known_hash: true })
  const isKnown = (await excuseOutage(ctx, attempt, find)) !== null
  if (isKnown) await attempt.giveBack()
  return isKnown
}

async function begin(ctx: Ctx, provider: SignInProvider, state: string, scopes: string): Promise<Begun> {
  const signal = AbortSignal.timeout(ctx.providers.budget_ms)
  try {
    return await provider.begin({ state, scopes, parameters: forwarded(ctx.query), signal })
  } catch (error) {
    throw unavailable(error)
  }
}

/** What is passed on to the provider: all other parameters, the first of each name. */
function forwarded(query: URLSearchParams): Record<string, string> {
  const parameters: Record<string, string> = {}
  for (const name of new Set(query.keys())) {
    if (ours.has(name) || reservedParameters.has(name.toLowerCase())) continue
    // `provider` names one of ours, so WorkOS's parameter of that name has another one here.
    parameters[name === 'workos_provider' ? 'provider' : name] = query.get(name) ?? ''
  }
  return parameters
}
