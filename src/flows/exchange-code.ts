// POST /token?grant_type=pkce: the code of a redirect and its verifier for a session (RFC 7636 §4.5).
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { pkceChallengeMatches } from '../crypto/codes.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { consumeFlow, type FlowState, findFlowByAuthCode } from '../storage/flow-state.ts'
import { takeHandOff } from '../storage/page-sessions.ts'
import { moveSamlSession } from '../storage/saml-sessions.ts'
import { findUserById, holdUser } from '../storage/users.ts'
import { handSession } from './steps/external/hand-session.ts'
import { isPagesProvider } from './steps/external/pages-provider.ts'
import { finishPostponedLinking } from './steps/external/postpone-linking.ts'
import { audit } from './steps/records/audit.ts'
import { text } from './steps/requests/fields.ts'
import { requireNoBan } from './steps/requests/require-no-ban.ts'
import { isUuid } from './steps/requests/uuid.ts'
import {
  issueSession,
  newSessionSecrets,
  type SessionSecrets,
  type TokenAnswer,
} from './steps/sessions/issue-session.ts'
import { afterTheFirst, type Tx, transact } from './steps/transact.ts'

export const exchangeBody = z.object({ auth_code: text, code_verifier: text })

const noFlow = (): AuthError =>
  new AuthError(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found')

/** Answers with a session, and with the provider's tokens where the flow has kept them; a code works once. */
export async function exchangeCode(ctx: Ctx, body: z.infer<typeof exchangeBody>): Promise<Reply> {
  const { auth_code, code_verifier } = body
  if (auth_code === '' || code_verifier === '')
    throw invalid('invalid request: both auth code and code verifier should be non-empty')
  const flow = isUuid(auth_code) ? await findFlowByAuthCode(ctx.db, auth_code) : null
  if (!flow?.user_id) throw noFlow()
  if (isOver(ctx, flow)) throw new AuthError(422, 'flow_state_expired', 'invalid flow state, flow state has expired')
  const { code_challenge, code_challenge_method } = flow
  if (
    !code_challenge ||
    !code_challenge_method ||
    !pkceChallengeMatches(code_verifier, code_challenge, code_challenge_method)
  )
    throw new AuthError(400, 'bad_code_verifier', 'code challenge does not match previously saved code verifier')
  const secrets = newSessionSecrets(ctx)
  const { user_id } = flow
  const { session, refusal } = await afterTheFirst(() =>
    transact(ctx, async (tx) => {
      // The account's row is held first, so that signing out everywhere ends the code, or finds the session that it opened.
      const [, isFirst, user] = await Promise.all([
        holdUser(tx, user_id),
        consumeFlow(tx, flow.id),
        findUserById(tx, user_id),
      ])
      if (!isFirst || !user) throw noFlow()
      requireNoBan(user)
      const linked =
        flow.authentication_method === 'oauth' ? await finishPostponedLinking(ctx, tx, flow.id, null) : null
      const refusal = linked?.refusal ?? null
      if (refusal) return { refusal, session: null }
      await audit(ctx, tx, user, 'login', { provider_type: flow.provider_type })
      return { refusal, session: await openSession(ctx, tx, { ...flow, user_id }, secrets) }
    }),
  )
  if (!session) throw refusal ?? noFlow()
  const { provider_access_token, provider_refresh_token } = flow
  return json({
    ...session.body,
    ...(provider_access_token && { provider_token: provider_access_token }),
    ...(provider_refresh_token && { provider_refresh_token }),
  })
}

/** The session that the code stands for: one of the pages that is handed on, or a new one. */
async function openSession(
  ctx: Ctx,
  tx: Tx,
  { id, user_id, referrer, provider_type, authentication_method: method }: FlowState & { user_id: string },
  secrets: SessionSecrets,
): Promise<TokenAnswer> {
  if (isPagesProvider(ctx.config, provider_type)) {
    const from_id = await takeHandOff(tx, id)
    if (from_id === null) throw noFlow()
    return handSession(ctx, tx, { from_id, address: referrer || ctx.config.site_url, secrets })
  }
  const not_after = method === 'sso/saml' ? await moveSamlSession(tx, id, secrets.id) : null
  return issueSession(ctx, tx, { user_id, method, secrets, not_after })
}

/** A magic link's flow lives from the moment the link was followed, others from the request. */
function isOver(ctx: Ctx, flow: FlowState): boolean {
  const age_s = flow.authentication_method === 'magiclink' && flow.issued_s !== null ? flow.issued_s : flow.age_s
  return age_s * 1000 >= ctx.config.external_flow_state_expiry_duration
}
