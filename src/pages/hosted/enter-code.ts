// The page after a mail or message was sent: its code is entered here, and it can be sent again.
import { html } from 'hono/html'
import { done, goTo, type PageCtx, type PageReply, type PageView } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, inputField, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { typedCode } from '../parts/typed.ts'
import { captchaPart, hasCaptcha } from './captcha.ts'
import { addressText, arrivalOf, type CodeStep, goesOn, keepStep, sendCode, stepOf, typeOf } from './code-step.ts'
import { accessTokenOf, bannedPage, finishSignIn } from './finish-sign-in.ts'
import { along, type Journey, journeyOf, targetsOf } from './journey.ts'

/** GET /pages/enter-code. */
export function showCodePage(ctx: PageCtx): PageReply {
  const step = stepOf(ctx)
  return step ? view(ctx, step, journeyOf(ctx), [], 200) : stepGone(ctx)
}

/** POST /pages/enter-code: the code proves the address and signs in. */
export async function takeCode(ctx: PageCtx): Promise<PageReply> {
  const step = stepOf(ctx)
  if (!step) return stepGone(ctx)
  const journey = journeyOf(ctx)
  const token = typedCode(ctx)
  if (token === '') return view(ctx, step, journey, [{ field: 'code', text: ctx.words('hosted.enter_code') }], 400)
  const answer = await ctx.api('POST', '/verify', { body: { type: typeOf(step), token, ...step.address } })
  if (answer.code === 'user_banned') return bannedPage(ctx)
  const access_token = accessTokenOf(answer.body)
  if (access_token === '')
    return view(ctx, step, journey, [refusal(ctx, answer, { otp_expired: 'code' })], statusOf(answer))
  keepStep(ctx, null)
  return finishSignIn(ctx, access_token, journey, arrivalOf(step, journey))
}

/** POST /pages/send-again. */
export async function sendAgain(ctx: PageCtx): Promise<PageReply> {
  const step = stepOf(ctx)
  if (!step) return stepGone(ctx)
  const journey = journeyOf(ctx)
  const answer = await sendCode(ctx, step, journey)
  if (!goesOn(answer, step)) return view(ctx, step, journey, [refusal(ctx, answer)], statusOf(answer))
  keepStep(ctx, step)
  return goTo(along('/pages/enter-code', journey), done(ctx.words('hosted.sent_again')))
}

const stepGone = (ctx: PageCtx): PageView =>
  messagePage(ctx, {
    status: 400,
    title: ctx.words('hosted.step_gone_title'),
    text: ctx.words('hosted.step_gone_text'),
    path: along('/pages/sign-in', journeyOf(ctx)),
    label: ctx.words('hosted.back_to_sign_in'),
  })

function view(ctx: PageCtx, step: CodeStep, journey: Journey, errors: readonly FormError[], status: number): PageView {
  const { words, config } = ctx
  const isMail = 'email' in step.address
  const title = words(isMail ? 'hosted.check_mail_title' : 'hosted.check_phone_title')
  const address = addressText(step)
  const count = isMail ? config.mailer_otp_length : config.sms_otp_length
  const start =
    step.purpose === 'recovery'
      ? '/pages/forgot-password'
      : step.purpose === 'sign_in'
        ? '/pages/sign-in'
        : '/pages/sign-up'
  const field = inputField(
    {
      name: 'code',
      label: words('hosted.code'),
      hint: words('hosted.code_hint', { count }),
      autocomplete: 'one-time-code',
      inputmode: 'numeric',
      code: true,
      maxlength: 16,
      required: true,
      autofocus: !isMail || errors.length > 0,
    },
    errors,
  )
  return cardView(ctx, {
    status,
    title,
    errors,
    captcha: hasCaptcha(ctx),
    form_targets: targetsOf(journey),
    body: html`
<p>${words(isMail ? 'hosted.check_mail_text' : 'hosted.check_phone_text', { address })}</p>
${postForm(ctx, along('/pages/enter-code', journey), html`${field}${button(words('hosted.continue_button'))}`)}
<div class="more">
${isMail ? html`<p>${words('hosted.nothing_came')}</p>` : ''}
${postForm(ctx, along('/pages/send-again', journey), html`${captchaPart(ctx)}<div class="split"><button class="link">${words('hosted.send_again')}</button><a href="${ctx.address(along(start, journey))}">${words(isMail ? 'hosted.other_address' : 'hosted.other_number')}</a></div>`)}
</div>`,
  })
}
