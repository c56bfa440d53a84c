// /console/organizations/:id/scim: the tokens by which the directory of a company manages its people.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import { formRows, type OperatorCtx, type Page, type PageReply } from '../page.ts'
import { button, buttonLink, inputField, postForm } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { type Action, actionDone, actionView } from './action-page.ts'
import { ago, ask, consoleView, objectOf, panel, refusalOf, refusedView, textOf } from './console-view.ts'
import { organizations } from './resources.ts'
import { type Column, type Row, table } from './tables.ts'

const pathOf = ({ path_params }: OperatorCtx): string =>
  `/console/organizations/${encodeURIComponent(path_params.id ?? '')}/scim`
const apiOf = ({ path_params }: OperatorCtx): string =>
  `/admin/sso/providers/${encodeURIComponent(path_params.id ?? '')}`

const columnsOf = (ctx: OperatorCtx): Column[] => {
  const { words } = ctx
  const end = (id: string) => ctx.address(`${pathOf(ctx)}/${encodeURIComponent(id)}`)
  return [
    { label: words('console.column_name'), value: (row) => textOf(row.name) },
    {
      label: words('console.scim_last_used'),
      value: (row) => ago(ctx, row.last_used_at) || words('console.scim_never_used'),
    },
    {
      label: words('console.scim_expires'),
      value: (row) => ago(ctx, row.expires_at) || words('console.scim_unending'),
    },
    { label: words('console.column_created'), value: (row) => ago(ctx, row.created_at), minor: true },
    {
      label: words('console.scim_end'),
      value: (row) => html`<a class="danger" href="${end(textOf(row.id))}">${words('console.scim_end')}</a>`,
    },
  ]
}

/** Lists the tokens, with a form for another. */
async function show(ctx: OperatorCtx, errors: readonly FormError[] = []): Promise<PageReply> {
  const { words } = ctx
  const title = words('console.scim_title')
  const [provider, tokens] = await Promise.all([
    ask(ctx, 'GET', apiOf(ctx)),
    ask(ctx, 'GET', `${apiOf(ctx)}/scim_tokens`),
  ])
  for (const answer of [provider, tokens]) if (!answer.ok) return refusedView(ctx, 'organizations', title, answer)
  const rows: Row[] = listOf(objectOf(tokens).scim_tokens)
  const name = inputField(
    {
      name: 'name',
      label: words('console.column_name'),
      hint: words('console.scim_token_name_hint'),
      value: ctx.form.name,
      maxlength: 100,
      autocomplete: 'off',
      required: true,
    },
    errors,
  )
  const days = inputField(
    {
      name: 'days',
      label: words('console.scim_days'),
      hint: words('console.scim_days_hint'),
      value: ctx.form.days,
      inputmode: 'numeric',
      autocomplete: 'off',
    },
    errors,
  )
  return consoleView(ctx, {
    section: 'organizations',
    title,
    lead: words('console.scim_text', { name: organizations.name(objectOf(provider)) }),
    errors,
    body: html`${addressField(ctx)}${table(ctx, { caption: title, columns: columnsOf(ctx), rows, none: words('console.none') })}
${panel(words('console.scim_make'), postForm(ctx, pathOf(ctx), html`${name}${days}<div class="buttons">${button(words('console.scim_make'))}</div>`))}`,
  })
}

const addressField = ({ words, config }: OperatorCtx) =>
  html`<div class="panel narrow"><div class="field"><label for="scim-address">${words('console.scim_address')}</label><input id="scim-address" class="code" readonly value="${config.api_external_url.replace(/\/+$/, '')}/scim/v2"></div></div>`

/** Makes a token, which is shown this once. */
async function make(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const [name, days] = [(ctx.form.name ?? '').trim(), (ctx.form.days ?? '').trim()]
  const errors: FormError[] = []
  if (name === '' || name.length > 100) errors.push({ field: 'name', text: words('console.scim_name_wrong') })
  if (days !== '' && !(/^\d{1,4}$/.test(days) && Number(days) >= 1 && Number(days) <= 3650))
    errors.push({ field: 'days', text: words('console.scim_days_wrong') })
  if (errors.length > 0) return show(ctx, errors)
  const life = days === '' ? {} : { expires_in: Number(days) * 86_400 }
  const answer = await ask(ctx, 'POST', `${apiOf(ctx)}/scim_tokens`, { name, ...life })
  if (!answer.ok) return show(ctx, [{ text: refusalOf(ctx, answer) }])
  return consoleView(ctx, {
    section: 'organizations',
    title: words('console.scim_made', { name }),
    body: html`${addressField(ctx)}<div class="panel narrow"><p>${words('console.scim_once')}</p><div class="field"><label for="scim-token">${words('console.scim_token')}</label><input id="scim-token" class="code" readonly value="${textOf(objectOf(answer).token)}"></div><p>${buttonLink(ctx.address(pathOf(ctx)), words('console.scim_title'))}</p></div>`,
  })
}

const ending = (ctx: OperatorCtx): Action => ({
  section: 'organizations',
  title: ctx.words('console.scim_end'),
  text: ctx.words('console.scim_end_text'),
  label: ctx.words('console.scim_end'),
  danger: true,
  back: pathOf(ctx),
})

/** Their rows. */
export const scimTokenPages: readonly Page[] = [
  ...formRows('operator', '/console/organizations/:id/scim', (ctx) => show(ctx), make),
  ...formRows(
    'operator',
    '/console/organizations/:id/scim/:token',
    (ctx) => actionView(ctx, ending(ctx)),
    async (ctx) => {
      const path = `${apiOf(ctx)}/scim_tokens/${encodeURIComponent(ctx.path_params.token ?? '')}`
      return actionDone(ctx, ending(ctx), await ask(ctx, 'DELETE', path), ctx.words('console.scim_ended'))
    },
  ),
]
