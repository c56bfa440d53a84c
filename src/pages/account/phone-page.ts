// /pages/account/phone: another number, which counts once the code of a message to it was entered.
import { html } from 'hono/html'
import { goTo, type PageReply, type PersonCtx } from '../page.ts'
import { inputField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { typedCode, typedPhone } from '../parts/typed.ts'
import { accountView, formPanel } from './account-view.ts'
import { wayBefore } from './after-action.ts'
import { codeField } from './code-field.ts'
import { endSessionOf } from './end-session.ts'

const path = '/pages/account/phone'
const home = '/pages/account'

function view(ctx: PersonCtx, value: string, errors: readonly FormError[], status: number): PageReply {
  const { words, person } = ctx
  const phone = person.user.phone ?? ''
  const field = inputField(
    {
      name: 'phone',
      label: words('account.phone_new'),
      type: 'tel',
      value,
      autocomplete: 'tel',
      hint: words('account.phone_hint'),
      required: true,
    },
    errors,
  )
  return accountView(ctx, {
    section: 'details',
    title: phone === '' ? words('account.phone_title_new') : words('account.phone_title'),
    lead: phone === '' ? '' : html`<bdi>${words('account.phone_now', { phone: `+${phone}` })}</bdi>`,
    errors,
    status,
    body: formPanel(ctx, path, home, field, words('account.phone_send')),
  })
}

/** GET. */
export const phonePage = (ctx: PersonCtx): PageReply => view(ctx, '', [], 200)

/** POST: sends a code; without confirmation the number changes at once. */
export async function phoneForm(ctx: PersonCtx): Promise<PageReply> {
  const { words, person } = ctx
  const phone = typedPhone(ctx)
  if (phone === '') return view(ctx, '', [{ field: 'phone', text: words('account.enter_phone') }], 400)
  const answer = await ctx.api('PUT', '/user', { as: person.token, body: { phone } })
  if (!answer.ok) {
    const errors = [refusal(ctx, answer, { validation_failed: 'phone', phone_exists: 'phone' })]
    return wayBefore(answer, path) ?? view(ctx, ctx.form.phone ?? '', errors, statusOf(answer))
  }
  const { new_phone, phone: now } = Object(answer.body)
  if (new_phone && new_phone !== now) return goTo(`${path}/code`)
  return goTo(home, { kind: 'success', text: words('account.phone_changed') })
}

function codeView(ctx: PersonCtx, errors: readonly FormError[], status: number): PageReply {
  const { words, person } = ctx
  const waiting = String(person.user.new_phone ?? '')
  if (waiting === '') return goTo(home)
  return accountView(ctx, {
    section: 'details',
    title: words('account.phone_code_title'),
    lead: html`<bdi>${words('account.phone_code_text', { phone: `+${waiting}` })}</bdi>`,
    errors,
    status,
    body: formPanel(ctx, `${path}/code`, home, codeField(words('account.code'), errors), words('account.confirm')),
  })
}

/** GET …/code. */
export const phoneCodePage = (ctx: PersonCtx): PageReply => codeView(ctx, [], 200)

/** POST …/code. */
export async function phoneCodeForm(ctx: PersonCtx): Promise<PageReply> {
  const { words, person } = ctx
  const token = typedCode(ctx)
  if (token === '') return codeView(ctx, [{ field: 'code', text: words('account.enter_code') }], 400)
  const body = { type: 'phone_change', phone: String(person.user.new_phone ?? ''), token }
  const answer = await ctx.api('POST', '/verify', { body })
  if (!answer.ok) return codeView(ctx, [refusal(ctx, answer, { otp_expired: 'code' })], statusOf(answer))
  // The code opens a session like any other, and this browser has one.
  await endSessionOf(ctx, answer)
  return goTo(home, { kind: 'success', text: words('account.phone_changed') })
}
