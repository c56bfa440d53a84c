// Whether the person who is asked signed in recently enough for the application (OpenID Connect Core §3.1.2.1, §3.1.2.3).
import type { UserCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type AuthorizationDetails, findAuthorizationDetails } from '../../storage/authorization-details.ts'
import type { OAuthAuthorization } from '../../storage/oauth-authorizations.ts'
import type { Tx } from '../steps/transact.ts'
import { isOn } from './oauth-client.ts'

/**
 * The details of a request whose person may answer it; who signed in since it was made always may.
 * @throws AuthError 403 reauthentication_needed
 */
export async function requireFreshSignIn(
  ctx: UserCtx,
  tx: Tx,
  { id }: OAuthAuthorization,
): Promise<AuthorizationDetails | null> {
  const details = isOn(ctx, 'prompt') ? await findAuthorizationDetails(tx, id) : null
  if (!details) return null
  const { prompt, max_age_s, asked_at } = details
  const { session, now_ms } = ctx.caller
  const signed_in = session ? Date.parse(session.created_at) : Number.NEGATIVE_INFINITY
  const isOld = max_age_s !== null && now_ms - signed_in > max_age_s * 1000
  const isWanted = prompt?.split(' ').includes('login') ?? false
  if ((isOld || isWanted) && signed_in < Date.parse(asked_at))
    throw new AuthError(403, 'reauthentication_needed', 'The application asks for a new sign-in')
  return details
}
