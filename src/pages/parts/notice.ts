// Notices above a page: what has just been done, what went wrong, and the summary of wrong fields.
import { html } from 'hono/html'
import type { Html, Notice, PageCtx } from '../page.ts'

/** What is wrong with a form: the text, and the field it is about where there is one. */
export interface FormError {
  field?: string
  text: string
}

/** A notice in a box. */
export const noticePart = ({ words }: PageCtx, { kind, text }: Notice, undo: Html | '' = ''): Html =>
  html`<div class="notice ${kind}" role="${kind === 'error' ? 'alert' : 'status'}"><strong class="hidden">${words(`parts.notice_${kind}`)}: </strong>${text}${undo}</div>`

/** The list of what is wrong, each with a link to its field; `''` where nothing is. */
export const errorSummary = ({ words }: PageCtx, errors: readonly FormError[]): Html | '' =>
  errors.length === 0
    ? ''
    : html`<div class="notice error summary" role="alert" tabindex="-1" id="errors" autofocus><h2>${words('parts.error_summary')}</h2><ul>${errors.map(
        ({ field, text }) => html`<li>${field ? html`<a href="#${field}">${text}</a>` : text}</li>`,
      )}</ul></div>`
