// The page to sign in: with a password, a code, a passkey, a wallet, a provider, or without an account.
import { html } from 'hono/html'
import { goTo, type Html, type PageCtx, type PageReply, type PageView } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { allWaysOf, waysOf } from '../parts/ways.ts'
import { captchaFields, captchaPart, captchaScripts, hasCaptcha } from './captcha.ts'
import { type CodeStep, goesOn, keepStep, sendCode } from './code-step.ts'
import { accessTokenOf, bannedPage, finishSignIn } from './finish-sign-in.ts'
import { aboutIdentifier, identifierField, identifierName, readIdentifier } from './identifier.ts'
import { along, arrival, type Journey, journeyOf, targetsOf } from './journey.ts'
import { otherWays, scriptsOfWays } from './other-ways.ts'
import { passwordField, passwordScript } from './password.ts'

/** GET /pages/sign-in; whoever is signed in goes on, unless the address says `prompt=login` (OpenID Connect Core §3.1.2.1). */
export function showSignIn(ctx: PageCtx): Promise<PageReply> | PageReply {
  if (ctx.person && ctx.query.get('prompt') !== 'login') return goTo(arrival(journeyOf(ctx)))
  return view(ctx, { identifier: '', errors: [], status: 200 })
}

/** POST /pages/sign-in: checks the password, or sends a link or code. */
export async function signIn(ctx: PageCtx): Promise<PageReply> {
  const read = readIdentifier(ctx)
  const byCode = ctx.form.way === 'code'
  const password = ctx.form.password ?? ''
  const errors = [
    ...('error' in read ? [read.error] : []),
    ...(!byCode && password === '' ? [{ field: 'password', text: ctx.words('hosted.enter_password') }] : []),
  ]
  if ('error' in read || errors.length > 0) return view(ctx, { identifier: read.text, errors, status: 400 })
  const journey = journeyOf(ctx)
  if (byCode) return sendTo(ctx, { purpose: 'sign_in', address: read.address }, read.text, journey)
  const body = { ...read.address, password, ...captchaFields(ctx) }
  const answer = await ctx.api('POST', '/token?grant_type=password', { body })
  const access_token = accessTokenOf(answer.body)
  if (access_token !== '') return finishSignIn(ctx, access_token, journey)
  if (answer.code === 'user_banned') return bannedPage(ctx)
  if (answer.code === 'email_not_confirmed' || answer.code === 'phone_not_confirmed')
    return notConfirmed(ctx, { purpose: 'confirm', address: read.address }, journey)
  const fields = { ...aboutIdentifier, invalid_credentials: identifierName }
  return view(ctx, { identifier: read.text, errors: [refusal(ctx, answer, fields)], status: statusOf(answer) })
}

async function sendTo(ctx: PageCtx, step: CodeStep, identifier: string, journey: Journey): Promise<PageReply> {
  const answer = await sendCode(ctx, step, journey)
  if (!goesOn(answer, step))
    return view(ctx, { identifier, errors: [refusal(ctx, answer, aboutIdentifier)], status: statusOf(answer) })
  keepStep(ctx, step)
  return goTo(along('/pages/enter-code', journey))
}

/** The right password of an account whose address nobody proved: the mail is sent again by a button. */
function notConfirmed(ctx: PageCtx, step: CodeStep, journey: Journey): PageView {
  keepStep(ctx, step)
  const { words } = ctx
  const title = words('hosted.not_confirmed_title')
  const text = words('email' in step.address ? 'hosted.not_confirmed_text' : 'hosted.not_confirmed_text_phone')
  const form = html`${captchaPart(ctx)}${button(words('hosted.send_again'))}`
  return cardView(ctx, {
    status: 403,
    title,
    captcha: hasCaptcha(ctx),
    body: html`<p>${text}</p>${postForm(ctx, along('/pages/send-again', journey), form)}
<div class="more"><p><a href="${ctx.address(along('/pages/sign-in', journey))}">${words('hosted.back_to_sign_in')}</a></p></div>`,
  })
}

interface Shown {
  identifier: string
  errors: readonly FormError[]
  status: number
}

/** The page, with what is wrong and what was filled in. */
export async function view(ctx: PageCtx, { identifier, errors, status }: Shown): Promise<PageView> {
  const { words } = ctx
  const ways = await allWaysOf(ctx)
  const journey = journeyOf(ctx)
  const title = words('hosted.sign_in_title')
  const hasForm = ways.email || ways.phone
  const others = otherWays(ctx, ways, journey)
  if (!hasForm && others === null)
    return messagePage(ctx, { status: 404, title: words('hosted.no_ways_title'), text: words('hosted.no_ways_text') })
  const signUp = html`<div class="more"><p>${words('hosted.new_here')} <a href="${ctx.address(along('/pages/sign-up', journey))}">${words('hosted.create_account')}</a></p></div>`
  return cardView(ctx, {
    status,
    title,
    errors,
    captcha: hasCaptcha(ctx),
    scripts: [...captchaScripts(ctx), ...(hasForm ? [passwordScript] : []), ...scriptsOfWays(ways)],
    form_targets: targetsOf(journey),
    body: html`
${hasForm ? passwordForm(ctx, journey, identifier, errors) : captchaPart(ctx)}
${hasForm && others !== null ? html`<p class="or">${words('hosted.or')}</p>` : ''}
${others ?? ''}
${hasForm && ways.sign_up ? signUp : ''}`,
  })
}

function passwordForm(ctx: PageCtx, journey: Journey, identifier: string, errors: readonly FormError[]): Html {
  const { words } = ctx
  const { code, passkey } = waysOf(ctx)
  const forgot = html`<p class="beside"><a href="${ctx.address(along('/pages/forgot-password', journey))}">${words('hosted.forgot')}</a></p>`
  const instead = code ? button(words('hosted.code_instead'), { kind: 'quiet', name: 'way', value: 'code' }) : ''
  return postForm(
    ctx,
    along('/pages/sign-in', journey),
    html`${identifierField(ctx, { value: identifier, errors, passkeys: passkey })}
${passwordField(ctx, errors, forgot)}
${captchaPart(ctx)}
<div class="stack">${button(words('hosted.sign_in_button'))}${instead}</div>`,
  )
}
