// /pages/device: a person types the code of a device that has no keyboard, and lets it in (RFC 8628 §3.3).
import { html } from 'hono/html'
import { done, goTo, type PageReply, type PageView, type PersonCtx } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, inputField, postForm } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { notFoundPage } from '../parts/problem-pages.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { type Application, nameOfApplication, requestedPart } from './requested.ts'

const isOff = ({ config }: PersonCtx): boolean =>
  !config.oauth_server_enabled || !config.oauth_features.includes('device')

/** GET; a code in the address is filled in, and has to be looked at all the same (RFC 8628 §5.4). */
export const showDevice = (ctx: PersonCtx): PageReply =>
  isOff(ctx) ? notFoundPage(ctx) : view(ctx, (ctx.query.get('user_code') ?? '').slice(0, 32), [], 200)

function view(ctx: PersonCtx, user_code: string, errors: readonly FormError[], status: number): PageView {
  const { words } = ctx
  const title = words('hosted.device_title')
  const field = inputField(
    {
      name: 'user_code',
      label: words('hosted.device_code'),
      hint: words('hosted.device_code_hint'),
      value: user_code,
      autocomplete: 'off',
      code: true,
      maxlength: 32,
    },
    errors,
  )
  return cardView(ctx, {
    status,
    title,
    errors,
    body: html`<p>${words('hosted.device_text')}</p>
${postForm(ctx, '/pages/device', html`${field}${button(words('hosted.continue_button'))}`)}`,
  })
}

/** What the API says of a device that waits. */
interface Waiting {
  user_code: string
  client: Application
  scope: string
}

async function read(ctx: PersonCtx, user_code: string): Promise<Waiting | PageReply> {
  const answer = await ctx.api('POST', '/oauth/device', { as: ctx.person.token, body: { user_code } })
  if (answer.ok) return answer.body as Waiting
  const error =
    answer.status === 404
      ? { field: 'user_code', text: ctx.words('hosted.device_unknown') }
      : refusal(ctx, answer, { over_request_rate_limit: 'user_code' })
  return view(ctx, user_code, [error], statusOf(answer))
}

/** POST /pages/device: looks for the device, and shows what asks on a page of its own. */
export async function findDevice(ctx: PersonCtx): Promise<PageReply> {
  if (isOff(ctx)) return notFoundPage(ctx)
  const typed = (ctx.form.user_code ?? '').slice(0, 32)
  if (typed.trim() === '') return view(ctx, '', [{ field: 'user_code', text: ctx.words('hosted.enter_code') }], 400)
  const found = await read(ctx, typed)
  if ('kind' in found) return found
  ctx.keep('device', found.user_code)
  return goTo('/pages/device/confirm')
}

/** GET /pages/device/confirm. */
export async function showDeviceRequest(ctx: PersonCtx): Promise<PageReply> {
  const code = ctx.kept('device')
  if (isOff(ctx) || typeof code !== 'string') return goTo('/pages/device')
  const found = await read(ctx, code)
  if ('kind' in found) return found
  const { words } = ctx
  const title = words('hosted.device_confirm_title', { application: nameOfApplication(ctx, found.client) })
  const choices = html`<div class="stack">${button(words('hosted.device_allow'), { name: 'action', value: 'approve' })}${button(
    words('hosted.device_deny'),
    { kind: 'quiet', name: 'action', value: 'deny' },
  )}</div>`
  return cardView(ctx, {
    title,
    body: html`<p class="shown-code">${found.user_code}</p><p>${words('hosted.device_check')}</p>
${await requestedPart(ctx, found.client, found.scope)}<p class="dim">${words('hosted.consent_take_back')}</p>
${postForm(ctx, '/pages/device/confirm', choices)}`,
  })
}

/** POST /pages/device/confirm: lets the device in, or not. */
export async function decideOnDevice(ctx: PersonCtx): Promise<PageReply> {
  const user_code = ctx.kept('device')
  if (isOff(ctx) || typeof user_code !== 'string') return goTo('/pages/device')
  const action = ctx.form.action === 'approve' ? 'approve' : 'deny'
  const body = { user_code, action }
  const answer = await ctx.api('POST', '/oauth/device/consent', { as: ctx.person.token, body })
  ctx.keep('device', null)
  if (!answer.ok) {
    const text = answer.status === 404 ? ctx.words('hosted.device_unknown') : refusal(ctx, answer).text
    return goTo('/pages/device', { kind: 'error', text })
  }
  return goTo(
    '/pages/device',
    done(ctx.words(action === 'approve' ? 'hosted.device_connected' : 'hosted.device_denied')),
  )
}
