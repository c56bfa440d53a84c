// Opens a session for an account and makes the answer that carries its tokens.
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import { makeSignedToken, newRefreshToken } from '../../../crypto/refresh-token.ts'
import { AuthError } from '../../../errors.ts'
import { hasVerifiedFactor } from '../../../storage/factors.ts'
import { insertSession } from '../../../storage/sessions.ts'
import type { User } from '../../../storage/users.ts'
import { presentUser } from '../answers/present-user.ts'
import { requireNoBan } from '../requests/require-no-ban.ts'
import type { Tx } from '../transact.ts'
import { type AccessToken, signAccessToken, tokenClaims } from './access-token.ts'
import { trustedDeviceMethod } from './assurance.ts'
import { nextStep } from './mfa-policy.ts'
import { nameSession } from './name-session.ts'
import { raiseByDevice } from './trusted-device.ts'

/** Identifier and refresh token of a session that is about to open; made once, also if its transaction repeats. */
export interface SessionSecrets {
  id: string
  /** The refresh token as the client gets it. */
  refresh_token: string
  /** Key of signed tokens, or null for stored ones. */
  key: string | null
}

/** Makes the secrets of a new session in the configured form of refresh tokens. */
export function newSessionSecrets(ctx: Ctx): SessionSecrets {
  const id = randomUUID()
  if (ctx.config.security_refresh_token_algorithm_version !== 2)
    return { id, refresh_token: newRefreshToken(ctx.random), key: null }
  const key = ctx.random(32).toString('base64url')
  return { id, refresh_token: makeSignedToken({ session_id: id, counter: 0, key }), key }
}

/** The key of signed tokens as the session's row keeps it; null for stored ones. */
export const sealedKey = (ctx: Ctx, { id, key }: SessionSecrets): string | null =>
  key === null ? null : ctx.column_cipher.encrypt(key, id)

/** TOK of routes.md, with the account. */
export interface TokenAnswer {
  body: {
    access_token: string
    token_type: 'bearer'
    expires_in: number
    expires_at: number
    refresh_token: string
    user: Record<string, unknown>
    [more: string]: unknown
  }
  user: User
}

/** Who signs in and how. */
export interface SignIn {
  user_id: string
  /** Name of the proof in `amr`. */
  method: string
  secrets: SessionSecrets
  not_after?: string | null
  /** The OAuth client that the session is for, its scopes separated by spaces, and the key that its access token is bound to. */
  client?: { id: string; scopes: string; jkt?: string | null }
}

/**
 * Opens a session in the caller's transaction and signs its access token.
 * @throws AuthError 403 user_not_found when the account is gone or deleted softly, user_banned when it was banned meanwhile
 */
export async function issueSession(ctx: Ctx, tx: Tx, signIn: SignIn): Promise<TokenAnswer> {
  const { secrets, user_id, method } = signIn
  const opened = await insertSession(tx, {
    id: secrets.id,
    user_id,
    method,
    user_agent: ctx.user_agent,
    ip: ctx.client_address,
    refresh_token: secrets.key === null ? secrets.refresh_token : null,
    refresh_token_hmac_key: sealedKey(ctx, secrets),
    not_after: signIn.not_after ?? null,
    oauth_client_id: signIn.client?.id ?? null,
    scopes: signIn.client?.scopes ?? null,
  })
  // Codes that were out when it was deleted softly open nothing, nor does a sign-in that was under way.
  if (!opened || opened.deleted_at !== null) throw new AuthError(403, 'user_not_found', 'User not found')
  const { opened_at, ...user } = opened
  // They were let in before: so much time lies between where a hook or a key in KMS is asked.
  requireNoBan(user)
  const isOwn = !signIn.client && hasVerifiedFactor(user.factors)
  const device = isOwn ? await raiseByDevice(ctx, tx, { id: secrets.id, user_id }) : null
  const session = {
    id: secrets.id,
    aal: device ? 'aal2' : 'aal1',
    age_s: 0,
    amr: [...(device ? [trustedDeviceMethod, method] : [method])].map((name) => ({
      method: name,
      timestamp: opened_at,
    })),
    ...(signIn.client && {
      oauth_client_id: signIn.client.id,
      scopes: signIn.client.scopes,
      jkt: signIn.client.jkt ?? null,
    }),
  }
  const { id: session_id, refresh_token, key } = secrets
  nameSession(ctx, { user_id, session_id, refresh_token, ...(key !== null && { counter: 0 }) })
  const claims = tokenClaims(ctx, user, session, opened_at)
  const access_token = await signAccessToken(ctx, tx, claims, method)
  tx.afterCommit(() => {
    ctx.log_fields.auth_event = { action: 'login', user_id, method }
  })
  const answer = tokenAnswer(user, access_token, refresh_token)
  Object.assign(answer.body, device && { trusted_device: device }, nextStep(ctx, user, session))
  return answer
}

/** The answer of a session that was opened or refreshed. */
export function tokenAnswer(user: User, { text, exp, expires_in }: AccessToken, refresh_token: string): TokenAnswer {
  return {
    body: {
      access_token: text,
      token_type: 'bearer',
      expires_in,
      expires_at: exp,
      refresh_token,
      user: presentUser(user),
    },
    user,
  }
}
