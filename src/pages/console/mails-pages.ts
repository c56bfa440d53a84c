// Mails: every kind, a preview for sample data of the templates of now or of others that are tried, and a test mail.
import { html } from 'hono/html'
import { escapeHtml } from '../../escape-html.ts'
import { locales } from '../../locale.ts'
import { listOf } from '../list-of.ts'
import { goTo, type OperatorCtx, type PageReply } from '../page.ts'
import { button, inputField, postForm, selectField, textField } from '../parts/form.ts'
import { ask, consoleView, objectOf, panel, pathOf, refusalOf, refusedView, tag, textOf } from './console-view.ts'
import { type Column, table } from './tables.ts'

const mailPath = (kind: string, more = '') => `${pathOf('mails')}/${kind}${more}`

/** GET /console/mails. */
export async function mailsPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const answer = await ask(ctx, 'GET', '/console/mails')
  if (!answer.ok) return refusedView(ctx, 'mails', words('console.nav_mails'), answer)
  const own = (isOwn: unknown) => (isOwn ? tag(words('console.own_template')) : words('console.default_template'))
  const columns: Column[] = [
    {
      label: words('console.column_kind'),
      value: (row) => html`<a href="${ctx.address(mailPath(textOf(row.kind)))}">${textOf(row.kind)}</a>`,
    },
    {
      label: words('console.column_state'),
      value: (row) => (row.enabled ? tag(words('console.on'), 'good') : tag(words('console.off'))),
    },
    { label: words('console.column_subject'), value: (row) => own(row.own_subject) },
    { label: words('console.column_body'), value: (row) => own(row.own_body) },
    { label: words('console.column_path'), value: (row) => html`<code>${textOf(row.path)}</code>`, minor: true },
  ]
  const body = objectOf(answer)
  return consoleView(ctx, {
    section: 'mails',
    title: words('console.nav_mails'),
    lead: words(body.configured ? 'console.mails_text' : 'console.mails_off_text'),
    body: table(ctx, {
      caption: words('console.nav_mails'),
      columns,
      rows: listOf(body.mails),
      none: words('console.none'),
    }),
  })
}

const localeOf = (ctx: OperatorCtx): string => ctx.form.locale ?? ctx.query.get('locale') ?? ctx.words.locale

/** GET /console/mails/:kind. */
export async function mailPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const kind = ctx.path_params.kind ?? ''
  const locale = localeOf(ctx)
  const answer = await ask(ctx, 'POST', `/console/mails/${encodeURIComponent(kind)}/preview`, { locale })
  if (!answer.ok) return refusedView(ctx, 'mails', words('console.nav_mails'), answer)
  const { sources, known } = objectOf(answer)
  const { subject, body } = Object(sources)
  const names = Array.isArray(known) ? known.map(textOf) : []
  const languages = Object.entries(locales).map(([code, { name }]) => [code, name] as const)
  const fields = html`${selectField({ name: 'locale', label: words('console.language'), value: locale, options: languages })}
${inputField({ name: 'subject', label: words('console.column_subject'), value: textOf(subject) })}
${textField({ name: 'template', label: words('console.column_body'), value: textOf(body), rows: 14, code: true, hint: words('console.template_hint') })}
<p class="dim small">${words('console.template_names')}: ${names.map((name) => html`<code>{{ .${name} }}</code> `)}</p>
${button(words('console.show_preview'))}`
  // The answer of this form is shown in the frame beside it, so that a preview needs no script.
  const form = postForm(ctx, mailPath(kind, '/preview'), fields, { target: 'preview' })
  const test = postForm(
    ctx,
    mailPath(kind, '/test'),
    html`${inputField({ name: 'to', label: words('console.test_mail_to'), type: 'email', value: ctx.operator.name.includes('@') ? ctx.operator.name : '' })}${button(words('console.send_test'), { kind: 'quiet' })}`,
  )
  return consoleView(ctx, {
    section: 'mails',
    title: kind,
    lead: words('console.mail_text'),
    frames: true,
    body: html`<div class="pair mail">${panel(words('console.template'), form)}<section class="panel"><h2>${words('console.preview')}</h2><iframe name="preview" title="${words('console.preview')}" src="${ctx.address(mailPath(kind, '/preview'))}?locale=${locale}"></iframe></section></div>${panel(words('console.test_mail'), test)}`,
  })
}

/** GET and POST /console/mails/:kind/preview: a document of its own, in which no script runs and nothing is sent. */
export async function mailPreview(ctx: OperatorCtx): Promise<PageReply> {
  const { words, form } = ctx
  const kind = encodeURIComponent(ctx.path_params.kind ?? '')
  const { subject = '', template = '' } = form
  const answer = await ask(ctx, 'POST', `/console/mails/${kind}/preview`, { subject, template, locale: localeOf(ctx) })
  const { subject: shown, html: mail, used, problem } = objectOf(answer)
  const wrong = answer.ok ? textOf(problem) : refusalOf(ctx, answer)
  const names = Array.isArray(used) ? used.map(textOf).join(', ') : ''
  const line = (label: string, text: string) =>
    `<p style="margin:0 0 4px;font:14px system-ui,sans-serif"><b>${escapeHtml(label)}</b> ${escapeHtml(text)}</p>`
  const head =
    wrong === ''
      ? line(`${words('console.column_subject')}:`, textOf(shown)) + line(`${words('console.names_used')}:`, names)
      : line(words('console.problem'), wrong)
  return {
    kind: 'file',
    content: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(words('console.preview'))}</title><header>${head}<hr></header>${textOf(mail)}</html>`,
    content_type: 'text/html; charset=utf-8',
    headers: {
      'content-security-policy':
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'",
      'x-frame-options': 'SAMEORIGIN',
    },
  }
}

/** POST /console/mails/:kind/test. */
export async function mailTest(ctx: OperatorCtx): Promise<PageReply> {
  const kind = ctx.path_params.kind ?? ''
  const to = ctx.form.to?.trim() ?? ''
  const answer = await ask(ctx, 'POST', `/console/mails/${encodeURIComponent(kind)}/test`, {
    to,
    locale: ctx.words.locale,
  })
  const text = answer.ok ? ctx.words('console.test_mail_sent', { to }) : refusalOf(ctx, answer)
  return goTo(mailPath(encodeURIComponent(kind)), { kind: answer.ok ? 'success' : 'error', text })
}
