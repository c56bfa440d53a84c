// The second step of a sign-in: an authenticator app, a phone, a security key, or a recovery code.
import { html } from 'hono/html'
import { jsonOrNull } from '../../json-values.ts'
import { goTo, type PageReply, type PageView, type PersonCtx } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, checkField, csrfField, hiddenField, inputField, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { typedCode } from '../parts/typed.ts'
import { accessTokenOf, finishSignIn } from './finish-sign-in.ts'
import { along, arrival, type Journey, journeyOf, targetsOf } from './journey.ts'
import { chosenFactor, type ShownFactor, shownFactors } from './shown-factors.ts'

/** GET /pages/second-factor; `factor` in the address chooses another way. */
export async function showSecondFactor(ctx: PersonCtx): Promise<PageReply> {
  if (ctx.person.next !== 'verify' && !journeyOf(ctx).again) return goTo(arrival(journeyOf(ctx)))
  return view(ctx, await shownFactors(ctx), [], 200)
}

/** POST /pages/second-factor/challenge: a code is sent to the phone. */
export async function sendFactorCode(ctx: PersonCtx): Promise<PageReply> {
  const factors = await shownFactors(ctx)
  const factor = chosenFactor(ctx, factors)
  if (factor?.kind !== 'phone') return view(ctx, factors, [], 400)
  const asked = await ctx.api('POST', `/factors/${factor.id}/challenge`, { as: ctx.person.token, body: {} })
  if (!asked.ok) return view(ctx, factors, [refusal(ctx, asked)], statusOf(asked))
  ctx.keep('challenge', { factor_id: factor.id, challenge_id: Object(asked.body).id })
  return goTo(along('/pages/second-factor', journeyOf(ctx), { factor: factor.id }))
}

/** POST /pages/second-factor/options: what the browser asks the security key. */
export async function factorOptions(ctx: PersonCtx): Promise<PageReply> {
  const factor = chosenFactor(ctx, await shownFactors(ctx))
  if (factor?.kind !== 'webauthn') return { kind: 'data', status: 400, data: {} }
  const { status, body } = await ctx.api('POST', `/factors/${factor.id}/challenge`, { as: ctx.person.token, body: {} })
  const { id, webauthn } = Object(body)
  const options: unknown = Object(Object(webauthn).credential_options).publicKey
  return { kind: 'data', status, data: { challenge_id: id, options } }
}

/** POST /pages/second-factor: the answer raises the session. */
export async function takeSecondFactor(ctx: PersonCtx): Promise<PageReply> {
  const factors = await shownFactors(ctx)
  const factor = chosenFactor(ctx, factors)
  if (!factor) return view(ctx, factors, [], 400)
  const code = (ctx.form.code ?? '').trim()
  if (factor.kind !== 'webauthn' && code === '')
    return view(ctx, factors, [{ field: 'code', text: ctx.words('hosted.enter_code') }], 400)
  const answer = await verify(ctx, factor, code)
  const access_token = accessTokenOf(answer.body)
  if (access_token !== '') {
    ctx.keep('challenge', null)
    return finishSignIn(ctx, access_token, journeyOf(ctx))
  }
  const fields = { mfa_verification_failed: 'code', otp_expired: 'code' }
  return view(ctx, factors, [refusal(ctx, answer, fields)], statusOf(answer))
}

async function verify(ctx: PersonCtx, { id, kind }: ShownFactor, typed: string) {
  const as = ctx.person.token
  const trust_device = ctx.form.trust_device === 'true'
  if (kind === 'recovery')
    return ctx.api('POST', '/factors/recovery-codes/verify', { as, body: { code: typed, trust_device } })
  const code = typedCode(ctx)
  const path = `/factors/${id}/verify`
  if (kind === 'webauthn') {
    const { challenge_id = '', credential = '' } = ctx.form
    const webauthn = { type: 'request', credential_response: jsonOrNull(credential) }
    return ctx.api('POST', path, { as, body: { challenge_id, webauthn, trust_device } })
  }
  const kept = Object(ctx.kept('challenge'))
  if (kind === 'phone')
    return ctx.api('POST', path, {
      as,
      body: { code, challenge_id: kept.factor_id === id ? kept.challenge_id : '', trust_device },
    })
  const asked = await ctx.api('POST', `/factors/${id}/challenge`, { as, body: {} })
  return asked.ok
    ? ctx.api('POST', path, { as, body: { code, challenge_id: Object(asked.body).id, trust_device } })
    : asked
}

function view(ctx: PersonCtx, factors: readonly ShownFactor[], errors: readonly FormError[], status: number): PageView {
  const { words } = ctx
  const journey = journeyOf(ctx)
  const factor = chosenFactor(ctx, factors)
  if (!factor)
    return messagePage(ctx, {
      status: 403,
      title: words('hosted.factor_none_title'),
      text: words('hosted.factor_none_text'),
      path: '/pages/sign-out',
      label: words('parts.sign_out'),
    })
  const title = words('hosted.factor_title')
  const others = factors.filter(({ id }) => id !== factor.id)
  const links = others.map(
    ({ id, kind, name }) =>
      html`<p><a href="${ctx.address(along('/pages/second-factor', journey, { factor: id }))}">${wayText(ctx, kind)}${name === '' ? '' : html` (<bdi>${name}</bdi>)`}</a></p>`,
  )
  return cardView(ctx, {
    status,
    title,
    errors,
    scripts: factor.kind === 'webauthn' ? ['passkey.js'] : [],
    form_targets: targetsOf(journey),
    body: html`
${formOf(ctx, factor, journey, errors)}
<div class="more">${links}<p><a href="${ctx.address(along('/pages/sign-out', journey))}">${words('parts.sign_out')}</a></p></div>`,
  })
}

const wayTexts = {
  totp: 'hosted.factor_way_totp',
  phone: 'hosted.factor_way_phone',
  webauthn: 'hosted.factor_way_key',
  recovery: 'hosted.factor_way_recovery',
} as const
const wayText = (ctx: PersonCtx, kind: ShownFactor['kind']): string => ctx.words(wayTexts[kind])

const day_ms = 86_400_000

/** The question whether this device is spared the second step for a while, where that can be asked. */
function trustField({ config, words }: PersonCtx) {
  if (!config.mfa_trusted_devices) return ''
  const count = Math.max(1, Math.floor(Math.min(config.mfa_trusted_device_duration, 30 * day_ms) / day_ms))
  return checkField({ name: 'trust_device', label: words('account.trust_device', { count }) })
}

function formOf(ctx: PersonCtx, factor: ShownFactor, journey: Journey, errors: readonly FormError[]) {
  const { words } = ctx
  const { kind, id, digits } = factor
  const here = along('/pages/second-factor', journey, { factor: id })
  const challenge = along('/pages/second-factor/challenge', journey, { factor: id })
  const codeForm = (label: string, isOfDigits: boolean) => {
    const field = inputField(
      {
        name: 'code',
        label,
        autocomplete: isOfDigits ? 'one-time-code' : 'off',
        inputmode: isOfDigits ? 'numeric' : 'text',
        code: true,
        maxlength: 64,
        required: true,
        autofocus: true,
      },
      errors,
    )
    return postForm(ctx, here, html`${field}${trustField(ctx)}${button(words('hosted.verify_button'))}`)
  }
  if (kind === 'totp') return html`<p>${words('hosted.factor_totp_text')}</p>${codeForm(words('hosted.code'), true)}`
  if (kind === 'recovery')
    return html`<p>${words('hosted.factor_recovery_text')}</p>${codeForm(words('hosted.factor_recovery_code'), false)}`
  if (kind === 'webauthn')
    return html`<p>${words('hosted.factor_key_text')}</p><noscript><p class="error">${words('hosted.needs_script')}</p></noscript>
<form method="post" hidden action="${ctx.address(here)}" data-passkey="${ctx.address(along('/pages/second-factor/options', journey, { factor: id }))}" data-at-once>${csrfField(ctx)}${hiddenField('challenge_id', '')}${hiddenField('credential', '')}${trustField(ctx)}
<button type="button">${words('hosted.factor_key_button')}</button><p class="error" role="alert" hidden>${words('hosted.factor_key_failed')}</p></form>`
  const isSent = Object(ctx.kept('challenge')).factor_id === id
  if (!isSent)
    return html`<p>${words('hosted.factor_phone_text', { digits })}</p>${postForm(ctx, challenge, button(words('hosted.factor_phone_button')))}`
  return html`<p>${words('hosted.factor_phone_sent', { digits })}</p>${codeForm(words('hosted.code'), true)}
${postForm(ctx, challenge, html`<button class="link">${words('hosted.send_again')}</button>`, { className: 'after' })}`
}
