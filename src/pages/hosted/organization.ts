// Signing in through the identity provider of a company, which the domain of an address finds (SAML 2.0).
import { html } from 'hono/html'
import type { PageCtx, PageReply, PageView } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, buttonLink, inputField, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { captchaFields, captchaPart, hasCaptcha } from './captcha.ts'
import { along, journeyOf } from './journey.ts'
import { newTrip } from './with-provider.ts'

/** GET /pages/organization. */
export const showOrganization = (ctx: PageCtx): PageReply => view(ctx, '', [], 200)

/** POST /pages/organization: finds the provider, and shows the way there. */
export async function findOrganization(ctx: PageCtx): Promise<PageReply> {
  const typed = (ctx.form.organization ?? '').trim()
  const domain = (typed.split('@').at(-1) ?? '').toLowerCase()
  if (!/^[^\s@/]+\.[^\s@/]+$/.test(domain))
    return view(ctx, typed, [{ field: 'organization', text: ctx.words('hosted.enter_organization') }], 400)
  const { pkce, keep } = newTrip(ctx, 'sso')
  const body = { domain, redirect_to: ctx.absolute('/pages/callback'), skip_http_redirect: true, ...pkce }
  const answer = await ctx.api('POST', '/sso', { body: { ...body, ...captchaFields(ctx) } })
  const { url } = Object(answer.body)
  if (!answer.ok || typeof url !== 'string')
    return view(ctx, typed, [refusal(ctx, answer, { sso_provider_not_found: 'organization' })], statusOf(answer))
  keep()
  // A link and not a redirect: the policy of this page lets no form lead anywhere else.
  const title = ctx.words('hosted.organization_found', { domain })
  const way = buttonLink(url, ctx.words('hosted.to_application', { site: new URL(url).host }), 'primary')
  return cardView(ctx, { title, body: html`<p class="ways">${way}</p>` })
}

function view(ctx: PageCtx, typed: string, errors: readonly FormError[], status: number): PageView {
  const { words } = ctx
  const title = words('hosted.organization_title')
  const journey = journeyOf(ctx)
  if (!ctx.config.saml_enabled) return messagePage(ctx, { status: 404, title, text: words('errors.organization_off') })
  const field = inputField(
    {
      name: 'organization',
      label: words('hosted.organization_label'),
      type: 'text',
      inputmode: 'email',
      autocomplete: 'email',
      value: typed,
      required: true,
    },
    errors,
  )
  const form = html`${field}${captchaPart(ctx)}${button(words('hosted.continue_button'))}`
  return cardView(ctx, {
    status,
    title,
    errors,
    captcha: hasCaptcha(ctx),
    body: html`
${postForm(ctx, along('/pages/organization', journey), form)}
<div class="more"><p><a href="${ctx.address(along('/pages/sign-in', journey))}">${words('hosted.back_to_sign_in')}</a></p></div>`,
  })
}
