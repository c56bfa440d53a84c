// A forgotten password: a link or code is sent, and another password is set.
import { html } from 'hono/html'
import { done, goTo, type PageCtx, type PageReply, type PageView, type PersonCtx } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, inputField, postForm } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { waysOf } from '../parts/ways.ts'
import { captchaPart, hasCaptcha } from './captcha.ts'
import { goesOn, keepStep, sendCode } from './code-step.ts'
import { aboutIdentifier, identifierField, readIdentifier } from './identifier.ts'
import { along, arrival, journeyOf, targetsOf } from './journey.ts'
import { missingPassword, newPasswordField, passwordScript, weakness } from './password.ts'

/** GET /pages/forgot-password. */
export const showForgotPassword = (ctx: PageCtx): PageReply => forgotView(ctx, '', [], 200)

/** POST /pages/forgot-password; the answer is the same whether anybody has the address or not. */
export async function forgetPassword(ctx: PageCtx): Promise<PageReply> {
  const read = readIdentifier(ctx)
  if ('error' in read) return forgotView(ctx, read.text, [read.error], 400)
  const journey = journeyOf(ctx)
  const step = { purpose: 'recovery' as const, address: read.address }
  const answer = await sendCode(ctx, step, journey)
  if (!goesOn(answer, step))
    return forgotView(ctx, read.text, [refusal(ctx, answer, aboutIdentifier)], statusOf(answer))
  keepStep(ctx, step)
  return goTo(along('/pages/enter-code', journey))
}

function forgotView(ctx: PageCtx, identifier: string, errors: readonly FormError[], status: number): PageView {
  const { words } = ctx
  const { email, phone } = waysOf(ctx)
  const journey = journeyOf(ctx)
  const title = words('hosted.forgot_title')
  const text = email && phone ? 'hosted.forgot_text_both' : phone ? 'hosted.forgot_text_phone' : 'hosted.forgot_text'
  const form = html`${identifierField(ctx, { value: identifier, errors })}${captchaPart(ctx)}${button(words('hosted.forgot_button'))}`
  return cardView(ctx, {
    status,
    title,
    errors,
    captcha: hasCaptcha(ctx),
    body: html`<p>${words(text)}</p>
${postForm(ctx, along('/pages/forgot-password', journey), form)}
<div class="more"><p><a href="${ctx.address(along('/pages/sign-in', journey))}">${words('hosted.back_to_sign_in')}</a></p></div>`,
  })
}

/** GET /pages/new-password. */
export const showNewPassword = (ctx: PersonCtx): PageReply => newView(ctx, [], 200)

/** POST /pages/new-password. */
export async function setNewPassword(ctx: PersonCtx): Promise<PageReply> {
  const password = ctx.form['new-password'] ?? ''
  const missing = missingPassword(ctx, password)
  if (missing) return newView(ctx, [missing], 400)
  const current_password = ctx.form['current-password']
  const body = { password, ...(current_password && { current_password }) }
  const answer = await ctx.api('PUT', '/user', { as: ctx.person.token, body })
  if (answer.ok) return goTo(arrival(journeyOf(ctx)), done(ctx.words('hosted.password_set')))
  const error = weakness(ctx, answer) ?? refusal(ctx, answer, aboutNewPassword)
  return newView(ctx, [error], statusOf(answer), answer.code)
}

const aboutNewPassword: Readonly<Record<string, string>> = {
  same_password: 'new-password',
  weak_password: 'new-password',
  validation_failed: 'new-password',
  current_password_required: 'current-password',
  current_password_invalid: 'current-password',
}

function newView(ctx: PersonCtx, errors: readonly FormError[], status: number, code = ''): PageView {
  const { words } = ctx
  const journey = journeyOf(ctx)
  const title = words('hosted.new_password_title')
  const { user } = ctx.person
  // Password managers learn whose password it is from a field that nobody sees.
  const whose = html`<input type="text" name="username" value="${user.email || user.phone || ''}" autocomplete="username" hidden>`
  const current =
    code === 'current_password_required' || code === 'current_password_invalid'
      ? inputField(
          {
            name: 'current-password',
            label: words('hosted.current_password'),
            type: 'password',
            autocomplete: 'current-password',
          },
          errors,
        )
      : ''
  const form = html`${whose}${current}${newPasswordField(ctx, words('hosted.new_password'), errors)}${button(words('hosted.new_password_button'))}`
  return cardView(ctx, {
    status,
    title,
    errors,
    scripts: [passwordScript],
    form_targets: targetsOf(journey),
    body: html`
${code === 'reauthentication_needed' ? html`<p>${words('hosted.needs_code_text')}</p>` : ''}
${postForm(ctx, along('/pages/new-password', journey), form)}`,
  })
}
