// The fragment that brings a session to an application without PKCE.
import type { TokenAnswer } from '../sessions/issue-session.ts'

/** The parameters of a session, beside which a provider's tokens or the type of a link may stand. */
export const sessionFragment = ({ body }: TokenAnswer): Record<string, string> => ({
  access_token: body.access_token,
  expires_at: String(body.expires_at),
  expires_in: String(body.expires_in),
  refresh_token: body.refresh_token,
  sb: '',
  token_type: body.token_type,
})
