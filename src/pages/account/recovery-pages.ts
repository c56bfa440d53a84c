// /pages/account/factors/recovery-codes: codes that are shown once, to be copied, printed or downloaded.
import { html } from 'hono/html'
import { siteName } from '../../config/site-name.ts'
import type { ApiAnswer, PageReply, PersonCtx } from '../page.ts'
import { buttonLink, hiddenField, postForm } from '../parts/form.ts'
import { accountView, confirmView } from './account-view.ts'
import { afterAction } from './after-action.ts'

const home = '/pages/account/factors'
const path = `${home}/recovery-codes`

/** POST: the first set. */
export const makeCodes = async (ctx: PersonCtx): Promise<PageReply> =>
  shown(ctx, await ctx.api('POST', '/factors/recovery-codes', { as: ctx.person.token, body: {} }))

/** GET …/again. */
export const codesAgainPage = (ctx: PersonCtx): PageReply =>
  confirmView(ctx, {
    section: 'factors',
    title: ctx.words('account.recovery_again_title'),
    text: ctx.words('account.recovery_again_text'),
    label: ctx.words('account.recovery_again'),
  })

/** POST …/again: others in their place. */
export const codesAgainForm = async (ctx: PersonCtx): Promise<PageReply> =>
  shown(ctx, await ctx.api('POST', '/factors/recovery-codes/regenerate', { as: ctx.person.token }))

/** The codes are on this page and nowhere else: no reload and no address brings them back. */
function shown(ctx: PersonCtx, answer: ApiAnswer): PageReply {
  if (!answer.ok) return afterAction(ctx, answer, home, '')
  const { words } = ctx
  const codes: string[] = Object(answer.body).codes.map((code: unknown) => grouped(String(code)))
  const download = postForm(
    ctx,
    `${path}/download`,
    html`${codes.map((code) => hiddenField('code', code))}<button class="quiet">${words('account.recovery_download')}</button>`,
  )
  const scripted = html`<button type="button" class="quiet" data-copy="codes" data-copied="${words('parts.copied')}" hidden>${words('parts.copy')}</button><button type="button" class="quiet" data-print hidden>${words('account.recovery_print')}</button>`
  return accountView(ctx, {
    section: 'factors',
    title: words('account.recovery_shown_title'),
    lead: words('account.recovery_shown_text'),
    scripts: ['recovery-codes.js'],
    body: html`<div class="panel"><ul class="codes" id="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul><div class="buttons">${download}${scripted}</div></div>
<p>${buttonLink(ctx.address(home), words('account.recovery_kept'), 'primary')}</p>`,
  })
}

const grouped = (code: string): string => code.match(/.{1,4}/g)?.join('-') ?? code

/** POST …/download: the codes of the page that was shown, as a file; nothing of them is kept here. */
export function downloadCodes(ctx: PersonCtx): PageReply {
  const codes = ctx.form_all.filter(([name]) => name === 'code').map(([, code]) => code)
  const fine = codes.filter((code) => /^[a-z0-9-]{8,40}$/.test(code)).slice(0, 20)
  const account = ctx.person.user.email || ctx.person.user.phone || ''
  const about = ctx.words('account.recovery_file', {
    account,
    site: siteName(ctx.config),
    date: ctx.words.day(new Date()),
  })
  return {
    kind: 'file',
    content: `${[about.replace(/\s+/g, ' '), '', ...fine].join('\n')}\n`,
    content_type: 'text/plain; charset=utf-8',
    headers: { 'content-disposition': 'attachment; filename="recovery-codes.txt"' },
  }
}

/** GET …/remove. */
export const codesRemovePage = (ctx: PersonCtx): PageReply =>
  confirmView(ctx, {
    section: 'factors',
    title: ctx.words('account.recovery_remove_title'),
    text: ctx.words('account.recovery_remove_text'),
    label: ctx.words('account.remove'),
  })

/** POST …/remove. */
export async function codesRemoveForm(ctx: PersonCtx): Promise<PageReply> {
  const answer = await ctx.api('DELETE', '/factors/recovery-codes', { as: ctx.person.token })
  return afterAction(ctx, answer, home, ctx.words('account.recovery_removed'))
}
