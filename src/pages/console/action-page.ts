// An action on a page of its own: what it will do is said before it is done, with what it needs to know.
import { html } from 'hono/html'
import { type ApiAnswer, goTo, type Notice, type OperatorCtx, type PageReply, pathWithQuery } from '../page.ts'
import { button, buttonLink, postForm } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { consoleView, refusalOf, type Section } from './console-view.ts'

/** An action as a page shows it. */
export interface Action {
  section: Section
  title: string
  /** What it will do, and whether that can be undone. */
  text: unknown
  /** Beneath the text. */
  more?: unknown
  label: string
  /** Whether it cannot be undone. */
  danger?: boolean
  fields?: unknown
  /** The path that it leads back to. */
  back: string
  errors?: readonly FormError[]
}

/** The page that asks. */
export const actionView = (ctx: OperatorCtx, action: Action) => {
  const { section, title, text, more = '', label, danger, fields = '', back, errors = [] } = action
  const buttons = html`<div class="buttons">${button(label, { kind: danger ? 'danger' : 'primary' })}${buttonLink(ctx.address(back), ctx.words('parts.cancel'))}</div>`
  const form = postForm(ctx, pathWithQuery(ctx), html`${fields}${buttons}`)
  return consoleView(ctx, {
    section,
    title,
    errors,
    body: html`<div class="panel narrow"><p>${text}</p>${more}${form}</div>`,
  })
}

/** What follows an action: the page again where it was refused, else the way back with what was done. */
export function actionDone(
  ctx: OperatorCtx,
  action: Action,
  answer: ApiAnswer,
  done: string,
  undo?: Notice['undo'],
): PageReply {
  if (!answer.ok) return actionView(ctx, { ...action, errors: [{ text: refusalOf(ctx, answer) }] })
  return goTo(action.back, { kind: 'success', text: done, ...(undo && { undo }) })
}
