// A card that says one thing, with one way on.
import { html } from 'hono/html'
import type { PageCtx, PageView } from '../page.ts'
import { cardView } from './card-view.ts'
import { buttonLink } from './form.ts'

/** What the card says, and where its button leads. */
export interface Message {
  status: number
  title: string
  text: string
  path?: string
  label?: string
}

/** A message with a link where to go next. */
export function messagePage(ctx: PageCtx, { status, title, text, path, label }: Message): PageView {
  const way =
    path === undefined ? '' : html`<p class="ways">${buttonLink(ctx.address(path), label ?? title, 'primary')}</p>`
  return cardView(ctx, { status, title, body: html`<p>${text}</p>${way}` })
}
