// POST /token?grant_type=refresh_token: a refresh token for new tokens of the same session (RFC 6749 §6).
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { isStoredTokenForm, readSignedToken } from '../crypto/refresh-token.ts'
import { invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { lockSessionOfToken } from '../storage/refresh-tokens.ts'
import { lockSession } from '../storage/sessions.ts'
import { auditAll } from './steps/records/audit.ts'
import { text } from './steps/requests/fields.ts'
import { signAccessToken } from './steps/sessions/access-token.ts'
import { tokenAnswer } from './steps/sessions/issue-session.ts'
import { refreshAtOnce } from './steps/sessions/refresh-at-once.ts'
import { type Refreshed, refreshedClaims, touched } from './steps/sessions/refresh-outcome.ts'
import { refreshSigned } from './steps/sessions/refresh-signed.ts'
import { refreshStored } from './steps/sessions/refresh-stored.ts'
import { type Tx, transact } from './steps/transact.ts'

export const refreshBody = z.object({ refresh_token: text })

/** Answers with the session's new tokens. */
export async function refreshSession(ctx: Ctx, { refresh_token }: z.infer<typeof refreshBody>): Promise<Reply> {
  const signed = isStoredTokenForm(refresh_token) ? null : readSignedToken(refresh_token)
  if (!signed && !isStoredTokenForm(refresh_token)) throw invalid('Refresh token is not valid')
  const swapped = signed ? null : await refreshAtOnce(ctx, refresh_token)
  if (swapped) return answer(swapped, swapped.access_token)
  const outcome = await transact(ctx, async (tx) => {
    const locked = signed ? lockSession(tx, signed.session_id) : lockSessionOfToken(tx, refresh_token)
    const refreshed = signed ? refreshSigned(ctx, tx, signed) : refreshStored(ctx, tx, refresh_token)
    const [, result] = await Promise.all([locked, refreshed])
    return 'refusal' in result ? result : finish(ctx, tx, result)
  })
  if ('refusal' in outcome) throw outcome.refusal
  return outcome
}

async function finish(ctx: Ctx, tx: Tx, refreshed: Refreshed): Promise<Reply> {
  const claims = refreshedClaims(ctx, refreshed.state)
  const [access_token, , swap] = await Promise.all([
    signAccessToken(ctx, tx, claims, 'token_refresh'),
    auditAll(ctx, tx, refreshed.state.user, [
      { action: 'token_refreshed' },
      ...(refreshed.swapped ? [{ action: 'token_revoked' as const }] : []),
    ]),
    refreshed.writes,
  ])
  const state = touched(refreshed.state, swap)
  return answer({ ...refreshed, state }, { text: access_token, exp: Number(claims.exp) })
}

function answer(
  { state, refresh_token, counter, headers }: Pick<Refreshed, 'state' | 'refresh_token' | 'counter' | 'headers'>,
  access_token: { text: string; exp: number },
): Reply {
  const result = tokenAnswer(
    state.user,
    { access_token: access_token.text, refresh_token, exp: access_token.exp, now_s: state.now_s },
    { session_id: state.session.id, ...(counter !== undefined && { counter }) },
  )
  return json(result.body, { ...result.headers, ...headers })
}
