// The link of postern admin console: a page with a button, since looking at a link must not spend it; and the way out.
import { html } from 'hono/html'
import { goTo, type PageCtx, type PageReply } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, hiddenField, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'
import { objectOf, textOf } from './console-view.ts'

/** GET /console/enter. */
export function enterPage(ctx: PageCtx): PageReply {
  const { words } = ctx
  const link = (ctx.query.get('link') ?? '').slice(0, 64)
  return cardView(ctx, {
    title: words('console.enter_title'),
    body: html`<p>${words('console.enter_text')}</p>${postForm(ctx, '/console/enter', html`${hiddenField('link', link)}${button(words('console.enter'))}`)}`,
  })
}

/** POST /console/enter: spends the link. */
export async function enterConsole(ctx: PageCtx): Promise<PageReply> {
  const answer = await ctx.api('POST', '/console/sessions', { body: { link: ctx.form.link ?? '' } })
  if (!answer.ok)
    return messagePage(ctx, {
      status: answer.status === 429 ? 429 : 403,
      title: ctx.words('console.link_over_title'),
      text: ctx.words('console.link_over_text'),
    })
  ctx.set_console_handle(textOf(objectOf(answer).handle))
  return goTo('/console')
}

/** POST /console/sign-out: ends a session that a link opened. */
export async function leaveConsole(ctx: PageCtx): Promise<PageReply> {
  if (ctx.console_handle !== '') await ctx.api('DELETE', '/console/sessions', { body: { handle: ctx.console_handle } })
  ctx.set_console_handle('')
  return messagePage(ctx, {
    status: 200,
    title: ctx.words('console.left_title'),
    text: ctx.words('console.left_text'),
  })
}
