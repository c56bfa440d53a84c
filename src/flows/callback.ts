// GET and POST /callback: a person comes back from a provider, and is signed in or linked.
import { z } from 'zod'
import { ownPagePath, pageAddress } from '../config/pages-address.ts'
import type { Ctx } from '../context.ts'
import { type Reply, redirect } from '../reply.ts'
import type { ExternalAttempt } from '../storage/flow-state.ts'
import { findUserById } from '../storage/users.ts'
import { confirmPage } from './steps/answers/confirm-page.ts'
import { redirectWith, retryHeaders } from './steps/answers/redirect-with.ts'
import { type ExternalPerson, shownEmail } from './steps/external/decide-linking.ts'
import { externalErrorParameters, toRedirectError } from './steps/external/external-error.ts'
import { type Finished, finishAttempt } from './steps/external/finish-attempt.ts'
import { sealLinkQuestion } from './steps/external/link-question.ts'
import { badState, loadAttempt, ProviderDenied } from './steps/external/load-attempt.ts'
import { finishPostponedLinking } from './steps/external/postpone-linking.ts'
import { readPerson } from './steps/external/read-person.ts'
import { sessionFragment } from './steps/external/session-fragment.ts'
import { text } from './steps/requests/fields.ts'
import { isUuid } from './steps/requests/uuid.ts'
import { issueSession, newSessionSecrets } from './steps/sessions/issue-session.ts'
import { transact } from './steps/transact.ts'

/** What a provider sends back, in the query or in a form. */
export const callbackForm = z.object({
  state: text,
  code: text,
  error: text,
  error_description: text,
  user: text,
  oauth_token: text,
  oauth_verifier: text,
  denied: text,
})

/** Comes back with parameters of the query (most providers). */
export const callback = (ctx: Ctx): Promise<Reply> => comeBack(ctx, ctx.query)

/** Comes back with a form (Apple); parameters of the query count where the form has none. */
export const callbackByForm = (ctx: Ctx, form: z.infer<typeof callbackForm>): Promise<Reply> => {
  const parameters = new URLSearchParams(ctx.query)
  for (const [name, value] of Object.entries(form)) if (value !== '') parameters.set(name, value)
  return comeBack(ctx, parameters)
}

async function comeBack(ctx: Ctx, parameters: URLSearchParams): Promise<Reply> {
  let attempt: ExternalAttempt
  try {
    attempt = await loadAttempt(ctx, parameters.get('state') ?? '')
  } catch (error) {
    // Without an attempt nobody knows where the person came from: the site itself hears of it.
    const query = externalErrorParameters(toRedirectError(ctx, error))
    return redirect(redirectWith(ctx.config.site_url, { query }))
  }
  const address = returnAddress(ctx, attempt)
  try {
    const { person, tokens } = await readPerson(ctx, attempt, parameters)
    const finished = await finishAttempt({ ...ctx, redirect_to: address }, attempt, person, tokens)
    if (finished.kind === 'question') return await askPerson(ctx, address, attempt, person, finished)
    return withResult(address, finished)
  } catch (error) {
    if (error instanceof ProviderDenied) return withDenial(address, error)
    return withFailure(ctx, address, error)
  }
}

/** Where somebody goes who came back: pages of our own know what they began, whatever address applications share. */
function returnAddress({ config }: Ctx, { referrer }: ExternalAttempt): string {
  if (referrer && ownPagePath(config, referrer) !== null) return referrer
  return config.external_redirecturl || referrer || config.site_url
}

/** The page that names both accounts; only its button links them (security REV-06). */
async function askPerson(
  ctx: Ctx,
  address: string,
  attempt: ExternalAttempt,
  person: ExternalPerson,
  { secret, user_id }: Extract<Finished, { kind: 'question' }>,
): Promise<Reply> {
  const user = await findUserById(ctx.db, user_id)
  const account = user?.email || user?.phone || user_id
  const identity = `${shownEmail(person) ?? person.sub} at ${person.provider}`
  const parameters = { error: 'access_denied', error_description: 'The identity was not linked' }
  const decline = redirectWith(address, { query: parameters })
  if (ctx.config.pages) {
    const { provider } = person
    const named = { identity: shownEmail(person) ?? person.sub, provider, account }
    const question = sealLinkQuestion(ctx, { ...named, decline, state: attempt.id, secret })
    return redirect(pageAddress(ctx.config, `/pages/link?${new URLSearchParams({ question })}`), 302)
  }
  return confirmPage({
    title: 'Link the two accounts',
    text: [
      `Your account ${identity} will open the account ${account} here.`,
      'Go on only if both are yours, and if it was you who asked for this.',
    ],
    action: `${ctx.external_url}/callback/link`,
    fields: { state: attempt.id, secret },
    decline,
  })
}

export const linkForm = z.object({ state: text, secret: text })

/** POST /callback/link: the button of that page. */
export async function agreeToLink(ctx: Ctx, { state, secret }: z.infer<typeof linkForm>): Promise<Reply> {
  const secrets = newSessionSecrets(ctx)
  let address = ctx.config.site_url
  try {
    if (!isUuid(state)) throw badState('OAuth state parameter is invalid')
    const { session, tokens, refusal } = await transact(ctx, async (tx) => {
      const linked = await finishPostponedLinking(ctx, tx, state, secret)
      if (!linked) throw badState('OAuth state not found or expired')
      const { linking, refusal } = linked
      address = linking.address
      if (refusal) return { refusal, session: null, tokens: linking.tokens }
      const session = await issueSession(ctx, tx, { user_id: linking.user_id, method: 'oauth', secrets })
      return { refusal, session, tokens: linking.tokens }
    })
    if (!session) throw refusal ?? badState('OAuth state not found or expired')
    return withResult(address, { kind: 'session', session, tokens })
  } catch (error) {
    return withFailure(ctx, address, error)
  }
}

function withFailure(ctx: Ctx, address: string, error: unknown): Reply {
  const shown = toRedirectError(ctx, error)
  const query = externalErrorParameters(shown)
  return {
    ...redirect(redirectWith(address, { query, fragment: { ...query, sb: '' } }), 302),
    ...retryHeaders(shown),
  }
}

function withResult(address: string, finished: Exclude<Finished, { kind: 'question' }>): Reply {
  if (finished.kind === 'code') return redirect(redirectWith(address, { query: { code: finished.auth_code } }), 302)
  const { access_token, refresh_token } = finished.tokens
  const fragment = {
    ...sessionFragment(finished.session),
    ...(refresh_token !== '' && { provider_refresh_token: refresh_token }),
    provider_token: access_token,
  }
  return redirect(redirectWith(address, { fragment }), 302)
}

/** The provider's own words, as they came. */
function withDenial(address: string, { error, error_description }: ProviderDenied): Reply {
  const fragment = { error, ...(error_description !== '' && { error_description }), sb: '' }
  return redirect(redirectWith(address, { query: { error, error_description }, fragment }), 302)
}
