// The page behind a link of a mail: only its button uses the link up, so that programs that scan mail cannot.
import { html } from 'hono/html'
import { ownPagePath } from '../../config/pages-address.ts'
import { isAllowedReturn } from '../../flows/steps/answers/allowed-redirect.ts'
import { goTo, type PageCtx, type PageReply, type PageView } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, buttonLink, hiddenField, inputField, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { captchaFields, captchaPart, hasCaptcha } from './captcha.ts'
import { accessTokenOf, bannedPage, finishSignIn } from './finish-sign-in.ts'

/** A link: its secret, what it is for, and where it leads. */
interface Link {
  token: string
  type: string
  /** An allowed address. */
  target: string
}

const titles = {
  signup: 'hosted.confirm_signup',
  invite: 'hosted.confirm_invite',
  recovery: 'hosted.confirm_recovery',
  magiclink: 'hosted.confirm_magiclink',
  email: 'hosted.confirm_magiclink',
  email_change: 'hosted.confirm_email_change',
} as const

const titleOf = (type: string) =>
  Object.hasOwn(titles, type) ? titles[type as keyof typeof titles] : ('hosted.confirm_other' as const)

/** The link of a query or form; where it leads is checked again, whoever wrote it. */
function linkOf({ config }: PageCtx, value: (name: string) => string | null | undefined): Link {
  const asked = value('redirect_to') ?? ''
  const target = isAllowedReturn(asked, config) ? asked : config.site_url
  return { token: value('token') ?? '', type: value('type') ?? '', target }
}

/** Where a link goes on here instead: one that leads to the application's site alone, which may have no page for it. */
function placeHere({ config }: PageCtx, { token, type, target }: Link): string | null {
  // With PKCE the application waits for the code.
  if (target !== config.site_url || token.startsWith('pkce_')) return null
  return type === 'recovery' || type === 'invite' ? '/pages/new-password' : '/pages/signed-in'
}

/** GET /pages/confirm. */
export function showConfirmLink(ctx: PageCtx): PageReply {
  const link = linkOf(ctx, (name) => ctx.query.get(name))
  const { token, type, target } = link
  const here = placeHere(ctx, link)
  const label = here === '/pages/new-password' ? 'account.confirm_here_password' : 'account.confirm_here'
  const stay = here === null ? '' : button(ctx.words(label), { kind: 'quiet', name: 'here', value: 'true' })
  const title = ctx.words(titleOf(type))
  const fields = html`${hiddenField('token', token)}${hiddenField('type', type)}${hiddenField('redirect_to', target)}`
  return cardView(ctx, {
    title,
    form_targets: [target],
    body: html`<p>${ctx.words('hosted.confirm_text')}</p>${postForm(ctx, '/pages/confirm', html`${fields}<div class="stack">${button(title)}${stay}</div>`)}`,
  })
}

/** POST /pages/confirm: signs in here where the link is one of ours, or goes back to the application as its link says. */
export async function confirmLink(ctx: PageCtx): Promise<PageReply> {
  const link = linkOf(ctx, (name) => ctx.form[name])
  const path = ownPagePath(ctx.config, link.target) ?? (ctx.form.here === 'true' ? placeHere(ctx, link) : null)
  return path === null ? confirmForApplication(ctx, link) : confirmHere(ctx, link, path)
}

async function confirmHere(ctx: PageCtx, link: Link, path: string): Promise<PageReply> {
  const answer = await ctx.api('POST', '/verify', { body: { type: link.type, token_hash: link.token } })
  if (answer.code === 'user_banned') return bannedPage(ctx)
  const access_token = accessTokenOf(answer.body)
  if (access_token !== '') return finishSignIn(ctx, access_token, { attempt: '', redirect_to: '' }, path)
  if (!answer.ok) return linkGone(ctx, link)
  const { words } = ctx
  const text = words('hosted.half_way_text')
  return messagePage(ctx, { status: 200, title: words('hosted.half_way_title'), text })
}

async function confirmForApplication(ctx: PageCtx, link: Link): Promise<PageReply> {
  const { token, type, target } = link
  const { headers } = await ctx.api('POST', '/verify/confirm', { form: { token, type, redirect_to: target } })
  const address = headers.get('location')
  if (address === null) return linkGone(ctx, link)
  return /[?&#]error_code=otp_expired(&|$)/.test(address) ? linkGone(ctx, link, address) : { kind: 'leave', address }
}

/** What sends a link of a type once more. */
const again: Readonly<Record<string, { path: string; body: object }>> = {
  signup: { path: '/resend', body: { type: 'signup' } },
  recovery: { path: '/recover', body: {} },
  magiclink: { path: '/pages/otp', body: { create_user: false } },
  email: { path: '/pages/otp', body: { create_user: false } },
}

/**
 * The page of a link that is spent or too old; it offers another, where this server can send one.
 * @param onward where the application would hear of it
 */
function linkGone(
  ctx: PageCtx,
  link: Link,
  onward?: string,
  errors: readonly FormError[] = [],
  status = 410,
): PageView {
  const { words } = ctx
  const { type, token, target } = link
  const title = words('hosted.link_gone_title')
  // An application that began with PKCE holds a secret that another link would not go with.
  const canSend = Object.hasOwn(again, type) && !token.startsWith('pkce_')
  const instead =
    type === 'invite'
      ? words('hosted.link_gone_invite')
      : type === 'email_change'
        ? words('hosted.link_gone_change')
        : words('hosted.link_gone_application')
  const email = inputField(
    { name: 'email', label: words('hosted.email'), type: 'email', autocomplete: 'email', value: ctx.form.email ?? '' },
    errors,
  )
  const fields = html`${hiddenField('type', type)}${hiddenField('redirect_to', target)}${email}${captchaPart(ctx)}${button(words('hosted.send_another'))}`
  const site = URL.canParse(target) ? new URL(target).host : target
  return cardView(ctx, {
    status,
    title,
    captcha: hasCaptcha(ctx),
    errors,
    body: html`
<p>${words('hosted.link_gone_text')} ${canSend ? words('hosted.link_gone_again') : instead}</p>
${canSend ? postForm(ctx, '/pages/send-link', fields) : ''}
${onward === undefined ? '' : html`<p class="ways">${buttonLink(onward, words('hosted.to_application', { site }))}</p>`}`,
  })
}

/** POST /pages/send-link: another link in the place of one that is gone. */
export async function sendAnotherLink(ctx: PageCtx): Promise<PageReply> {
  const link = linkOf(ctx, (name) => ctx.form[name])
  const email = (ctx.form.email ?? '').trim()
  const sends = Object.hasOwn(again, link.type) ? again[link.type] : undefined
  if (!sends) return goTo('/pages/sign-in')
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
    const text = ctx.words(email === '' ? 'hosted.enter_email' : 'hosted.not_an_email')
    return linkGone(ctx, link, undefined, [{ field: 'email', text }], 400)
  }
  const back = new URLSearchParams({ redirect_to: link.target })
  const body = { ...sends.body, email, ...captchaFields(ctx) }
  const answer = await ctx.api('POST', `${sends.path}?${back}`, { body })
  if (!answer.ok)
    return linkGone(ctx, link, undefined, [refusal(ctx, answer, { validation_failed: 'email' })], statusOf(answer))
  const { words } = ctx
  const text = words('hosted.check_mail_link_text', { address: email })
  return messagePage(ctx, { status: 200, title: words('hosted.check_mail_title'), text })
}
