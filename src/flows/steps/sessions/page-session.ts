// The session of a browser with the pages: a cookie holds a random handle, the database its hash.
import { z } from 'zod'
import type { Ctx } from '../../../context.ts'
import { randomHash } from '../../../crypto/codes.ts'
import { AuthError } from '../../../errors.ts'
import { findPageSession, putPageSession } from '../../../storage/page-sessions.ts'
import type { RefreshState } from '../../../storage/refresh-tokens.ts'
import { touchSession } from '../../../storage/sessions.ts'
import { text } from '../requests/fields.ts'
import { person, refreshedFrom } from './refresh-outcome.ts'
import { requireValidSession } from './session-validity.ts'

/** What names the session of a browser. */
export const handleBody = z.object({ handle: text })

/** Gives a session a new handle; the one it had leads nowhere from then on (session fixation). */
export async function newPageHandle(ctx: Ctx, session_id: string): Promise<string> {
  const handle = ctx.random(32).toString('base64url')
  await putPageSession(ctx.db, session_id, randomHash(handle))
  return handle
}

/** Seconds after which a request counts as use of the session anew. */
const touchAfter_s = 60

/**
 * The session of a handle, decided on as a refresh is; being asked for keeps it from ending by inactivity.
 * @throws AuthError 403 session_not_found; 400 user_banned or session_expired
 */
export async function requirePageSession(ctx: Ctx, handle: string): Promise<RefreshState> {
  const state = /^[A-Za-z0-9_-]{43}$/.test(handle) ? await findPageSession(ctx.db, randomHash(handle)) : null
  if (!state) throw new AuthError(403, 'session_not_found', 'No session of the pages has this handle')
  await requireValidSession(ctx, ctx.db, state, null, person)
  const { sessions_inactivity_timeout } = ctx.config
  const idle_s = state.refreshed_s ?? state.age_s
  if (idle_s >= touchAfter_s || (sessions_inactivity_timeout > 0 && idle_s * 4000 >= sessions_inactivity_timeout))
    await touchSession(ctx.db, state.session.id, refreshedFrom(ctx))
  return state
}
