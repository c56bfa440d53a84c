// /pages/account/email: another address, which counts once the link of a mail to it was followed.
import { html } from 'hono/html'
import { goTo, type PageReply, type PersonCtx } from '../page.ts'
import { inputField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { accountView, formPanel } from './account-view.ts'
import { afterAction, wayBefore } from './after-action.ts'

const path = '/pages/account/email'
const home = '/pages/account'

function view(ctx: PersonCtx, value: string, errors: readonly FormError[], status: number): PageReply {
  const { words, person } = ctx
  const email = person.user.email ?? ''
  const field = inputField(
    { name: 'email', label: words('account.email_new'), type: 'email', value, autocomplete: 'email', required: true },
    errors,
  )
  return accountView(ctx, {
    section: 'details',
    title: email === '' ? words('account.email_title_new') : words('account.email_title'),
    lead: email === '' ? '' : html`<bdi>${words('account.email_now', { address: email })}</bdi>`,
    errors,
    status,
    body: formPanel(ctx, path, home, field, words('account.email_send')),
  })
}

/** GET. */
export const emailPage = (ctx: PersonCtx): PageReply => view(ctx, '', [], 200)

/** Where the links of the mails lead. */
const back = (ctx: PersonCtx): string => `?${new URLSearchParams({ redirect_to: ctx.absolute(home) })}`

/** POST: sends the mails; without confirmation the address changes at once. */
export async function emailForm(ctx: PersonCtx): Promise<PageReply> {
  const { words, person } = ctx
  const email = (ctx.form.email ?? '').trim()
  if (email === '') return view(ctx, '', [{ field: 'email', text: words('account.enter_email') }], 400)
  const answer = await ctx.api('PUT', `/user${back(ctx)}`, { as: person.token, body: { email } })
  if (!answer.ok) {
    const fields = { validation_failed: 'email', email_address_invalid: 'email', email_exists: 'email' }
    const errors = [refusal(ctx, answer, fields)]
    return wayBefore(answer, path) ?? view(ctx, email, errors, statusOf(answer))
  }
  return goTo(home, { kind: 'success', text: outcomeText(ctx, Object(answer.body)) })
}

function outcomeText({ words, config, person }: PersonCtx, user: { new_email?: string }): string {
  const address = user.new_email ?? ''
  if (address === '') return words('account.email_changed')
  const old = person.user.email ?? ''
  return config.mailer_secure_email_change_enabled && old !== ''
    ? words('account.email_sent_both', { address, old })
    : words('account.email_sent', { address })
}

/** POST …/again: the same links once more. */
export async function emailAgain(ctx: PersonCtx): Promise<PageReply> {
  const body = { type: 'email_change', email: ctx.person.user.email ?? '' }
  const answer = await ctx.api('POST', `/resend${back(ctx)}`, { body })
  return afterAction(ctx, answer, home, ctx.words('account.email_again_done'))
}
