// Ends a round trip in one transaction: the state is used up, and the account, identity and session are written.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import type { ProviderTokens } from '../../../providers/provider.ts'
import type { Queryable } from '../../../storage/db.ts'
import type { ExternalFlow } from '../../../storage/flow-state.ts'
import { bindExternalFlow, claimExternalFlow } from '../../../storage/flow-state.ts'
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
import { postponeLinking } from './postpone-linking.ts'

/** A code to exchange (PKCE), or a session at once. */
export type Finished =
  | { kind: 'code'; auth_code: string }
  | { kind: 'session'; session: TokenAnswer; tokens: ProviderTokens }

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
  attempt: ExternalFlow,
  person: ExternalPerson,
  tokens: ProviderTokens,
): Promise<Finished> {
  const secrets = newSessionSecrets(ctx)
  const { done, finished } = await afterTheFirst(() =>
    transact(ctx, async (tx) => {
      if (!(await claimExternalFlow(tx, attempt)))
        throw attempt.code_challenge === null ? badState('OAuth state not found or expired') : usedState()
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
      await bindExternalFlow(tx, { id: attempt.id, user_id, access_token, refresh_token })
      return { done, finished: { kind: 'code' as const, auth_code: attempt.auth_code ?? '' } }
    }),
  )
  if (done.refusal) throw done.refusal
  if (!finished) throw new AuthError(500, 'unexpected_failure', 'Database error finding user')
  if (done.is_told && ctx.hooks.enabled('after_user_created')) {
    const user = await findUserById(ctx.db, done.user_id)
    if (user) await tellAfterUserCreated(ctx, user)
  }
  return finished
}

/** A link with PKCE is made when its code is exchanged. */
const isPostponed = (attempt: ExternalFlow): attempt is ExternalFlow & { linking_target_id: string } =>
  attempt.linking_target_id !== null && attempt.code_challenge !== null && !attempt.invite_token

async function waitForCode(
  ctx: Ctx,
  tx: Queryable,
  { id, linking_target_id: user_id }: ExternalFlow & { linking_target_id: string },
  person: ExternalPerson,
  tokens: ProviderTokens,
): Promise<Completed> {
  await postponeLinking(ctx, tx, { id, user_id }, { person, tokens })
  return { user_id, identity_id: null, refusal: null, is_told: false }
}

async function complete(ctx: Ctx, tx: Tx, attempt: ExternalFlow, person: ExternalPerson): Promise<Completed> {
  if (attempt.invite_token) {
    const { user, identity_id } = await acceptInvite(ctx, tx, attempt.invite_token, person)
    return { user_id: user.id, identity_id, refusal: null, is_told: false }
  }
  if (attempt.linking_target_id !== null) {
    const user_id = attempt.linking_target_id
    return { user_id, ...(await linkIdentity(ctx, tx, person, user_id)), is_told: false }
  }
  const { user, identity_id, refusal } = await enterExternally(ctx, tx, person, attempt.email_optional)
  return { user_id: user.id, identity_id, refusal, is_told: true }
}
