// /pages/account/password: a new password, with the old one or a fresh code where the API asks for them.
import { html } from 'hono/html'
import { missingPassword, newPasswordField, passwordScript, weakness } from '../hosted/password.ts'
import { goTo, type PageReply, type PersonCtx } from '../page.ts'
import { inputField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { typedCode } from '../parts/typed.ts'
import { accountView, formPanel } from './account-view.ts'
import { wayBefore } from './after-action.ts'
import { codeField } from './code-field.ts'

const path = '/pages/account/password'
const home = '/pages/account/sign-in'

interface Shown {
  errors?: readonly FormError[]
  status?: number
  /** Whether the API asked for a code, which was sent. */
  needs_code?: boolean
}

function view(ctx: PersonCtx, { errors = [], status = 200, needs_code = false }: Shown): PageReply {
  const { words, config, person } = ctx
  const code = needs_code
    ? html`<input type="hidden" name="needs_code" value="true"><p>${words('account.password_nonce_text')}</p>${codeField(words('account.password_nonce'), errors)}`
    : ''
  const current = config.security_update_password_require_current_password
    ? inputField(
        {
          name: 'current_password',
          label: words('account.password_current'),
          type: 'password',
          autocomplete: 'current-password',
        },
        errors,
      )
    : ''
  const password = newPasswordField(ctx, words('account.password_new'), errors)
  // Tells password managers whose password it is.
  const name = html`<input type="text" name="username" autocomplete="username" value="${person.user.email ?? ''}" hidden>`
  return accountView(ctx, {
    section: 'sign_in',
    title: words('account.password_title'),
    lead: words('account.password_others'),
    errors,
    status,
    scripts: [passwordScript],
    body: formPanel(ctx, path, home, html`${name}${code}${current}${password}`, words('account.password_save')),
  })
}

/** GET. */
export const passwordPage = (ctx: PersonCtx): PageReply => view(ctx, {})

const fields = {
  same_password: 'new-password',
  validation_failed: 'new-password',
  current_password_required: 'current_password',
  current_password_invalid: 'current_password',
  reauthentication_not_valid: 'code',
}

/** POST: other devices are signed out; a session of long ago shows a code first. */
export async function passwordForm(ctx: PersonCtx): Promise<PageReply> {
  const { words, person, form } = ctx
  const { 'new-password': password = '', current_password = '' } = form
  const needs_code = form.needs_code === 'true'
  const nonce = typedCode(ctx)
  const missing = missingPassword(ctx, password)
  if (missing) return view(ctx, { errors: [missing], status: 400, needs_code })
  if (needs_code && nonce === '')
    return view(ctx, { errors: [{ field: 'code', text: words('account.enter_code') }], status: 400, needs_code })
  const body = { password, ...(current_password !== '' && { current_password }), ...(nonce !== '' && { nonce }) }
  const answer = await ctx.api('PUT', '/user', { as: person.token, body })
  if (answer.ok) return goTo(home, { kind: 'success', text: words('account.password_changed') })
  if (answer.code === 'reauthentication_needed') return askForCode(ctx)
  const errors = [weakness(ctx, answer) ?? refusal(ctx, answer, fields)]
  return wayBefore(answer, path) ?? view(ctx, { errors, status: statusOf(answer), needs_code })
}

async function askForCode(ctx: PersonCtx): Promise<PageReply> {
  const sent = await ctx.api('GET', '/reauthenticate', { as: ctx.person.token })
  return view(ctx, sent.ok ? { needs_code: true } : { errors: [refusal(ctx, sent)], status: statusOf(sent) })
}
