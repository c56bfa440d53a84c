// What follows a sign-in: this browser gets a session of the pages, and goes on where it was going.
import { requireNoOutage } from '../api-outage.ts'
import { goTo, type PageCtx, type PageReply } from '../page.ts'
import { messagePage } from '../parts/message-page.ts'
import { along, arrival, type Journey, journeyOf, journeysEnd } from './journey.ts'

/** The access token of an answer that signs in; `''` where it does not. */
export const accessTokenOf = (body: unknown): string => {
  const token: unknown = Object(body).access_token
  return typeof token === 'string' ? token : ''
}

/**
 * Gives this browser a handle for the session, always a new one, so that nobody can have known it before.
 * @param path where to go instead of the journey's end
 */
export async function finishSignIn(
  ctx: PageCtx,
  access_token: string,
  journey: Journey,
  path = arrival(journey),
): Promise<PageReply> {
  const before = ctx.person
  const answer = await ctx.api('POST', '/pages/session', { as: access_token })
  const opened = requireNoOutage(answer, 'no session of the pages')
  const handle: unknown = Object(opened.body).handle
  if (!opened.ok || typeof handle !== 'string') throw new Error(`no session of the pages: status ${opened.status}`)
  // Whoever was signed in here before is not any more; the same session, at a higher level, goes on.
  if (before && sessionOf(access_token) !== before.session_id)
    await ctx.api('DELETE', '/pages/session', { body: { handle: ctx.handle } })
  ctx.set_handle(handle)
  return goTo(path)
}

/** The session that a token of our own is of. */
function sessionOf(access_token: string): unknown {
  const [, claims = ''] = access_token.split('.')
  return Object(JSON.parse(Buffer.from(claims, 'base64url').toString())).session_id
}

/** GET /pages/signed-in: a second factor first, where one is asked for, then the journey's end. */
export function arrive(ctx: PageCtx): PageReply {
  const journey = journeyOf(ctx)
  if (!ctx.person) return goTo(along('/pages/sign-in', journey))
  if (ctx.person.next === 'verify') return goTo(along('/pages/second-factor', journey))
  if (ctx.person.next === 'enroll') return goTo(along('/pages/account/factors', journey))
  return journeysEnd(journey)
}

/** What somebody is told whose account is blocked. */
export const bannedPage = (ctx: PageCtx): PageReply =>
  messagePage(ctx, { status: 403, title: ctx.words('hosted.banned_title'), text: ctx.words('hosted.banned_text') })
