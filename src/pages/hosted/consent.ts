// /pages/consent: an application asks to use the account of the person, who agrees or not (RFC 6749 §10.2, RFC 9700 §4.13).
import { html } from 'hono/html'
import { goTo, type PageReply, type PageView, type PersonCtx } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, buttonLink, hiddenField, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'
import { type Application, nameOfApplication, requestedPart } from './requested.ts'

/** What the API says of a request. */
interface Asked {
  redirect_uri: string
  client: Application
  scope: string
}

const pathOf = (id: string): string => `/oauth/authorizations/${encodeURIComponent(id)}`

/** GET: asks; whoever agreed to as much before goes on at once, as recorded. */
export async function showConsent(ctx: PersonCtx): Promise<PageReply> {
  const id = ctx.query.get('authorization_id') ?? ''
  const answer = await ctx.api('GET', pathOf(id), { as: ctx.person.token })
  const { redirect_url, ...asked } = Object(answer.body)
  if (answer.code === 'reauthentication_needed') return goTo(signInAgain(id))
  if (!answer.ok) return overPage(ctx, answer.status)
  if (typeof redirect_url === 'string') return goOn(ctx, redirect_url)
  return view(ctx, id, asked as Asked)
}

/**
 * To the application by a page, not a redirect: it would belong to the form that somebody signed in by just before, and
 * browsers let that lead nowhere else (`form-action` holds for all redirects of a form).
 */
function goOn(ctx: PersonCtx, goes_to: string): PageView {
  const { host, protocol } = new URL(goes_to)
  const title = ctx.words('hosted.to_application', { site: host || protocol })
  const way = buttonLink(goes_to, title, 'primary')
  return cardView(ctx, { title, goes_to, body: html`<p class="ways">${way}</p>` })
}

/** The way to sign in as somebody else, or once more, and back here. */
const signInAgain = (id: string): string =>
  `/pages/sign-in?${new URLSearchParams({ prompt: 'login', redirect_to: `/pages/consent?authorization_id=${id}` })}`

async function view(ctx: PersonCtx, id: string, { redirect_uri, client, scope }: Asked): Promise<PageReply> {
  const { words, address } = ctx
  const title = words('hosted.consent_title', { application: nameOfApplication(ctx, client) })
  const { protocol, host } = new URL(redirect_uri)
  // An address of the web says who asks; one of an application on the device says nothing.
  const site = /^https?:$/.test(protocol) ? host : ''
  const back = site === '' ? words('hosted.consent_returns_app') : words('hosted.consent_returns', { site })
  const choices = html`${hiddenField('authorization_id', id)}<div class="stack">${button(
    words('hosted.consent_allow'),
    {
      name: 'action',
      value: 'approve',
    },
  )}${button(words('hosted.consent_deny'), { kind: 'quiet', name: 'action', value: 'deny' })}</div>`
  return cardView(ctx, {
    title,
    form_targets: [redirect_uri],
    body: html`${await requestedPart(ctx, client, scope)}<p>${back}</p>
<p class="dim">${words('hosted.consent_take_back')}</p>${postForm(ctx, '/pages/consent', choices)}
<p class="ways"><a href="${address(signInAgain(id))}">${words('hosted.consent_other')}</a></p>`,
  })
}

/** POST: tells the application. */
export async function giveConsent(ctx: PersonCtx): Promise<PageReply> {
  const { authorization_id = '', action = '' } = ctx.form
  const body = { action: action === 'approve' ? 'approve' : 'deny' }
  const answer = await ctx.api('POST', `${pathOf(authorization_id)}/consent`, { as: ctx.person.token, body })
  const { redirect_url } = Object(answer.body)
  return answer.ok ? { kind: 'leave', address: String(redirect_url) } : overPage(ctx, answer.status)
}

function overPage(ctx: PersonCtx, status: number): PageReply {
  if (status === 401) return goTo('/pages/sign-in')
  if (status >= 500) throw new Error(`a request of an application could not be read: status ${status}`)
  const { words } = ctx
  return messagePage(ctx, {
    status: 410,
    title: words('hosted.consent_over_title'),
    text: words('hosted.consent_over_text'),
    path: '/pages/account',
    label: words('parts.go_to_account'),
  })
}
