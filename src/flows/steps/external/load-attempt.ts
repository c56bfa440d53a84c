// The sign-in attempt that a callback belongs to.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { type ExternalAttempt, findExternalAttempt } from '../../../storage/flow-state.ts'
import { findUserById } from '../../../storage/users.ts'
import { isUuid } from '../requests/uuid.ts'

/** The provider says that the person, or itself, did not go on; its own words are passed on. */
export class ProviderDenied extends Error {
  readonly error: string
  readonly error_description: string

  constructor(error: string, error_description: string) {
    super(`the provider answered ${error}`)
    this.name = 'ProviderDenied'
    this.error = error
    this.error_description = error_description
  }
}

/** 400 for a `state` that leads nowhere. */
export const badState = (message: string): AuthError => new AuthError(400, 'bad_oauth_state', message)

/** 400 for a `state` that was used. */
export const usedState = (): AuthError => new AuthError(400, 'flow_state_already_used', 'State has already been used')

/**
 * The sign-in attempt of a `state`.
 * @throws AuthError 400 bad_oauth_callback, bad_oauth_state or flow_state_already_used; 422 user_not_found
 */
export async function loadAttempt(ctx: Ctx, state: string): Promise<ExternalAttempt> {
  if (state === '') throw new AuthError(400, 'bad_oauth_callback', 'OAuth state parameter missing')
  if (!isUuid(state)) throw badState('OAuth state parameter is invalid')
  const attempt = await findExternalAttempt(ctx.db, state)
  if (!attempt) throw badState('OAuth state not found or expired')
  if (attempt.user_id !== null) throw usedState()
  if (attempt.age_s * 1000 >= ctx.config.external_flow_state_expiry_duration) throw badState('OAuth state has expired')
  if (attempt.linking_target_id !== null && !(await findUserById(ctx.db, attempt.linking_target_id)))
    throw new AuthError(422, 'user_not_found', 'Linking target user not found')
  return attempt
}
