// Ends a round trip in one transaction: the state is used up, and the account, identity and session are written.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import type { ProviderTokens } from '../../../providers/provider.ts'
import type { Queryable } from '../../../storage/db.ts'
import { bindExternalFlow, claimExternalFlow, type ExternalFlow } from '../../../storage/external-flows.ts'
import { findUserById } from '../../../storage/users.ts'
import { tellAfterUserCreated } from '../accounts/user-created-hooks.ts'
import { issueSession, newSessionSecrets, type TokenAnswer } from '../sessions/issue-session.ts'
import { type Tx, transact } from '../transact.ts'
import { acceptInvite } from './accept-invite.ts'
import { afterTheFirst } from './after-the-first.ts'
import type { ExternalPerson } from './decide-linking.ts'
import { enterExternally } from './enter-externally.ts'
import { keepTokens } from './keep-tokens.ts'
import { linkToUser } from './link-to-user.ts'
import { badState, usedState } from './load-flow.ts'
import { postponeLink } from './postpone-link.ts'

/** A code to exchange (PKCE), or a session at once. */
export type Finished =
  | { kind: 'code'; auth_code: string }
  | { kind: 'session'; session: TokenAnswer; tokens: ProviderTokens }

/** An account that came in; a refusal is thrown after the commit. */
interface CameIn {
  user_id: string
  /** Null while the identity waits for the exchange of the code. */
  identity_id: string | null
  refusal: AuthError | null
  /** Whether the after-user-created hook hears of it. */
  is_told: boolean
}

/** Signs in, links or accepts an invitation, as the flow began; of many callbacks at once one succeeds. */
export async function finishFlow(
  ctx: Ctx,
  flow: ExternalFlow,
  person: ExternalPerson,
  tokens: ProviderTokens,
): Promise<Finished> {
  const secrets = newSessionSecrets(ctx)
  const { came, finished } = await afterTheFirst(() =>
    transact(ctx, async (tx) => {
      if (!(await claimExternalFlow(tx, flow)))
        throw flow.code_challenge === null ? badState('OAuth state not found or expired') : usedState()
      const came = isPostponed(flow)
        ? await waitForCode(ctx, tx, flow, person, tokens)
        : await comeIn(ctx, tx, flow, person)
      if (came.refusal) return { came, finished: null }
      const { user_id } = came
      if (came.identity_id !== null) await keepTokens(ctx, tx, came.identity_id, tokens)
      if (flow.code_challenge === null) {
        const session = await issueSession(ctx, tx, { user_id, method: 'oauth', secrets })
        return { came, finished: { kind: 'session' as const, session, tokens } }
      }
      const { access_token, refresh_token } = tokens
      await bindExternalFlow(tx, { id: flow.id, user_id, access_token, refresh_token })
      return { came, finished: { kind: 'code' as const, auth_code: flow.auth_code ?? '' } }
    }),
  )
  if (came.refusal) throw came.refusal
  if (!finished) throw new AuthError(500, 'unexpected_failure', 'Database error finding user')
  if (came.is_told && ctx.hooks.enabled('after_user_created')) {
    const user = await findUserById(ctx.db, came.user_id)
    if (user) await tellAfterUserCreated(ctx, user)
  }
  return finished
}

/** A link with PKCE is made when its code is exchanged. */
const isPostponed = (flow: ExternalFlow): flow is ExternalFlow & { linking_target_id: string } =>
  flow.linking_target_id !== null && flow.code_challenge !== null && !flow.invite_token

async function waitForCode(
  ctx: Ctx,
  tx: Queryable,
  { id, linking_target_id: user_id }: ExternalFlow & { linking_target_id: string },
  person: ExternalPerson,
  tokens: ProviderTokens,
): Promise<CameIn> {
  await postponeLink(ctx, tx, { id, user_id }, { person, tokens })
  return { user_id, identity_id: null, refusal: null, is_told: false }
}

async function comeIn(ctx: Ctx, tx: Tx, flow: ExternalFlow, person: ExternalPerson): Promise<CameIn> {
  if (flow.invite_token) {
    const { user, identity_id } = await acceptInvite(ctx, tx, flow.invite_token, person)
    return { user_id: user.id, identity_id, refusal: null, is_told: false }
  }
  if (flow.linking_target_id !== null) {
    const user_id = flow.linking_target_id
    return { user_id, ...(await linkToUser(ctx, tx, person, user_id)), is_told: false }
  }
  const { user, identity_id, refusal } = await enterExternally(ctx, tx, person, flow.email_optional)
  return { user_id: user.id, identity_id, refusal, is_told: true }
}
