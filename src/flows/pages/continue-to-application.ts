// POST /pages/session/continue and /pages/attempt/decline: a person lets an application have a session, or does not.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { bindExternalAttempt, claimExternalAttempt, consumeFlow } from '../../storage/flow-state.ts'
import { insertHandOff } from '../../storage/page-sessions.ts'
import { lockUser } from '../../storage/users.ts'
import { redirectWith } from '../steps/answers/redirect-with.ts'
import { handSession } from '../steps/external/hand-session.ts'
import { usedState } from '../steps/external/load-attempt.ts'
import { sessionFragment } from '../steps/external/session-fragment.ts'
import { audit } from '../steps/records/audit.ts'
import { text } from '../steps/requests/fields.ts'
import { levelOf } from '../steps/sessions/assurance.ts'
import { newSessionSecrets } from '../steps/sessions/issue-session.ts'
import { stepBeforeHandOff } from '../steps/sessions/mfa-policy.ts'
import { requirePageSession } from '../steps/sessions/page-session.ts'
import { transact } from '../steps/transact.ts'
import { type attemptBody, loadPagesAttempt } from './pages-attempt.ts'

export const continueBody = z.object({ handle: text, attempt: text })

/**
 * Answers with the address that takes the browser back to the application, with a code or a session; an attempt counts once.
 * @throws AuthError 403 mfa_required while a second factor waits; those of the session and of the attempt
 */
export async function continueToApplication(
  ctx: Ctx,
  { handle, attempt: id }: z.infer<typeof continueBody>,
): Promise<Reply> {
  const { user, session } = await requirePageSession(ctx, handle)
  if (stepBeforeHandOff(ctx, user, { ...session, aal: levelOf(session, user.factors) }))
    throw new AuthError(403, 'mfa_required', 'A second factor must be shown before an application gets a session')
  const attempt = await loadPagesAttempt(ctx, id)
  const { address, provider_type } = attempt
  const secrets = newSessionSecrets(ctx)
  const result = await transact(ctx, async (tx) => {
    // The account's row is held, so that signing out everywhere comes before this or finds what it made.
    if (!(await lockUser(tx, user.id))) throw new AuthError(403, 'user_not_found', 'User not found')
    if (!(await claimExternalAttempt(tx, attempt))) throw usedState()
    await audit(ctx, tx, user, 'login', { provider: provider_type })
    if (attempt.code_challenge === null)
      return { fragment: sessionFragment(await handSession(ctx, tx, { from_id: session.id, address, secrets })) }
    if (!(await insertHandOff(tx, attempt.id, session.id)))
      throw new AuthError(403, 'session_not_found', 'The session with the pages is over')
    await bindExternalAttempt(tx, { id: attempt.id, user_id: user.id, access_token: '', refresh_token: '' })
    return { query: { code: attempt.auth_code ?? '' } }
  })
  return json({ location: redirectWith(address, result) })
}

/** Uses an attempt up and answers with the address that tells the application of a person who did not go on. */
export async function declineAttempt(ctx: Ctx, { attempt: id }: z.infer<typeof attemptBody>): Promise<Reply> {
  const attempt = await loadPagesAttempt(ctx, id)
  if (!(await consumeFlow(ctx.db, attempt.id))) throw usedState()
  const parameters = { error: 'access_denied', error_description: 'The person did not sign in' }
  return json({ location: redirectWith(attempt.address, { query: parameters, fragment: { ...parameters, sb: '' } }) })
}
