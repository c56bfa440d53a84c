// GET and POST /oauth/logout: an application signs a person out who has left it (OpenID Connect RP-Initiated Logout 1.0).
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { pageAddress } from '../../config/pages-address.ts'
import type { Ctx } from '../../context.ts'
import { publicJwks } from '../../crypto/keys.ts'
import { AuthError } from '../../errors.ts'
import { type Reply, redirect } from '../../reply.ts'
import { findOAuthClient, type OAuthClient } from '../../storage/oauth-clients.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { findUserById } from '../../storage/users.ts'
import { redirectWith } from '../steps/answers/redirect-with.ts'
import { audit } from '../steps/records/audit.ts'
import { text } from '../steps/requests/fields.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import { requirePageSession } from '../steps/sessions/page-session.ts'
import { transact } from '../steps/transact.ts'
import { clientIdOf } from './client-id.ts'

export const endSessionBody = z.object({
  id_token_hint: text,
  client_id: text,
  post_logout_redirect_uri: text,
  state: text,
})

type Asked = z.infer<typeof endSessionBody>

/** The same, asked for by an address. */
export const endSessionByLink = (ctx: Ctx): Promise<Reply> =>
  endSession(ctx, endSessionBody.parse(Object.fromEntries(ctx.query)))

/**
 * Ends the session that the application has, and that of this browser with the pages, and sends the person to an address that
 * the application registered. Without an ID token of ours the person is asked: anybody can write such a link.
 * @throws AuthError 400 validation_failed; nobody is sent to any other address
 */
export async function endSession(ctx: Ctx, asked: Asked): Promise<Reply> {
  const hint = asked.id_token_hint === '' ? null : await readHint(ctx, asked.id_token_hint)
  const client_id = hint?.client_id ?? clientIdOf(ctx, asked.client_id)
  if (hint && asked.client_id !== '' && clientIdOf(ctx, asked.client_id) !== client_id)
    throw refused('client_id is not that of id_token_hint')
  const client = client_id === null ? null : await findOAuthClient(ctx.db, client_id)
  const target = targetOf(ctx, client, asked)
  if (!hint) {
    if (!ctx.config.pages) throw refused('id_token_hint is required')
    return redirect(pageAddress(ctx.config, '/pages/sign-out'))
  }
  const cookie = await endSessions(ctx, hint)
  return { ...redirect(target), headers: cookie === null ? {} : { 'set-cookie': cookie } }
}

const refused = (message: string): AuthError => new AuthError(400, 'validation_failed', message)

/** Where the person goes: only to an address of the application's own, letter by letter. */
function targetOf(ctx: Ctx, client: OAuthClient | null, { post_logout_redirect_uri: uri, state }: Asked): string {
  if (uri === '') return ctx.config.pages ? pageAddress(ctx.config, '/pages/sign-in') : ctx.config.site_url
  if (!client?.more.post_logout_redirect_uris?.includes(uri)) throw refused('invalid post_logout_redirect_uri')
  return redirectWith(uri, { query: state === '' ? {} : { state } })
}

interface Hint {
  user_id: string
  client_id: string
  session_id: string | null
}

/** An ID token of ours, which may have expired (§2); @throws AuthError 400 validation_failed */
async function readHint(ctx: Ctx, token: string): Promise<Hint> {
  const wrong = refused('id_token_hint is no ID token of this server')
  const keySet = createLocalJWKSet(publicJwks(ctx.keys) as JSONWebKeySet)
  const { payload, protectedHeader } = await compactVerify(token, keySet).catch(() => {
    throw wrong
  })
  const claims = Object(JSON.parse(Buffer.from(payload).toString()))
  const { iss, sub, aud, sid, client_id, session_id, events } = claims
  const isIdToken =
    iss === ctx.config.jwt_issuer && aud === client_id && session_id === undefined && events === undefined
  const own = clientIdOf(ctx, String(aud))
  if (!isIdToken || protectedHeader.typ === 'logout+jwt' || !isUuid(String(sub)) || own === null) throw wrong
  return { user_id: sub, client_id: own, session_id: isUuid(String(sid)) ? sid : null }
}

/** Ends what the hint names, and the session of this browser where it is of the same person; the cookie's end, if there is one. */
async function endSessions(ctx: Ctx, { user_id, client_id, session_id }: Hint): Promise<string | null> {
  const [, prefix = '', handle = ''] =
    /(?:^|;\s*)(__Host-)?postern=([\w-]{43})(?:;|$)/.exec(ctx.header('cookie') ?? '') ?? []
  const browser = handle === '' ? null : await requirePageSession(ctx, handle).catch(() => null)
  const isSame = browser?.user.id === user_id
  await transact(ctx, async (tx) => {
    const user = await findUserById(tx, user_id)
    if (!user) return
    const ended = session_id !== null && (await deleteSessions(tx, user_id, { only: session_id, client_id })) > 0
    if (isSame) await deleteSessions(tx, user_id, { only: browser.session.id })
    if (ended || isSame) await audit(ctx, tx, user, 'logout', { client_id })
  })
  return isSame
    ? `${prefix}postern=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${prefix === '' ? '' : '; Secure'}`
    : null
}
