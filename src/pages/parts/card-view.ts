// The view of a page that is one card: its heading once, what is wrong above it.
import { html } from 'hono/html'
import type { Html, PageCtx, PageView } from '../page.ts'
import { errorSummary, type FormError } from './notice.ts'

/** What a card shows beneath its heading, and what the page needs besides. */
export interface Card extends Omit<PageView, 'kind' | 'layout' | 'nav' | 'has_errors'> {
  body: Html
  errors?: readonly FormError[]
}

/** A card. */
export function cardView(ctx: PageCtx, { errors = [], body, ...card }: Card): PageView {
  return {
    ...card,
    kind: 'view',
    layout: 'card',
    has_errors: errors.length > 0,
    body: html`${errorSummary(ctx, errors)}<h1>${card.title}</h1>${body}`,
  }
}
