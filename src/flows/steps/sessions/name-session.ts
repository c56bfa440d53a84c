// The headers that name the session of a request, also where a hook then refuses its token.
import type { Ctx } from '../../../context.ts'

/** The session that a request opens or goes on with; stored refresh tokens are named by their beginning, signed ones counted. */
export interface NamedSession {
  user_id: string
  session_id: string
  refresh_token: string
  counter?: number | undefined
}

/** Names the session in the answer, whatever comes of the request from here on, as the reference does. */
export function nameSession(ctx: Ctx, { user_id, session_id, refresh_token, counter }: NamedSession): void {
  Object.assign(ctx.answer_headers, {
    'sb-auth-user-id': user_id,
    'sb-auth-session-id': session_id,
    ...(counter === undefined
      ? { 'sb-auth-refresh-token-prefix': refresh_token.slice(0, 5) }
      : { 'sb-auth-refresh-token-counter': String(counter) }),
  })
}
