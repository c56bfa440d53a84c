// /pages/account/factors/add/…: an app, a phone or a key becomes a second step: it is named, set up, and shown once.
import { html } from 'hono/html'
import { accessTokenOf, finishSignIn } from '../hosted/finish-sign-in.ts'
import { type ApiAnswer, goTo, type Html, type PageReply, type PersonCtx } from '../page.ts'
import { inputField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { typedCode, typedPhone } from '../parts/typed.ts'
import { accountView, formPanel } from './account-view.ts'
import { wayBefore } from './after-action.ts'
import { codeField } from './code-field.ts'
import { madeCredential, newCredential } from './new-credential.ts'
import { type FactorType, factorTypesHere, freeName } from './own-factors.ts'
import { qrCode } from './qr-code.ts'

const home = '/pages/account/factors'

/** A factor that is being set up in this browser. */
interface NewFactor {
  /** Whose it is: another person at this browser sees nothing of it. */
  user_id: string
  id: string
  type: FactorType
  challenge_id?: string
  phone?: string
  secret?: string
  uri?: string
}

const titles = {
  totp: 'account.totp_title',
  phone: 'account.factor_phone_title',
  webauthn: 'account.webauthn_title',
} as const

const typeOf = (ctx: PersonCtx): FactorType | undefined =>
  factorTypesHere(ctx).find((type) => type === ctx.path_params.type)

function nameView(ctx: PersonCtx, errors: readonly FormError[], status: number): PageReply {
  const type = typeOf(ctx)
  if (!type) return goTo(home)
  const { words } = ctx
  const name = inputField(
    {
      name: 'name',
      label: words('account.factor_name'),
      hint: words('account.factor_name_hint'),
      value: ctx.form.name ?? freeName(ctx, type),
      maxlength: 100,
      autocomplete: 'off',
    },
    errors,
  )
  const phone =
    type === 'phone'
      ? inputField(
          {
            name: 'phone',
            label: words('account.phone'),
            hint: words('account.phone_hint'),
            type: 'tel',
            value: ctx.form.phone ?? '',
            autocomplete: 'tel',
            required: true,
          },
          errors,
        )
      : ''
  return accountView(ctx, {
    section: 'factors',
    title: words(titles[type]),
    lead: words(`account.factor_${type}_text`),
    errors,
    status,
    body: formPanel(ctx, `${home}/add/${type}`, home, html`${phone}${name}`, words('account.next')),
  })
}

/** GET …/add/:type. */
export const addFactorPage = (ctx: PersonCtx): PageReply => nameView(ctx, [], 200)

/** POST …/add/:type: makes the factor, which counts once it was shown. */
export async function addFactorForm(ctx: PersonCtx): Promise<PageReply> {
  const { words, person } = ctx
  const type = typeOf(ctx)
  if (!type) return goTo(home)
  const friendly_name = (ctx.form.name ?? '').trim()
  const phone = typedPhone(ctx)
  if (friendly_name === '') return nameView(ctx, [{ field: 'name', text: words('account.enter_name') }], 400)
  if (type === 'phone' && phone === '')
    return nameView(ctx, [{ field: 'phone', text: words('account.enter_phone') }], 400)
  const body = { factor_type: type, friendly_name, ...(type === 'phone' && { phone }) }
  const answer = await ctx.api('POST', '/factors', { as: person.token, body })
  if (!answer.ok) return refused(ctx, answer)
  const { id, totp } = Object(answer.body)
  const { secret, uri } = Object(totp)
  const factor: NewFactor = {
    user_id: person.user.id,
    id,
    type,
    ...(type === 'phone' && { phone }),
    ...(type === 'totp' && { secret, uri }),
  }
  if (type !== 'phone') return shown(ctx, factor)
  const asked = await ctx.api('POST', `/factors/${id}/challenge`, { as: person.token, body: {} })
  return asked.ok ? shown(ctx, { ...factor, challenge_id: Object(asked.body).id }) : refused(ctx, asked)
}

function refused(ctx: PersonCtx, answer: ApiAnswer): PageReply {
  const errors = [refusal(ctx, answer, { mfa_factor_name_conflict: 'name', validation_failed: 'phone' })]
  return wayBefore(answer, ctx.path) ?? nameView(ctx, errors, statusOf(answer))
}

/** What was made is kept in this browser, sealed, until it is shown. */
function shown(ctx: PersonCtx, factor: NewFactor): PageReply {
  ctx.keep('factor', factor)
  return goTo(`${home}/show`)
}

function keptFactor(ctx: PersonCtx): NewFactor | null {
  const factor = Object(ctx.kept('factor')) as Partial<NewFactor>
  return factor.id && factor.user_id === ctx.person.user.id ? (factor as NewFactor) : null
}

async function showView(ctx: PersonCtx, errors: readonly FormError[], status: number): Promise<PageReply> {
  const factor = keptFactor(ctx)
  const { words } = ctx
  if (!factor) return goTo(home, { kind: 'error', text: words('account.totp_gone') })
  if (factor.type === 'webauthn') return keyView(ctx, factor)
  const label = factor.type === 'totp' ? words('account.totp_code') : words('account.code')
  const body = formPanel(
    ctx,
    `${home}/show`,
    home,
    html`${factor.type === 'totp' ? appPart(ctx, factor) : ''}${codeField(label, errors)}`,
    words('account.confirm'),
  )
  const lead =
    factor.type === 'totp'
      ? words('account.totp_scan')
      : html`<bdi>${words('account.factor_phone_sent', { phone: factor.phone ?? '' })}</bdi>`
  return accountView(ctx, { section: 'factors', title: words(titles[factor.type]), lead, errors, status, body })
}

function appPart({ words }: PersonCtx, { secret = '', uri = '' }: NewFactor): Html {
  const groups = secret.match(/.{1,4}/g)?.join(' ') ?? secret
  return html`<div class="authenticator">${qrCode(uri, words('account.totp_qr'))}<div><p><strong>${words('account.totp_key')}</strong><br><code>${groups}</code></p><p class="small"><a href="${uri}">${words('account.totp_open')}</a></p></div></div>`
}

async function keyView(ctx: PersonCtx, { id }: NewFactor): Promise<PageReply> {
  const { words } = ctx
  const asked = await ctx.api('POST', `/factors/${id}/challenge`, { as: ctx.person.token, body: {} })
  if (!asked.ok) return goTo(home, { kind: 'error', text: refusal(ctx, asked).text })
  const { id: challenge_id, webauthn } = Object(asked.body)
  return accountView(ctx, {
    section: 'factors',
    title: words('account.webauthn_title'),
    lead: words('account.webauthn_make_text'),
    scripts: ['create-credential.js'],
    body: newCredential(ctx, {
      path: `${home}/show`,
      back: home,
      fields: { challenge_id: String(challenge_id) },
      options: Object(Object(webauthn).credential_options).publicKey,
      label: words('account.webauthn_make'),
      failed: words('account.webauthn_failed'),
    }),
  })
}

/** GET …/show. */
export const showFactorPage = (ctx: PersonCtx): Promise<PageReply> => showView(ctx, [], 200)

/** POST …/show: the first right answer makes it count, and raises this session, which gets a new handle. */
export async function showFactorForm(ctx: PersonCtx): Promise<PageReply> {
  const { words } = ctx
  const factor = keptFactor(ctx)
  if (!factor) return showView(ctx, [], 200)
  const code = typedCode(ctx)
  if (factor.type !== 'webauthn' && code === '')
    return showView(ctx, [{ field: 'code', text: words('account.enter_code') }], 400)
  const answer = await verify(ctx, factor, code)
  const access_token = accessTokenOf(answer.body)
  if (access_token === '') {
    if (factor.type === 'webauthn') return goTo(home, { kind: 'error', text: words('account.webauthn_failed') })
    return showView(
      ctx,
      [refusal(ctx, answer, { mfa_verification_failed: 'code', otp_expired: 'code' })],
      statusOf(answer),
    )
  }
  ctx.keep('factor', null)
  await finishSignIn(ctx, access_token, { attempt: '', redirect_to: '' })
  return goTo(home, { kind: 'success', text: words('account.factor_added') })
}

async function verify(ctx: PersonCtx, { id, type, challenge_id }: NewFactor, code: string): Promise<ApiAnswer> {
  const as = ctx.person.token
  const path = `/factors/${id}/verify`
  if (type === 'webauthn') {
    const webauthn = { type: 'create', credential_response: madeCredential(ctx) }
    return ctx.api('POST', path, { as, body: { challenge_id: ctx.form.challenge_id ?? '', webauthn } })
  }
  if (type === 'phone') return ctx.api('POST', path, { as, body: { challenge_id: challenge_id ?? '', code } })
  const asked = await ctx.api('POST', `/factors/${id}/challenge`, { as, body: {} })
  return asked.ok ? ctx.api('POST', path, { as, body: { challenge_id: Object(asked.body).id, code } }) : asked
}
