// POST /signup without an address: an account for somebody who gives no name.
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { constraintRefusal } from '../storage/constraint-refusal.ts'
import type { Metadata } from '../storage/metadata.ts'
import { insertUser } from '../storage/users.ts'
import { askBeforeUserCreated, tellAfterUserCreated } from './steps/accounts/user-created-hooks.ts'
import { requireSignUps } from './steps/requests/require-sign-ups.ts'
import { issueSession, newSessionSecrets } from './steps/sessions/issue-session.ts'
import { transact } from './steps/transact.ts'

/** The reference says no more of what kept an account from being made; an outage stays one, and what a constraint refuses. */
function asNoAccount(cause: unknown): never {
  if (cause instanceof AuthError && (cause.status === 503 || cause.status === 504)) throw cause
  const refused = constraintRefusal(cause)
  if (refused) throw refused
  throw new AuthError(500, 'unexpected_failure', 'Database error creating anonymous user', { cause })
}

/** Creates the account and answers with its session. */
export async function signUpAnonymously(ctx: Ctx, data: Metadata): Promise<Reply> {
  if (!ctx.config.external_anonymous_users_enabled)
    throw new AuthError(422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled')
  await ctx.limits.take('anonymous', ctx.client)
  requireSignUps(ctx)
  const id = randomUUID()
  await askBeforeUserCreated(ctx, { id, aud: ctx.aud, app_metadata: {}, user_metadata: data, is_anonymous: true })
  const secrets = newSessionSecrets(ctx)
  const session = await transact(ctx, async (tx) => {
    await insertUser(tx, {
      id,
      aud: ctx.aud,
      role: ctx.config.jwt_default_group_name,
      encrypted_password: '',
      raw_app_meta_data: {},
      raw_user_meta_data: data,
      is_anonymous: true,
    })
    return issueSession(ctx, tx, { user_id: id, method: 'anonymous', secrets })
  }).catch(asNoAccount)
  await tellAfterUserCreated(ctx, session.user)
  return json(session.body)
}
