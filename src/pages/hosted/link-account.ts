// The page that names both accounts before an identity is linked (security REV-06).
import { html } from 'hono/html'
import type { LinkQuestion } from '../../flows/steps/external/link-question.ts'
import type { PageCtx, PageReply } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, buttonLink, hiddenField, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'
import { providerLabel } from '../parts/ways.ts'

async function read(ctx: PageCtx, sealed: string | null | undefined): Promise<LinkQuestion | null> {
  const { ok, body } = await ctx.api('POST', '/pages/link/read', { body: { question: sealed ?? '' } })
  return ok ? (body as LinkQuestion) : null
}

const gone = (ctx: PageCtx): PageReply =>
  messagePage(ctx, {
    status: 400,
    title: ctx.words('hosted.step_gone_title'),
    text: ctx.words('hosted.step_gone_text'),
  })

/** GET /pages/link. */
export async function askToLink(ctx: PageCtx): Promise<PageReply> {
  const sealed = ctx.query.get('question')
  const question = await read(ctx, sealed)
  if (!question || sealed === null) return gone(ctx)
  const { account, decline } = question
  const identity = `${question.identity} (${providerLabel(question.provider)})`
  const { words } = ctx
  const title = words('hosted.link_title')
  const ways = html`${hiddenField('question', sealed)}<div class="stack">${button(words('hosted.link_button'))}${buttonLink(decline, words('hosted.link_decline'))}</div>`
  return cardView(ctx, {
    title,
    form_targets: [decline],
    body: html`<p>${words('hosted.link_text', { identity, account })}</p><p>${words('hosted.link_warning')}</p>${postForm(ctx, '/pages/link', ways)}`,
  })
}

/** POST /pages/link: links them, and goes on to the application. */
export async function agreeToLink(ctx: PageCtx): Promise<PageReply> {
  const question = await read(ctx, ctx.form.question)
  if (!question) return gone(ctx)
  const { state, secret } = question
  const { headers } = await ctx.api('POST', '/callback/link', { form: { state, secret } })
  const address = headers.get('location')
  return address === null ? gone(ctx) : { kind: 'leave', address }
}
