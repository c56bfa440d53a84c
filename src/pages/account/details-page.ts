// /pages/account: who a person is here, and how they are reached.
import { html } from 'hono/html'
import { goTo, type Html, type PageReply, type PersonCtx } from '../page.ts'
import { inputField, selectField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { accountFields } from './account-fields.ts'
import { accountView, formPanel, panel, smallLink } from './account-view.ts'
import { addressRows } from './address-rows.ts'
import { wayBefore } from './after-action.ts'

/** A line of a list of facts: its name, what it is, and what can be done with it. */
const fact = (name: string, value: unknown, actions: unknown): Html =>
  html`<div><dt>${name}</dt><dd>${value}</dd><dd class="actions">${actions}</dd></div>`

/** GET /pages/account. */
export function detailsPage(ctx: PersonCtx): PageReply {
  const { words, address, person } = ctx
  const empty = html`<span class="dim">${words('account.not_given')}</span>`
  const fields = accountFields(ctx)
  const edit = smallLink(address('/pages/account/edit'), words('account.edit'), words('account.about_you'))
  const about = html`<dl class="about">${fields.map(({ label, shown }) => fact(label, shown === '' ? empty : html`<bdi>${shown}</bdi>`, ''))}</dl>`
  const guest = person.user.is_anonymous
    ? html`<div class="notice info"><strong>${words('account.guest_title')}</strong><br>${words('account.guest_text')}</div>`
    : ''
  const reached = html`<dl class="about">${addressRows(ctx).map(({ name, value, actions }) => fact(name, value || empty, actions))}</dl>`
  return accountView(ctx, {
    section: 'details',
    title: words('account.details_title'),
    body: html`${guest}${fields.length > 0 ? panel(words('account.about_you'), '', about, edit) : ''}
${panel(words('account.contact'), '', reached)}`,
  })
}

function editView(ctx: PersonCtx, values: Record<string, string>, errors: readonly FormError[], status: number) {
  const fields = accountFields(ctx).map(({ name, label, value, autocomplete, options }) => {
    // Named after the place and not the field, which could be called like one of ours.
    const field = { name: `field-${name}`, label, value: values[`field-${name}`] ?? value }
    return options
      ? selectField({ ...field, options }, errors)
      : inputField({ ...field, autocomplete, maxlength: 200 }, errors)
  })
  return accountView(ctx, {
    section: 'details',
    title: ctx.words('account.edit_title'),
    errors,
    status,
    body: formPanel(ctx, '/pages/account/edit', '/pages/account', fields, ctx.words('account.save')),
  })
}

/** GET /pages/account/edit. */
export const editPage = (ctx: PersonCtx): PageReply => editView(ctx, {}, [], 200)

/** POST /pages/account/edit: an empty field is taken away. */
export async function editForm(ctx: PersonCtx): Promise<PageReply> {
  const fields = accountFields(ctx)
  const data = Object.fromEntries(fields.map(({ name }) => [name, (ctx.form[`field-${name}`] ?? '').trim() || null]))
  const answer = await ctx.api('PUT', '/user', { as: ctx.person.token, body: { data } })
  if (answer.ok) return goTo('/pages/account', { kind: 'success', text: ctx.words('account.saved') })
  return wayBefore(answer, '/pages/account/edit') ?? editView(ctx, ctx.form, [refusal(ctx, answer)], statusOf(answer))
}
