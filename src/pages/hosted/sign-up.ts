// The page to make an account.
import { html } from 'hono/html'
import { goTo, type PageCtx, type PageReply, type PageView } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { allWaysOf, waysOf } from '../parts/ways.ts'
import { captchaFields, captchaPart, captchaScripts, hasCaptcha } from './captcha.ts'
import { arrivalOf, goesOn, keepStep, sendCode } from './code-step.ts'
import { accessTokenOf, finishSignIn } from './finish-sign-in.ts'
import { aboutIdentifier, identifierField, readIdentifier } from './identifier.ts'
import { along, type Journey, journeyOf, targetsOf } from './journey.ts'
import { otherWays, scriptsOfWays } from './other-ways.ts'
import { missingPassword, newPasswordField, passwordScript, weakness } from './password.ts'

/** GET /pages/sign-up. */
export const showSignUp = (ctx: PageCtx): Promise<PageReply> => view(ctx, '', [], 200)

/** POST /pages/sign-up: makes the account; where its address must be confirmed first, a mail or message is on its way. */
export async function signUp(ctx: PageCtx): Promise<PageReply> {
  const { sign_up, email, phone } = waysOf(ctx)
  if (!sign_up || !(email || phone)) return view(ctx, '', [], 403)
  const read = readIdentifier(ctx)
  const byCode = ctx.form.way === 'code'
  const password = ctx.form['new-password'] ?? ''
  const missing = byCode ? null : missingPassword(ctx, password)
  const errors = [...('error' in read ? [read.error] : []), ...(missing ? [missing] : [])]
  if ('error' in read || errors.length > 0) return view(ctx, read.text, errors, 400)
  const journey = journeyOf(ctx)
  const { address } = read
  const step = { purpose: byCode ? ('sign_up' as const) : ('confirm' as const), address }
  const answer = byCode
    ? await sendCode(ctx, step, journey)
    : await ctx.api('POST', `/signup?${new URLSearchParams({ redirect_to: ctx.absolute(arrivalOf(step, journey)) })}`, {
        body: { ...address, password, ...captchaFields(ctx) },
      })
  const access_token = accessTokenOf(answer.body)
  if (access_token !== '') return finishSignIn(ctx, access_token, journey)
  if (!goesOn(answer, step)) {
    const error = weakness(ctx, answer) ?? refusal(ctx, answer, aboutIdentifier)
    return view(ctx, read.text, [error], statusOf(answer))
  }
  keepStep(ctx, step)
  return goTo(along('/pages/enter-code', journey))
}

async function view(ctx: PageCtx, identifier: string, errors: readonly FormError[], status: number): Promise<PageView> {
  const { words } = ctx
  const ways = await allWaysOf(ctx)
  const journey = journeyOf(ctx)
  const title = words('hosted.sign_up_title')
  if (!ways.sign_up)
    return messagePage(ctx, {
      status: 403,
      title: words('hosted.sign_up_off_title'),
      text: words('hosted.sign_up_off_text'),
      path: along('/pages/sign-in', journey),
      label: words('hosted.sign_in_button'),
    })
  const hasForm = ways.email || ways.phone
  // A passkey is no way to make an account.
  const others = otherWays(ctx, { ...ways, passkey: false }, journey)
  return cardView(ctx, {
    status,
    title,
    errors,
    captcha: hasCaptcha(ctx),
    scripts: [
      ...captchaScripts(ctx),
      ...(hasForm ? [passwordScript] : []),
      ...scriptsOfWays({ ...ways, passkey: false }),
    ],
    form_targets: targetsOf(journey),
    body: html`
${hasForm ? form(ctx, journey, identifier, errors) : captchaPart(ctx)}
${hasForm && others !== null ? html`<p class="or">${words('hosted.or')}</p>` : ''}
${others ?? ''}
<div class="more"><p>${words('hosted.have_account')} <a href="${ctx.address(along('/pages/sign-in', journey))}">${words('hosted.sign_in_instead')}</a></p></div>`,
  })
}

function form(ctx: PageCtx, journey: Journey, identifier: string, errors: readonly FormError[]) {
  const { words } = ctx
  const instead = waysOf(ctx).code
    ? button(words('hosted.code_instead'), { kind: 'quiet', name: 'way', value: 'code' })
    : ''
  return postForm(
    ctx,
    along('/pages/sign-up', journey),
    html`${identifierField(ctx, { value: identifier, errors })}
${newPasswordField(ctx, words('hosted.choose_password'), errors)}
${captchaPart(ctx)}
<div class="stack">${button(words('hosted.sign_up_button'))}${instead}</div>`,
  )
}
