// POST /sso/saml/acs: a person comes back from the identity provider of their company, and is signed in.
import { ownPagePath } from '../../config/pages-address.ts'
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { SamlError } from '../../providers/saml/parse-xml.ts'
import type { SamlAssertion } from '../../providers/saml/read-assertion.ts'
import { type Reply, redirect } from '../../reply.ts'
import { bindExternalAttempt, claimExternalAttempt } from '../../storage/flow-state.ts'
import { type SamlAttempt, takeSamlAttempt } from '../../storage/saml-relay-states.ts'
import { insertSamlSession } from '../../storage/saml-sessions.ts'
import type { SsoProvider } from '../../storage/sso-providers.ts'
import { markUsed } from '../../storage/used-tokens.ts'
import { findUserById } from '../../storage/users.ts'
import { tellAfterUserCreated } from '../steps/accounts/user-created-hooks.ts'
import { isAllowedReturn } from '../steps/answers/allowed-redirect.ts'
import { redirectWith, retryHeaders } from '../steps/answers/redirect-with.ts'
import type { ExternalPerson } from '../steps/external/decide-linking.ts'
import { enterExternally } from '../steps/external/enter-externally.ts'
import { externalErrorParameters, toRedirectError } from '../steps/external/external-error.ts'
import { usedState } from '../steps/external/load-attempt.ts'
import { sessionFragment } from '../steps/external/session-fragment.ts'
import { issueSession, newSessionSecrets, type TokenAnswer } from '../steps/sessions/issue-session.ts'
import { afterTheFirst, transact } from '../steps/transact.ts'
import { acceptMessage, invalidAssertion } from './accept-message.ts'
import type { AcsForm } from './acs-form.ts'
import { endAttempt, findSignIn, noRelayState } from './find-sign-in.ts'
import { personOfAssertion } from './person-of-assertion.ts'
import { messageHash, rememberedUntil_s } from './saml-provider.ts'

/** Answers with a redirect: with tokens or a code to where the person wanted to go, with an error to the site. */
export async function acceptSso(ctx: Ctx, sent: AcsForm): Promise<Reply> {
  const form = withQuery(ctx, sent)
  let attempt: SamlAttempt | null = null
  try {
    const found = await findSignIn(ctx, form)
    attempt = found.attempt
    const message = { ...form, SAMLResponse: sent.SAMLResponse }
    const assertion = await acceptMessage(ctx, message, found.provider, attempt)
    const person = personOfAssertion(assertion, found.provider)
    return answer(ctx, found.redirect_to, await signIn(ctx, { ...found, form, assertion, person }))
  } catch (error) {
    const shown = toRedirectError(ctx, error instanceof SamlError ? invalidAssertion(ctx, sent, error) : error)
    // What cannot succeed is over; what an outage kept (503, 504) may be tried again.
    if (attempt && shown.status <= 500) await endAttempt(ctx, attempt)
    return {
      ...redirect(redirectWith(whereToTell(ctx, attempt), { query: externalErrorParameters(shown) })),
      ...retryHeaders(shown),
    }
  }
}

/** Pages of our own tell what went wrong with what they began; of all else the site hears. */
const whereToTell = ({ config }: Ctx, attempt: SamlAttempt | null): string =>
  attempt && ownPagePath(config, attempt.redirect_to) !== null ? attempt.redirect_to : config.site_url

/** As recorded, parameters of the query count where the form has none; a response in it is looked at, and never accepted. */
const withQuery = ({ query }: Ctx, form: AcsForm): AcsForm => ({
  SAMLResponse: form.SAMLResponse || (query.get('SAMLResponse') ?? ''),
  SAMLart: form.SAMLart || (query.get('SAMLart') ?? ''),
  RelayState: form.RelayState || (query.get('RelayState') ?? ''),
})

interface SignIn {
  provider: SsoProvider
  attempt: SamlAttempt | null
  form: AcsForm
  assertion: SamlAssertion
  person: ExternalPerson
}

type Outcome = { auth_code: string } | { session: TokenAnswer }

/** One transaction: the relay state and the assertion are used up, and pay for the session or the code. */
async function signIn(ctx: Ctx, { provider, attempt, form, assertion, person }: SignIn): Promise<Outcome> {
  const secrets = newSessionSecrets(ctx)
  const pkce = attempt?.auth_code && attempt.flow_id ? { id: attempt.flow_id, auth_code: attempt.auth_code } : null
  const { entered, outcome } = await afterTheFirst(() =>
    transact(ctx, async (tx) => {
      if (attempt && !(await takeSamlAttempt(tx, attempt.id))) throw noRelayState()
      const entered = await enterExternally(ctx, tx, person, { email_optional: false })
      if (entered.refusal) return { entered, outcome: null }
      const user_id = entered.user.id
      if (!(await markUsed(tx, messageHash(provider, assertion.id), rememberedUntil_s(assertion.until_ms))))
        throw invalidAssertion(ctx, form, new SamlError('the assertion was used before'))
      const holder_id = pkce ? pkce.id : secrets.id
      await insertSamlSession(tx, holder_id, namesOf(provider, assertion))
      if (pkce) {
        if (!(await claimExternalAttempt(tx, { id: pkce.id, code_challenge: '' }))) throw usedState()
        await bindExternalAttempt(tx, { id: pkce.id, user_id, access_token: '', refresh_token: '' })
        return { entered, outcome: { auth_code: pkce.auth_code } }
      }
      const until = assertion.session_until_ms
      const not_after = until === null ? null : new Date(until).toISOString()
      return {
        entered,
        outcome: { session: await issueSession(ctx, tx, { user_id, method: 'sso/saml', secrets, not_after }) },
      }
    }),
  )
  if (entered.refusal) throw entered.refusal
  if (!outcome) throw new AuthError(500, 'unexpected_failure', 'Database error finding user')
  if (entered.created && ctx.hooks.enabled('after_user_created'))
    await tellAfterUserCreated(ctx, (await findUserById(ctx.db, entered.user.id)) ?? entered.user)
  return outcome
}

const namesOf = (provider: SsoProvider, { name, session_index, session_until_ms }: SamlAssertion) => {
  const { value = '', ...more } = name ?? { format: '', name_qualifier: '', sp_name_qualifier: '' }
  return { sso_provider_id: provider.id, name_id: value, name_id_more: more, session_index, until_ms: session_until_ms }
}

function answer({ config }: Ctx, wanted: string, outcome: Outcome): Reply {
  const address = isAllowedReturn(wanted, config) ? wanted : config.site_url
  if ('auth_code' in outcome) return redirect(redirectWith(address, { query: { code: outcome.auth_code } }), 302)
  return redirect(redirectWith(address, { fragment: sessionFragment(outcome.session) }), 302)
}
