// The address and number of an account as its page shows them, with what waits to be confirmed.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import type { Html, PersonCtx } from '../page.ts'
import { postForm } from '../parts/form.ts'
import { smallLink } from './account-view.ts'

/** A line of the page. */
export interface AddressRow {
  name: string
  /** `''` for none. */
  value: Html | ''
  actions: Html | ''
}

/** Whether an account comes from a company's identity provider, which alone changes its addresses. */
export const isManaged = ({ person }: PersonCtx): boolean =>
  listOf(person.user.identities).some(({ provider }) => String(provider).startsWith('sso:'))

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Address and number. */
export function addressRows(ctx: PersonCtx): AddressRow[] {
  const { config, person } = ctx
  const { email, phone, new_email, new_phone } = person.user
  const rows = [emailRow(ctx, text(email), text(new_email))]
  if (config.external_phone_enabled || phone)
    rows.push(phoneRow(ctx, text(phone), phoneWaiting(text(new_phone), phone)))
  return rows
}

const phoneWaiting = (waiting: string, now: unknown): string => (waiting === now ? '' : waiting)

const line = (content: unknown): Html => html`<p class="dim small">${content}</p>`

function emailRow(ctx: PersonCtx, email: string, waiting: string): AddressRow {
  const { words, address, person } = ctx
  const again = postForm(
    ctx,
    '/pages/account/email/again',
    html`<button class="link small">${words('account.email_again')}</button>`,
  )
  const isOpen = email !== '' && !person.user.email_confirmed_at
  const notes = html`${isOpen ? line(words('account.not_confirmed')) : ''}${
    waiting === ''
      ? ''
      : html`${line(words('account.email_waiting', { address: waiting }))}${email === '' ? '' : again}`
  }`
  return row(ctx, words('account.email'), email, notes, '/pages/account/email', address)
}

function phoneRow(ctx: PersonCtx, phone: string, waiting: string): AddressRow {
  const { words, address } = ctx
  const href = address('/pages/account/phone/code')
  const notes =
    waiting === ''
      ? ''
      : html`${line(words('account.phone_waiting', { phone: `+${waiting}` }))}<a class="small" href="${href}">${words('account.phone_enter')}</a>`
  return row(ctx, words('account.phone'), phone === '' ? '' : `+${phone}`, notes, '/pages/account/phone', address)
}

function row(
  ctx: PersonCtx,
  name: string,
  value: string,
  notes: Html | '',
  path: string,
  address: PersonCtx['address'],
): AddressRow {
  const { words } = ctx
  const label = value === '' ? words('account.add') : words('account.change')
  const shown = value === '' ? html`<span class="dim">${words('account.not_given')}</span>` : html`<bdi>${value}</bdi>`
  return {
    name,
    value: html`${shown}${notes}`,
    actions: isManaged(ctx) ? '' : smallLink(address(path), label, name),
  }
}
