// Signing out of the pages.
import { html } from 'hono/html'
import { done, goTo, type PageCtx, type PageReply } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, buttonLink, postForm } from '../parts/form.ts'
import { along, journeyOf } from './journey.ts'

/** GET /pages/sign-out: asks first, since a link must not sign anybody out. */
export function askToSignOut(ctx: PageCtx): PageReply {
  const { words, person } = ctx
  const journey = journeyOf(ctx)
  if (!person) return goTo(along('/pages/sign-in', journey))
  const title = words('hosted.sign_out_title')
  const name = person.user.email || person.user.phone || person.user.id
  const form = html`<div class="stack">${button(words('hosted.sign_out_button'))}${buttonLink(ctx.address('/pages/account'), words('hosted.sign_out_stay'))}</div>`
  return cardView(ctx, {
    title,
    body: html`<p>${words('hosted.sign_out_text', { name })}</p>${postForm(ctx, along('/pages/sign-out', journey), form)}`,
  })
}

/** POST /pages/sign-out. */
export async function signOut(ctx: PageCtx): Promise<PageReply> {
  if (ctx.handle !== '') await ctx.api('DELETE', '/pages/session', { body: { handle: ctx.handle } })
  ctx.set_handle('')
  return goTo(along('/pages/sign-in', journeyOf(ctx)), done(ctx.words('hosted.signed_out')))
}
