// Ends a sign-in attempt in one transaction: the state is used up, and the account, identity and session are written.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import type { ProviderTokens } from '../../../providers/provider.ts'
import type { Queryable } from '../../../storage/db.ts'
import { bindExternalAttempt, claimExternalAttempt, type ExternalAttempt } from '../../../storage/flow-state.ts'
import { findUserById } from '../../../storage/users.ts'
import { tellAfterUserCreated } from '../accounts/user-created-hooks.ts'
import { issueSession, newSessionSecrets, type TokenAnswer } from '../sessions/issue-session.ts'
import { afterTheFirst, type Tx, transact } from '../transact.ts'
import { acceptInvite } from './accept-invite.ts'
import type { ExternalPerson } from './decide-linking.ts'
import { enterExternally } from './enter-externally.ts'
import { keepTokens } from './keep-tokens.ts'
import { linkIdentity } from './link-identity.ts'
import { badState, usedState } from './load-attempt.ts'
import { postponeLinking, requireLinkingSession } from './postpone-linking.ts'

/** A code to exchange (PKCE), a session at once, or a question to the person who came back. */
export type Finished =
  | { kind: 'code'; auth_code: string }
  | { kind: 'session'; session: TokenAnswer; tokens: ProviderTokens }
  | { kind: 'question'; secret: string; user_id: string }

/** An account that was signed in; a refusal is thrown after the commit. */
interface Completed {
  user_id: string
  /** Null while the identity waits for the exchange of the code. */
  identity_id: string | null
  refusal: AuthError | null
  /** Whether the after-user-created hook hears of it. */
  is_told: boolean
}

/** Signs in, links or accepts an invitation, as the attempt began; of many callbacks at once one succeeds. */
export async function finishAttempt(
  ctx: Ctx,
  attempt: ExternalAttempt,
  person: ExternalPerson,
  tokens: ProviderTokens,
): Promise<Finished> {
  const secrets = newSessionSecrets(ctx)
  const { done, finished } = await afterTheFirst(() =>
    transact(ctx, async (tx) => {
      if (!(await claimExternalAttempt(tx, attempt)))
        throw attempt.code_challenge === null ? badState('OAuth state not found or expired') : usedState()
      if (isQuestion(ctx, attempt)) return { done: null, finished: await ask(ctx, tx, attempt, person, tokens) }
      const done = isPostponed(attempt)
        ? await waitForCode(ctx, tx, attempt, person, tokens)
        : await complete(ctx, tx, attempt, person)
      if (done.refusal) return { done, finished: null }
      const { user_id } = done
      if (done.identity_id !== null) await keepTokens(ctx, tx, done.identity_id, tokens)
      if (attempt.code_challenge === null) {
        const session = await issueSession(ctx, tx, { user_id, method: 'oauth', secrets })
        return { done, finished: { kind: 'session' as const, session, tokens } }
      }
      const { access_token, refresh_token } = tokens
      await bindExternalAttempt(tx, { id: attempt.id, user_id, access_token, refresh_token })
      return { done, finished: { kind: 'code' as const, auth_code: attempt.auth_code ?? '' } }
    }),
  )
  if (done?.refusal) throw done.refusal
  if (!finished) throw new AuthError(500, 'unexpected_failure', 'Database error finding user')
  if (done?.is_told && ctx.hooks.enabled('after_user_created')) {
    const user = await findUserById(ctx.db, done.user_id)
    if (user) await tellAfterUserCreated(ctx, user)
  }
  return finished
}

type LinkingAttempt = ExternalAttempt & { linking_target_id: string }

const isLinking = (attempt: ExternalAttempt): attempt is LinkingAttempt =>
  attempt.linking_target_id !== null && !attempt.invite_token

/** With PKCE an identity is linked when the code is exchanged. */
const isPostponed = (attempt: ExternalAttempt): attempt is LinkingAttempt =>
  isLinking(attempt) && attempt.code_challenge !== null

/** Without it the person who came back is asked, since it need not be the one who asked (security REV-06). */
const isQuestion = ({ config }: Ctx, attempt: ExternalAttempt): attempt is LinkingAttempt =>
  isLinking(attempt) && attempt.code_challenge === null && config.link_confirm

async function waitForCode(
  ctx: Ctx,
  tx: Queryable,
  { id, linking_target_id: user_id }: LinkingAttempt,
  person: ExternalPerson,
  tokens: ProviderTokens,
): Promise<Completed> {
  await postponeLinking(ctx, tx, { id, is_pkce: true }, { user_id, person, tokens, address: ctx.redirect_to })
  return { user_id, identity_id: null, refusal: null, is_told: false }
}

async function ask(
  ctx: Ctx,
  tx: Queryable,
  { id, linking_target_id: user_id }: LinkingAttempt,
  person: ExternalPerson,
  tokens: ProviderTokens,
): Promise<Finished> {
  const linking = { user_id, person, tokens, address: ctx.redirect_to }
  return { kind: 'question', user_id, secret: await postponeLinking(ctx, tx, { id, is_pkce: false }, linking) }
}

async function complete(ctx: Ctx, tx: Tx, attempt: ExternalAttempt, person: ExternalPerson): Promise<Completed> {
  if (attempt.invite_token) {
    const { user, identity_id } = await acceptInvite(ctx, tx, attempt.invite_token, person)
    return { user_id: user.id, identity_id, refusal: null, is_told: false }
  }
  if (attempt.linking_target_id !== null) {
    const user_id = attempt.linking_target_id
    await requireLinkingSession(tx, { id: attempt.id, user_id })
    return { user_id, ...(await linkIdentity(ctx, tx, person, user_id)), is_told: false }
  }
  const { user, identity_id, refusal } = await enterExternally(ctx, tx, person, attempt)
  return { user_id: user.id, identity_id, refusal, is_told: true }
}
