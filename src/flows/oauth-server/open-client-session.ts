// The session that an application gets once a person has agreed, whichever grant brings it about.
import type { Ctx } from '../../context.ts'
import { OAuthError } from '../../errors.ts'
import { bindSession } from '../../storage/bound-sessions.ts'
import { insertLogoutNotice } from '../../storage/logout-notices.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { holdConsent } from '../../storage/oauth-consents.ts'
import { findUserById, type User } from '../../storage/users.ts'
import { audit } from '../steps/records/audit.ts'
import { issueSession, type SessionSecrets } from '../steps/sessions/issue-session.ts'
import type { Tx } from '../steps/transact.ts'
import { wordsOf } from './authorization-parameters.ts'
import { shownClientId } from './client-id.ts'
import { makeIdToken } from './id-token.ts'
import { isOn } from './oauth-client.ts'
import { type ClientTokens, invalidGrant } from './token-request.ts'

interface ClientSession {
  user: User
  client: OAuthClient
  scope: string
  nonce: string | null
  /** When the person signed in, RFC 3339; the time of the exchange where nobody noted it. */
  signed_in_at?: string | null
  /** Thumbprint of the key that was proved; null for none. */
  jkt: string | null
  secrets: SessionSecrets
  /** What the application showed. */
  proof: 'authorization_code' | 'device_code'
}

/**
 * Opens a session in the caller's transaction.
 * @throws OAuthError 400 invalid_grant where the person has taken back what they agreed to
 */
export async function openClientSession(ctx: Ctx, tx: Tx, asked: ClientSession): Promise<ClientTokens> {
  const { user, client, scope, jkt, secrets, proof } = asked
  // What was taken back after the person had agreed opens nothing, nor what is taken back meanwhile.
  if (!(await holdConsent(tx, user.id, client.id))) throw invalidGrant('Invalid authorization code')
  const { body: session, user: now } = await issueSession(ctx, tx, {
    user_id: user.id,
    method: `oauth_provider/${proof}`,
    secrets,
    client: { id: client.id, scopes: scope, jkt },
  })
  // Clients with credentials prove themselves anew at each refresh, and may change their key (RFC 9449 §5).
  if (jkt !== null && client.client_type === 'public') await bindSession(tx, secrets.id, jkt)
  if (isOn(ctx, 'logout') && client.more.backchannel_logout_uri)
    await insertLogoutNotice(tx, { session_id: secrets.id, user_id: user.id, client_id: client.id })
  await audit(ctx, tx, user, 'login', { provider_type: `oauth_provider_${proof}`, client_id: client.id })
  const { access_token, expires_in, refresh_token, expires_at } = session
  const about = {
    client_id: shownClientId(client),
    scope,
    nonce: asked.nonce,
    session_id: secrets.id,
    signed_in_at: asked.signed_in_at ?? null,
  }
  const isOpenId = wordsOf(scope).includes('openid')
  const id_token = isOpenId && (await makeIdToken(ctx, tx, now, about, expires_at - expires_in))
  return { access_token, expires_in, refresh_token, ...(id_token && { id_token }) }
}

/**
 * The person who agreed, as they are now.
 * @throws OAuthError 400 invalid_grant, access_denied
 */
export async function personWhoAgreed(ctx: Ctx, user_id: string | null): Promise<User> {
  const user = user_id === null ? null : await findUserById(ctx.db, user_id)
  if (!user || user.deleted_at !== null) throw invalidGrant('User not found for authorization code')
  if (user.is_banned) throw new OAuthError('access_denied', 'User is banned')
  return user
}
