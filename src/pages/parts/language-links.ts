// The languages of a page, to choose another one.
import { html } from 'hono/html'
import { locales } from '../../locale.ts'
import type { Html, PageCtx } from '../page.ts'

/** A list that opens at a click: the same page in each other language. */
export function languageLinks(ctx: PageCtx): Html {
  const { words, query } = ctx
  const links = Object.entries(locales)
    .filter(([locale]) => locale !== words.locale)
    .map(([locale, { name, dir }]) => {
      const again = new URLSearchParams(query)
      again.set('ui_locales', locale)
      return html`<li><a href="?${again.toString()}" lang="${locale}" hreflang="${locale}" dir="${dir}">${name}</a></li>`
    })
  return html`<details class="languages"><summary>${words('parts.language')}: ${locales[words.locale].name}</summary><ul>${links}</ul></details>`
}
